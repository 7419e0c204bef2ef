"""The parts of a report that do not come from records: what finds faults that were made on purpose, and what confirms the deviations."""

from __future__ import annotations

from dataclasses import dataclass

from convt_reports.absent import Absent, absent_table
from convt_reports.history import History, history_table
from convt_reports.kills import Kills, kills_table
from convt_reports.mutants import Mutants, mutants_table
from convt_reports.scripts import Scripts, scripts_table
from convt_reports.tables import Table
from convt_reports.translations import Translations, translations_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Faults written by hand, against the laws (`kills`), and faults made by a tool in convt's own implementation (`mutants`).

    `scripts` are the programs that show the deviations with a framework alone, `history` is what changed from release to release.
    """

    kills: Kills | None = None
    mutants: Mutants | None = None
    scripts: Scripts | None = None
    translations: Translations | None = None
    absent: Absent | None = None
    history: History | None = None

    @property
    def tables(self) -> list[Table]:
        """The tables of those that are given, each named for its section."""
        kills = [kills_table(self.kills)] if self.kills else []
        mutants = [mutants_table(self.mutants)] if self.mutants else []
        scripts = [scripts_table(self.scripts)] if self.scripts else []
        translations = [translations_table(self.translations)] if self.translations else []
        absent = [absent_table(self.absent)] if self.absent else []
        history = [history_table(self.history)] if self.history else []
        return absent + scripts + translations + history + kills + mutants


NO_FAULTS = Faults()
