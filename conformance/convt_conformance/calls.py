"""The calls of one law to an implementation: made in their turn, or ahead of it where that is safe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from convt_conformance.isolation import Implementation
from convt_conformance.outcomes import Outcome
from convt_spec.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a call stood: after the first `count` cases of a process's history."""

    history: Sequence[Case]
    count: int

    @property
    def before(self) -> tuple[Case, ...]:
        """The cases that the process had run."""
        return tuple(self.history[: self.count])


@dataclass(slots=True, kw_only=True)
class Calls:
    """The calls of the present round: `made` are all of them, `ran` those that are judged, `first` is where it began.

    `early` are the outcomes that are known before their turn.
    """

    implementation: Implementation
    early: dict[Case, tuple[Outcome, Place]] = field(default_factory=dict)
    made: list[Case] = field(default_factory=list)
    ran: list[Case] = field(default_factory=list)
    first: Place | None = None

    def begin(self) -> None:
        """A new round."""
        self.made, self.ran, self.first = [], [], None

    def make_ahead(self, cases: Sequence[Case]) -> None:
        """Make the calls of coming rounds, up to one that costs the process; what earlier ones did not ask for is forgotten."""
        history = self.implementation.history
        start = len(history)
        outcomes = self.implementation.run_ahead(cases)
        position = {case: number for number, case in enumerate(history[start:], start)}
        places = (Place(history=history, count=position.get(case, start)) for case in cases)
        self.early = dict(zip(cases, zip(outcomes, places, strict=False), strict=False))

    def outcome(self, case: Case) -> Outcome:
        """What came of a call."""
        history = self.implementation.history
        early = self.early.pop(case, None)
        place = early[1] if early else Place(history=history, count=len(history))
        self.first = self.first or place
        self.made.append(case)
        return early[0] if early else self.implementation.run(case)
