"""The page: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from convt_conformance.records import Record
from convt_reports.charts import charts
from convt_reports.extras import NO_EXTRAS, Extras
from convt_reports.findings import MOST_PAIRS, Code, Findings, rows
from convt_reports.kills import family_table
from convt_reports.load import labels
from convt_reports.mutants import figure_table
from convt_reports.tables import TABLES, Frames
from convt_reports.tables.agreement import agreement_matrix
from convt_reports.tables.causes import power_matrix
from convt_reports.tables.exports import figures as export_figures
from convt_reports.tables.exports import lost
from convt_reports.tables.readings import matrix
from convt_reports.tables.verdicts import cells
from convt_reports.translations import translation_matrix
from convt_spec import clauses
from convt_spec.clauses import Clause

TEMPLATES = Path(__file__).parent / "templates"
MARKS = {"conforms": "\u2713", "failed": "\u2717", "listed": "!", "unsupported": "\u2013", "not-judged": "?"}
"""A verdict in one letter."""
MOST_WORDED = 8
"""Implementations whose verdicts stand in the page in words; of more they are marks."""
MOST_VALUES = 24
"""Values of an attribute whose counts the page holds; the tables hold all."""
Row = dict[Any, Any]


def index_page(records: Sequence[Record], tables: Frames, found: Findings, extras: Extras = NO_EXTRAS) -> str:
    """The whole page; every text from a file is escaped by the template."""
    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.tests["code"] = lambda part: isinstance(part, Code)
    environment.tests["web_address"] = lambda text: text.startswith(("https://", "http://"))
    deviations = deviation_cards(tables["deviations"])
    page = environment.get_template("report.html").render(
        style=(TEMPLATES / "style.css").read_text(encoding="utf-8"),
        labels=list(labels(records)),
        dense=len(records) > MOST_WORDED,
        marks=MARKS,
        found=found,
        runs=rows(tables["runs"]),
        verdicts=verdict_rows(records, {(card["implementation"], card["clause"]): card["id"] for card in reversed(deviations)}),
        readings=reading_rows(tables["readings"]),
        deviations=deviations,
        deviation_anchors={card["clause"]: card["id"] for card in reversed(deviations)},
        reading_anchors={clause.id: f"reading-{clause.id}" for clause in clauses.inventory().values()},
        causes=rows(tables["causes"]),
        power=rows(power_matrix(tables["power"], list(labels(records)))),
        agreement=rows(tables["agreement"].astype({"share": "float64"})),
        shares=rows(agreement_matrix(tables["agreement"], list(labels(records)))) if len(tables["agreement"]) > MOST_PAIRS else [],
        exports=rows(export_figures(tables["exports"])),
        lost=rows(lost(tables["exports"])),
        claims=rows(tables["claims"]),
        unsupported=unsupported_groups(tables["unsupported"]),
        coverage=[(name, len(group), shown_values(group)) for name, group in tables["coverage"].groupby("attribute", sort=False)],
        files=[*TABLES, *extras.tables],
        clauses=clauses.inventory(),
        extras=extras,
        families=rows(family_table(extras.kills)) if extras.kills else [],
        charts=charts(extras.kills) if extras.kills else [],
        translation_rows=rows(translation_matrix(extras.translations)) if extras.translations else [],
        figures=rows(figure_table(extras.mutants)) if extras.mutants else [],
    )
    return page + "\n"


def verdict_rows(records: Sequence[Record], anchors: dict[tuple[str, str], str]) -> list[Row]:
    """A row per clause with a cell per implementation; `plain` rows are those in which nothing fails."""
    found = cells(records).to_dict("index")
    return [verdict_row(clause, list(labels(records)), found, anchors) for clause in clauses.inventory().values()]


def verdict_row(clause: Clause, names: list[str], found: dict[Any, Row], anchors: dict[tuple[str, str], str]) -> Row:
    missing = {"verdict": "not judged", "kind": "", "failed": False, "listed": False}
    seen = [{**found.get((clause.id, name), missing), "anchor": anchors.get((name, clause.id), "")} for name in names]
    for each in seen:
        each["look"] = "listed" if each["listed"] else "failed" if each["failed"] else each["verdict"].replace(" ", "-")
    return {"clause": clause, "cells": seen, "plain": not any(each["failed"] for each in seen)}


def reading_rows(table: pd.DataFrame) -> list[Row]:
    """A row per clause with several readings: in short, and with each implementation's telling case."""
    details = {clause: rows(group) for clause, group in table.groupby("clause", sort=False)}
    return [{"clause": clauses.find(short["clause"]), "details": details[short["clause"]]} for short in rows(matrix(table))]


def deviation_cards(table: pd.DataFrame) -> list[Row]:
    """A card per failed law; `seen` holds its case, or one for each refuted reading."""
    cards = []
    for number, (_, group) in enumerate(table.groupby(["implementation", "law"], sort=False), 1):
        seen = [row for row in rows(group) if row["case"]]
        cards.append({**rows(group)[0], "id": f"deviation-{number}", "seen": seen})
    return cards


def shown_values(group: pd.DataFrame) -> list[Row]:
    """The values of an attribute in their order, or those that most cases had."""
    cases = group.drop(columns=["attribute", "value"]).sum(axis=1)
    return rows(group.loc[cases.nlargest(MOST_VALUES).index.sort_values()])


def unsupported_groups(table: pd.DataFrame) -> list[Row]:
    """Per implementation the reasons, each with its clauses."""
    groups = table.groupby(["implementation", "reason"], sort=False)["clause"]
    return [{"implementation": name, "reason": reason, "clauses": list(dict.fromkeys(each))} for (name, reason), each in groups]
