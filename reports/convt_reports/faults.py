"""Faults made on purpose, and what finds them: the parts of a report that do not come from records."""

from __future__ import annotations

from dataclasses import dataclass

from convt_reports.kills import Kills, kills_table
from convt_reports.mutants import Mutants, mutants_table
from convt_reports.tables import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Faults written by hand, against the laws (`kills`), and faults made by a tool in convt's own implementation (`mutants`)."""

    kills: Kills | None = None
    mutants: Mutants | None = None

    @property
    def tables(self) -> list[Table]:
        """The tables of those that are given, each named for its section."""
        kills = [kills_table(self.kills)] if self.kills else []
        mutants = [mutants_table(self.mutants)] if self.mutants else []
        return kills + mutants


NO_FAULTS = Faults()
