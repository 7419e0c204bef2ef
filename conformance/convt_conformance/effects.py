"""What calls left changed around them, such as the working directory: it is put back and told, and charged to no clause."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from convt_conformance.outcomes import Computed, Outcome
from convt_spec.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """How many cases left one thing changed, and the smallest of them."""

    cases: int
    smallest: Case

    def and_also(self, other: Effect) -> Effect:
        return Effect(cases=self.cases + other.cases, smallest=min(self.smallest, other.smallest, key=lambda case: case.size))


@dataclass(slots=True)
class Effects:
    """Effects by the name of what was changed."""

    found: dict[str, Effect] = field(default_factory=dict)

    def note(self, case: Case, outcome: Outcome) -> None:
        for what in outcome.effects if isinstance(outcome, Computed) else ():
            self.add(what, Effect(cases=1, smallest=case))

    def add(self, what: str, effect: Effect) -> None:
        self.found[what] = self.found[what].and_also(effect) if what in self.found else effect

    def update(self, other: Effects) -> None:
        for what, effect in other.found.items():
            self.add(what, effect)

    def parts(self) -> list[dict[str, Any]]:
        """The record's part, what occurred most often first."""
        ordered = sorted(self.found.items(), key=lambda item: (-item[1].cases, item[0]))
        return [{"what": what, "cases": effect.cases, "case": str(effect.smallest)} for what, effect in ordered]
