"""The parts of a report that do not come from records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from convt_reports.absent import Absent, absent_table
from convt_reports.history import History, history_table
from convt_reports.kills import Kills, kills_table
from convt_reports.mutants import Mutants, mutants_table
from convt_reports.scripts import Scripts, scripts_table
from convt_reports.tables import Table
from convt_reports.translations import Translations, translations_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """Faults written by hand, against the laws (`kills`), and faults made by a tool in convt's own implementation (`mutants`).

    `scripts` are the programs that show the deviations with a framework alone, `translations` the calls that were run in two
    implementations, `absent` those that could not be run, `history` is what changed from release to release.
    """

    kills: Kills | None = None
    mutants: Mutants | None = None
    scripts: Scripts | None = None
    translations: Translations | None = None
    absent: Absent | None = None
    history: History | None = None

    @property
    def tables(self) -> list[Table]:
        """The tables of those that are given, each named for its section, in the order of the page."""
        return [made(held) for name, made in TABLES.items() if (held := getattr(self, name))]


TABLES: dict[str, Callable[[Any], Table]] = {
    "absent": absent_table,
    "scripts": scripts_table,
    "translations": translations_table,
    "history": history_table,
    "kills": kills_table,
    "mutants": mutants_table,
}
NO_EXTRAS = Extras()
