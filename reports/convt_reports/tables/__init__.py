"""The tables of a report: each a pandas frame made by one function of the records, with a sentence for every column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from convt_conformance.records import Record
from convt_reports.tables.agreement import COLUMNS as AGREEMENT_COLUMNS
from convt_reports.tables.agreement import agreement
from convt_reports.tables.causes import CAUSE_COLUMNS, POWER_COLUMNS, causes, power
from convt_reports.tables.claims import COLUMNS as CLAIM_COLUMNS
from convt_reports.tables.claims import claims
from convt_reports.tables.exports import COLUMNS as EXPORT_COLUMNS
from convt_reports.tables.exports import exports
from convt_reports.tables.readings import COLUMNS as READING_COLUMNS
from convt_reports.tables.readings import readings
from convt_reports.tables.runs import COVERAGE_COLUMNS, RUN_COLUMNS, coverage, runs
from convt_reports.tables.verdicts import DEVIATION_COLUMNS, UNSUPPORTED_COLUMNS, VERDICT_COLUMNS, deviations, unsupported, verdicts

Frames = dict[str, pd.DataFrame]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table's file name, what it holds, what its columns mean (`*`: one column per implementation), and how it is made."""

    name: str
    about: str
    columns: dict[str, str]
    build: Callable[[Sequence[Record]], pd.DataFrame]


TABLES = (
    Table(name="verdicts", about="Which clause holds where.", columns=VERDICT_COLUMNS, build=verdicts),
    Table(name="deviations", about="What fails, each with its smallest case.", columns=DEVIATION_COLUMNS, build=deviations),
    Table(
        name="causes", about="What is behind the new failures: each condition with its smallest case.", columns=CAUSE_COLUMNS, build=causes
    ),
    Table(
        name="readings", about="Which reading of an ambiguous or contradictory clause is followed.", columns=READING_COLUMNS, build=readings
    ),
    Table(
        name="agreement",
        about="Who computes the same: pair by pair, over a panel of cases that is the same for everybody.",
        columns=AGREEMENT_COLUMNS,
        build=agreement,
    ),
    Table(name="exports", about="What survives when a framework's own exporter sends it elsewhere.", columns=EXPORT_COLUMNS, build=exports),
    Table(name="coverage", about="What the judged cases cover.", columns=COVERAGE_COLUMNS, build=coverage),
    Table(name="power", about="What no failure would prove, by region of the parameter space.", columns=POWER_COLUMNS, build=power),
    Table(name="claims", about="What is supported, as said and as found.", columns=CLAIM_COLUMNS, build=claims),
    Table(name="unsupported", about="What could not be asked, and why.", columns=UNSUPPORTED_COLUMNS, build=unsupported),
    Table(name="runs", about="How the records were made.", columns=RUN_COLUMNS, build=runs),
)


def build(records: Sequence[Record]) -> Frames:
    """All tables by name."""
    return {table.name: table.build(records) for table in TABLES}
