"""How the records were made, and what their cases cover."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd

from convt_conformance.records import Record
from convt_reports import frames
from convt_reports.load import labels

COVERAGE_COLUMNS = {
    "attribute": "an attribute of a case",
    "value": "one of its values; a list is in [ ], a tuple in ( )",
    "*": "how many judged cases had it",
}
RUN_COLUMNS = {
    "implementation": "what the report calls it",
    "version": "its version",
    "language": "the language of its interface",
    "home": "its home page",
    "convt": "the version of convt that judged it",
    "seed": "the seed of the run",
    "level": "how thorough",
    "examples": "generated cases per law",
    "rulings": "readings that the run was told to enforce",
    "laws": "laws with a result",
    "conforms": "laws that hold",
    "fails": "laws that fail, listed ones included",
    "listed": "of these, known deviations",
    "unsupported": "laws without a call",
    "judged": "cases judged",
    "seconds": "how long it took",
    "complete": "yes, or no for a run that was interrupted",
    "stale": "known deviations that did not occur",
    "effects": "what calls left changed around them, with the number of cases",
    "platform": "where it ran",
    "packages": "versions that may matter",
    "started": "when",
}
RUN_TYPES = dict.fromkeys(RUN_COLUMNS, "str") | dict.fromkeys(("seed", "examples", "judged"), "int64")


def coverage(records: Sequence[Record]) -> pd.DataFrame:
    """One row per attribute and value that occurred, numbers first and in order."""
    called = labels(records)
    rows = [
        {"attribute": attribute, "value": value, "implementation": label, "count": count}
        for label, record in called.items()
        for attribute, values in record.coverage.items()
        for value, count in values.items()
    ]
    long = frames.frame(rows, {"attribute": "str", "value": "str", "implementation": "str", "count": "int64"})
    wide = long.pivot_table(index=["attribute", "value"], columns="implementation", values="count", aggfunc="sum", fill_value=0)
    wide = wide.reindex(columns=list(called), fill_value=0).astype("int64").rename_axis(columns=None).reset_index()
    order = sorted(range(len(wide)), key=lambda row: (str(wide.at[row, "attribute"]), natural(str(wide.at[row, "value"]))))
    return wide.take(order).reset_index(drop=True)


def natural(value: str) -> tuple[int, list[float], str]:
    """A sort key: plain numbers and ranges of them, then sequences, then words."""
    numbers = [float(each) for each in re.findall(r"-?\d+(?:\.\d+)?", value)]
    return 2 if not numbers else 1 if value[0] in "([" else 0, numbers, value


def runs(records: Sequence[Record]) -> pd.DataFrame:
    """One row per record."""
    rows = [run_row(label, record) for label, record in labels(records).items()]
    results = frames.results(records)
    counts = pd.DataFrame(
        {
            "implementation": results["implementation"],
            "laws": 1,
            "conforms": (results["verdict"] == "conforms").astype("int64"),
            "fails": results["failed"].astype("int64"),
            "listed": (results["failed"] & results["listed"]).astype("int64"),
            "unsupported": (results["verdict"] == "unsupported").astype("int64"),
        }
    )
    totals = counts.groupby("implementation").sum()
    described = frames.frame(rows, RUN_TYPES).drop(columns=list(totals.columns)).astype({"seconds": "float64"})
    joined = described.join(totals, on="implementation").fillna(dict.fromkeys(totals.columns, 0))
    return joined.astype(dict.fromkeys(totals.columns, "int64"))[list(RUN_COLUMNS)]


def run_row(label: str, record: Record) -> dict[str, Any]:
    header, footer = record.header, record.footer
    return {
        "implementation": label,
        **{name: header["implementation"][name] for name in ("version", "language", "home")},
        **{name: header[name] for name in ("convt", "seed", "level", "examples", "started")},
        "rulings": pairs(header["rulings"], "="),
        "judged": footer["judged"],
        "seconds": footer["seconds"],
        "complete": "yes" if footer["complete"] else "no",
        "stale": "; ".join(footer["stale"]),
        "effects": "; ".join(f"{each['what']} ({each['cases']})" for each in footer["effects"]),
        "platform": pairs(header["platform"], " "),
        "packages": pairs(header["implementation"]["packages"], " "),
    }


def pairs(values: dict[str, str], between: str) -> str:
    return ", ".join(f"{name}{between}{value}" for name, value in sorted(values.items()))
