"""What implementations say they support, held against plain calls."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from convt_conformance.records import Line, Record
from convt_reports.frames import frame
from convt_reports.load import labels

COLUMNS = {
    "feature": "what an implementation may say that it supports",
    "*": "`yes` and `no` when a plain call bears it out; `yes, but it fails`, `yes, but the result is wrong`, `no, but it works` when not; "
    "`-` when nothing is said",
}
TOLD = {
    (True, True): "yes",
    (True, False): "yes, but it fails",
    (True, None): "yes, but the result is wrong",
    (False, True): "no, but it works",
    (False, False): "no",
    (False, None): "no",
}


def claims(records: Sequence[Record]) -> pd.DataFrame:
    """Feature by implementation."""
    named = labels(records)
    features = dict.fromkeys(line["feature"] for record in named.values() for line in record.claims)
    rows = [{"feature": feature, **{label: told(record.claims, feature) for label, record in named.items()}} for feature in features]
    return frame(rows, dict.fromkeys(("feature", *named), "str"))


def told(lines: Sequence[Line], feature: str) -> str:
    """What came of one feature."""
    return next((TOLD[line["claimed"], line["works"]] for line in lines if line["feature"] == feature), "-")
