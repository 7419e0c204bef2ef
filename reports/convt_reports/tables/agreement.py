"""Who computes the same, pair by pair, over the panel of cases that everybody got."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import pandas as pd

from convt_conformance.records import Record
from convt_reports import frames
from convt_reports.load import labels

TYPES = {
    "first": "str",
    "second": "str",
    "cases": "int64",
    "both_computed": "int64",
    "equal": "int64",
    "different": "int64",
    "share": "Float64",
    "one_rejected": "int64",
    "both_rejected": "int64",
    "unsupported": "int64",
    "other": "int64",
    "smallest_difference": "str",
    "first_result": "str",
    "second_result": "str",
}
COLUMNS = {
    "first": "one implementation",
    "second": "another",
    "cases": "panel cases that both records hold",
    "both_computed": "of these, cases that both computed",
    "equal": "of these, cases with equal shape and equal numbers",
    "different": "of these, the others",
    "share": "equal / both_computed; empty when nothing was computed by both",
    "one_rejected": "cases that one computed and the other rejected",
    "both_rejected": "cases that both rejected",
    "unsupported": "cases for which one of the two, or both, has no call",
    "other": "cases in which one crashed, hung or ran out of memory",
    "smallest_difference": "of the cases in `different`, the one with the shortest text",
    "first_result": "shape and digest of the numbers there, from the first",
    "second_result": "the same from the second",
}


def agreement(records: Sequence[Record]) -> pd.DataFrame:
    """One row per pair of implementations."""
    called = list(labels(records))
    wide = frames.answers(records).pivot(index="case", columns="implementation", values=["outcome", "result"])
    wide = wide.reindex(columns=pd.MultiIndex.from_product([["outcome", "result"], called]))
    return frames.frame([pair(wide, first, second) for first, second in combinations(called, 2)], TYPES)


def pair(wide: pd.DataFrame, first: str, second: str) -> dict[str, Any]:
    """The counts of one pair; a case that only one of the records holds is left out."""
    both = wide.loc[:, [(part, name) for part in ("outcome", "result") for name in (first, second)]].dropna()
    one, other = both["outcome", first], both["outcome", second]
    computed = (one == "computed") & (other == "computed")
    rejected = (one == "rejected") & (other == "rejected")
    half = ((one == "computed") & (other == "rejected")) | ((one == "rejected") & (other == "computed"))
    unsupported = (one == "unsupported") | (other == "unsupported")
    equal = computed & (both["result", first] == both["result", second])
    differing = sorted(both.index[computed & ~equal], key=lambda case: (len(case), case))
    return {
        "first": first,
        "second": second,
        "cases": len(both),
        "both_computed": int(computed.sum()),
        "equal": int(equal.sum()),
        "different": len(differing),
        "share": round(equal.sum() / computed.sum(), 4) if computed.any() else None,
        "one_rejected": int(half.sum()),
        "both_rejected": int(rejected.sum()),
        "unsupported": int(unsupported.sum()),
        "other": int((~(computed | rejected | half | unsupported)).sum()),
        "smallest_difference": differing[0] if differing else "",
        "first_result": both["result", first][differing[0]] if differing else "",
        "second_result": both["result", second][differing[0]] if differing else "",
    }


def agreement_matrix(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Implementation by implementation: the share of the cases computed by both that came out equal, `-` where there are none."""
    shares = {frozenset((row["first"], row["second"])): row for row in table.to_dict("records")}
    rows = [{"implementation": name, **{other: share(shares.get(frozenset((name, other)))) for other in names}} for name in names]
    return frames.frame(rows, dict.fromkeys(("implementation", *names), "str"))


def share(row: dict[Any, Any] | None) -> str:
    """`98.2 %`, rounded down, so that only equal ones have 100 %."""
    if row is None:
        return ""
    return f"{1000 * row['equal'] // row['both_computed'] / 10:g} %" if row["both_computed"] else "-"
