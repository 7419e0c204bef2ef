"""The rounds of a law over its cases: their calls are made ahead where that is safe, and what failed or could have is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from convt_conformance.calls import Place
from convt_conformance.isolation import AHEAD
from convt_conformance.judge import Mismatch
from convt_conformance.outcomes import Outcome, Unsupported
from convt_conformance.protocol import Description
from convt_conformance.trial import Deviation, Trial
from convt_spec.case import Case

RESTART_BUDGET = 12
"""Processes that one law may cost; past it the law ends with what it has seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A drawn case that failed its law, and where its calls began."""

    case: Case
    place: Place | None

    @property
    def before(self) -> tuple[Case, ...]:
        """The cases that the process had run."""
        return self.place.before if self.place else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """A case that passed by its one call, and whether by being refused."""

    case: Case
    refused: bool


@dataclass(slots=True, kw_only=True)
class Rounds:
    """A trial's rounds, one for each case.

    `failures` and `passes` are the cases that failed the law and those that could have, `plain_passes` those of a single call; `failed`
    holds the round of each failure, `fresh` the cases that failed as the first of a process. `tried` counts rounds, `cut_short` those
    with an unsupported call, `avoided` cases without a round.
    """

    trial: Trial
    failures: dict[Case, Mismatch] = field(default_factory=dict)
    passes: list[Case] = field(default_factory=list)
    plain_passes: list[Pass] = field(default_factory=list)
    failed: dict[Case, Round] = field(default_factory=dict)
    fresh: set[Case] = field(default_factory=set)
    avoided: int = 0
    tried: int = 0
    cut_short: int = 0

    def hold_all(self, cases: Sequence[Case]) -> None:
        """A round for each case, in order; as long as no process was lost, the calls are made ahead."""
        ready = 0
        for number, case in enumerate(cases):
            if number >= ready and not self.trial.avoidance.failing:
                ready = number + self.make_ahead(cases[number:])
            self.hold(case)

    def make_ahead(self, cases: Sequence[Case]) -> int:
        """Make the calls of coming rounds; returns how many rounds these are, or 1 where not even the next can be planned."""
        asked: list[Case] = []
        planned = 0
        for case in cases:
            calls = self.planned(case)
            if not calls or len(asked) + len(calls) > max(AHEAD, len(calls)):
                break
            asked += calls
            planned += 1
        made = [case for case in dict.fromkeys(asked) if not self.trial.no_such_argument(case)]
        if made:
            self.trial.calls.make_ahead(made)
        return max(planned, 1)

    def planned(self, case: Case) -> list[Case]:
        """The calls of a round as far as they do not depend on an outcome; none where their order matters."""
        law, readings = self.trial.law, self.trial.readings
        asking = Asking(self.trial.implementation.description)
        trial = Trial(law=law, implementation=asking, readings=readings, sized=True)
        try:
            law.body(trial, case)
        except (Deviation, ValueError):
            return []
        return [] if trial.disturbed or len(set(asking.asked)) < len(asking.asked) else asking.asked

    def hold(self, case: Case) -> None:
        """One round of the law, whose failure is kept.

        A round in which some call was unsupported is cut short, it cannot be held against anybody.
        """
        trial = self.trial
        if trial.restarts >= RESTART_BUDGET:
            return
        if trial.avoidance.expects(case, trial.restarts):
            self.avoided += 1
            return
        unsupported, effective, accepted = trial.unsupported.total(), trial.effective, trial.accepted
        self.tried += 1
        try:
            trial.round(case)
        except Deviation as deviation:
            self.keep(case, deviation)
            return
        self.cut_short += trial.unsupported.total() > unsupported
        if trial.effective > effective:
            self.passes.append(case)
            if trial.calls.ran == [case]:
                self.plain_passes.append(Pass(case=case, refused=trial.accepted == accepted))

    def keep(self, case: Case, deviation: Deviation) -> None:
        """A failed round."""
        first = Round(case=case, place=self.trial.calls.first)
        self.failures.setdefault(deviation.case, deviation.found)
        self.failed.setdefault(deviation.case, first)
        if self.trial.calls.ran == [deviation.case] and not first.before:
            self.fresh.add(deviation.case)


@dataclass(slots=True)
class Asking:
    """Stands for the implementation while calls are planned: it notes what it is asked for and supports none of it."""

    description: Description
    asked: list[Case] = field(default_factory=list)
    history: tuple[Case, ...] = ()

    def run(self, case: Case) -> Outcome:
        self.asked.append(case)
        return Unsupported(reason="only planned")

    def run_ahead(self, cases: Sequence[Case]) -> list[Outcome]:
        return [self.run(case) for case in cases]

    def restart(self, before: Sequence[Case] = ()) -> None:
        """There is no process."""
