"""Implementations that could not be judged on the machine where a report was made, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from convt_reports.frames import frame
from convt_reports.load import published
from convt_reports.tables import Table

ABSENT_COLUMNS = {"implementation": "that could not be judged", "reason": "why, and what would be needed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """Each implementation that could not be run, with the reason."""

    reasons: Mapping[str, str]


def load_absent(path: Path) -> Absent:
    """What `nox -s report` wrote beside its records; raises RecordError."""
    return published(path, "list of what is absent", "report", absent_from)


def absent_from(value: Mapping[str, Any]) -> Absent:
    return Absent(reasons={str(name): str(why) for name, why in value["absent"].items()})


def absent_table(absent: Absent) -> Table:
    """The reasons among the report's tables; it is built of no records."""
    about = "What could not be judged where the report was made, which is no verdict."
    return Table(name="absent", about=about, columns=ABSENT_COLUMNS, build=lambda _: reason_table(absent))


def reason_table(absent: Absent) -> pd.DataFrame:
    """One row per implementation."""
    rows = [{"implementation": name, "reason": why} for name, why in absent.reasons.items()]
    return frame(rows, dict.fromkeys(ABSENT_COLUMNS, "str"))
