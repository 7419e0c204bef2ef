"""Records as pandas frames, one row per line of a record: what every table is computed from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from convt_conformance.judge import FAILURES, VERDICTS
from convt_conformance.records import Line, Record
from convt_conformance.reproduction import command
from convt_reports.load import labels
from convt_spec import clauses

RESULTS = {
    "implementation": "str",
    "asked": "str",
    "version": "str",
    "clause": "str",
    "title": "str",
    "place": "int64",
    "law": "str",
    "verdict": "str",
    "rank": "int64",
    "kind": "str",
    "failed": "bool",
    "listed": "bool",
    "listed_reason": "str",
    "link": "str",
    "note": "str",
    "refuted": "object",
    "record": "object",
    "evidence": "object",
    "case": "str",
    "observed": "str",
    "required": "str",
}
ANSWERS = {"implementation": "str", "case": "str", "outcome": "str", "result": "str"}


def results(records: Sequence[Record]) -> pd.DataFrame:
    """One row per law and implementation, by implementation, then in the order of the specification."""
    rows = [result_row(label, record, line) for label, record in labels(records).items() for line in record.results]
    return frame(rows, RESULTS).sort_values(["implementation", "place", "law"], kind="stable", ignore_index=True)


def result_row(label: str, record: Record, line: Line) -> dict[str, Any]:
    listed, evidence = line["listed"] or {}, line["evidence"] or {}
    return {
        "implementation": label,
        "asked": record.asked,
        "version": record.version,
        "clause": line["clause"],
        "title": clauses.find(line["clause"]).title,
        "place": list(clauses.inventory()).index(line["clause"]),
        "law": line["law"],
        "verdict": line["verdict"],
        "rank": VERDICTS.index(line["verdict"]),
        "kind": line["kind"],
        "failed": line["verdict"] in FAILURES,
        "listed": line["listed"] is not None,
        "listed_reason": listed.get("reason", ""),
        "link": listed.get("link", ""),
        "note": line["reason"],
        "refuted": line["refuted"],
        "record": record,
        "evidence": evidence,
        "case": evidence.get("case", ""),
        "observed": evidence.get("observed", ""),
        "required": evidence.get("required", ""),
    }


def answers(records: Sequence[Record]) -> pd.DataFrame:
    """One row per panel case and implementation; `result` is the shape and the digest of what was computed."""
    rows = [
        {
            "implementation": label,
            "case": line["case"],
            "outcome": line["outcome"],
            "result": f"{shape_text(line['shape'])} {line['digest']}",
        }
        for label, record in labels(records).items()
        for line in record.answers
    ]
    return frame(rows, ANSWERS).drop_duplicates(["implementation", "case"])


def frame(rows: list[dict[str, Any]], columns: dict[str, str]) -> pd.DataFrame:
    """Rows with these columns and types, also when there are none."""
    return pd.DataFrame.from_records(rows, columns=list(columns)).astype(columns)


def shape_text(shape: Sequence[int]) -> str:
    return "x".join(map(str, shape))


def repro(record: Record, shown: Mapping[str, Any], about: Sequence[str], law: str | None = "", reading: str = "") -> str:
    """The command that shows the case of some evidence, against a `reading` of the clause it is about, or how a law fails on it.

    It is empty without a case.
    """
    case, rulings = shown.get("case", ""), dict.fromkeys(about, reading) if reading else record.header["rulings"]
    return command(record.asked, case, after=shown["after"], law=law, rulings=rulings, about=about) if case else ""
