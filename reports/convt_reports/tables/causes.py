"""What lies behind the failures, and what the absence of failures would prove."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd

from convt_conformance.power import REGIONS, bound
from convt_conformance.records import Record
from convt_reports import frames
from convt_reports.load import labels

CAUSE_COLUMNS = {
    "implementation": "what the report calls it",
    "clauses": "the clauses whose laws fail",
    "verdict": "deviates, crashes, hangs or exhausts-memory",
    "kinds": "kinds of deviation",
    "condition": "the simplest condition over the call's parameters that holds for all the failures and no case that passed; "
    "`every case` when nothing passed, `none found` when no simple condition fits, with the nearest one and the passes that share it, "
    "where these are few",
    "failures": "cases that failed",
    "passes": "cases of the same laws that could have failed and did not",
    "case": "the smallest failing case",
    "observed": "what the implementation did there",
    "required": "what is asked for",
    "command": "shows it",
}
POWER_COLUMNS = {
    "where": "a region of the parameter space, as a condition; `everywhere` for all cases",
    "implementation": "what the report calls it",
    "effective": "cases, over all clauses, that a wrong answer could have failed",
    "failures": "of these, cases that failed, known deviations included",
    "bound": "where none failed: the failure rate that this excludes at 95 %, 3 / effective, for cases drawn as these were",
}


def causes(records: Sequence[Record]) -> pd.DataFrame:
    """One row per cause of failures that no known deviation explains."""
    rows = [cause_row(label, record, line) for label, record in labels(records).items() for line in record.causes]
    types = dict.fromkeys(CAUSE_COLUMNS, "str") | dict.fromkeys(("failures", "passes"), "int64")
    return frames.frame(rows, types)


def cause_row(label: str, record: Record, line: dict[str, Any]) -> dict[str, Any]:
    shown = line["evidence"]
    return {
        "implementation": label,
        "clauses": ", ".join(line["clauses"]),
        "verdict": line["verdict"],
        "kinds": ", ".join(line["kinds"]),
        "condition": condition_text(line),
        **{name: line[name] for name in ("failures", "passes")},
        **{name: shown[name] for name in ("case", "observed", "required")},
        "command": frames.repro(record, shown, line["clauses"], line["law"]),
    }


def condition_text(line: dict[str, Any]) -> str:
    if line["condition"] is not None:
        return line["condition"] or "every case"
    if not (near := line["near"]):
        return "none found"
    padding = f", of which {near['cropped']} would fail without padding" if near["cropped"] else ""
    return f"none found; nearly {near['condition']}, but for {near['passes']} of the passes{padding}"


def power(records: Sequence[Record]) -> pd.DataFrame:
    """One row per region and implementation, over all clauses."""
    rows = []
    for label, record in labels(records).items():
        effective, failures = Counter[str](), Counter[str]()
        for region in (each for line in record.power for each in line["regions"]):
            effective[region["where"]] += region["effective"]
            failures[region["where"]] += region["failures"]
        rows += [power_row(label, where, effective[where], failures[where]) for where in effective]
    place = {region: number for number, region in enumerate(REGIONS)}
    rows.sort(key=lambda row: place.get(row["where"], len(place)))
    named = [{**row, "where": row["where"] or "everywhere"} for row in rows]
    types = {"where": "str", "implementation": "str", "effective": "int64", "failures": "int64", "bound": "float64"}
    return frames.frame(named, types)


def power_row(label: str, where: str, effective: int, failures: int) -> dict[str, Any]:
    limit = None if failures else bound(effective)
    return {"where": where, "implementation": label, "effective": effective, "failures": failures, "bound": limit}


def power_matrix(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Region by implementation, of all those named: how many cases, and the bound or the failures."""
    shown = table.assign(text=[power_text(row) for row in table.to_dict("records")])
    wide = shown.pivot(index="where", columns="implementation", values="text")
    order = list(dict.fromkeys(table["where"]))
    return wide.reindex(index=order, columns=list(names)).astype(object).fillna("no case").rename_axis(columns=None).reset_index()


def power_text(row: dict[Any, Any]) -> str:
    if row["failures"]:
        return f"{row['failures']} of {row['effective']} fail"
    return f"{row['effective']}, below {100 * row['bound']:.2g} %"
