"""One law against one implementation: runs its cases, judges them and keeps what it saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from convt_conformance.arithmetic import arithmetic
from convt_conformance.avoidance import CHEAP_SECONDS, Avoidance
from convt_conformance.effects import Effects
from convt_conformance.isolation import AHEAD, Implementation
from convt_conformance.judge import Mismatch, could_fail, mismatch, requirement, tells
from convt_conformance.law import Law
from convt_conformance.outcomes import Computed, Outcome, Rejected, TimedOut, Unsupported
from convt_conformance.requirements import required
from convt_conformance.strategies import natural
from convt_spec import clauses
from convt_spec.case import DTYPES, Case, CaseError, Reals
from convt_spec.data import numbers
from convt_spec.interpretation import Answer, Refusal
from convt_spec.problem import OMITTED, Problem
from convt_spec.transforms import settled

SIZED = Case(problem=Problem(call="layer", output_size=1))
"""The plainest call of a layer that asks for a length, the one that it has anyway."""

SHOWING = tuple(
    Case(problem=Problem(in_channels=4, out_channels=3, length=60, kernel_size=5), dtype=each, data=Reals(1)) for each in DTYPES
)

RESTART_BUDGET = 12
"""Processes that one law may cost; past it the law ends with what it has seen."""


class Deviation(AssertionError):
    """A case that no reading in force allows."""

    def __init__(self, case: Case, found: Mismatch) -> None:
        super().__init__(f"observed {found.observed}; required {found.required}; case {case}")
        self.case, self.found = case, found


@dataclass(slots=True, kw_only=True)
class Refutation:
    """The smallest case seen that a reading does not fit."""

    case: Case
    found: Mismatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A drawn case that failed its law, and the cases that the process had run before."""

    case: Case
    before: tuple[Case, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """A case that passed by its one call, and whether by being refused."""

    case: Case
    refused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Early:
    """An outcome from before its case's turn, and how many cases the process had run by then, of those in `history`."""

    outcome: Outcome
    history: Sequence[Case]
    count: int


@dataclass(slots=True, kw_only=True)
class Trial:
    """One law against one implementation: runs and judges cases, and keeps count.

    `failures` and `passes` are the cases that failed the law and those that could have, `plain_passes` those of a single call; `first`
    is the round of the first failure, `fresh` are the cases that failed as the first of a process.
    """

    law: Law
    implementation: Implementation
    readings: tuple[str, ...]
    avoidance: Avoidance = field(default_factory=Avoidance)
    failures: dict[Case, Mismatch] = field(default_factory=dict)
    passes: list[Case] = field(default_factory=list)
    plain_passes: list[Pass] = field(default_factory=list)
    first: Round | None = None
    fresh: set[Case] = field(default_factory=set)
    avoided: int = 0
    judged: int = 0
    accepted: int = 0
    effective: int = 0
    unsupported: Counter[str] = field(default_factory=Counter)
    refused: Refutation | None = None
    refusals: int = 0
    tried: int = 0
    cut_short: int = 0
    refuted: dict[str, Refutation] = field(default_factory=dict)
    fits: Counter[str] = field(default_factory=Counter)
    restarts: int = 0
    ran: list[Case] = field(default_factory=list)
    coverage: Counter[tuple[str, str]] = field(default_factory=Counter)
    arithmetic: Counter[str] = field(default_factory=Counter)
    sized: bool | None = None
    effects: Effects = field(default_factory=Effects)
    early: dict[Case, Early] = field(default_factory=dict)
    disturbed: bool = False

    def hold_all(self, cases: Sequence[Case]) -> None:
        """Rounds over cases in order; as long as each makes one call and no process was lost, the calls are made ahead."""
        alone = False
        for number, case in enumerate(cases):
            if not alone:
                self.early.clear()
            elif case not in self.early and not self.avoidance.failing:
                self.run_ahead(cases[number : number + AHEAD])
            self.hold(case)
            alone = not self.disturbed and (self.ran == [case] or (alone and not self.ran))

    def run_ahead(self, cases: Sequence[Case]) -> None:
        """Make the calls of some cases before their turn."""
        asked = [case for case in dict.fromkeys(cases) if case not in self.early and not self.no_such_argument(case)]
        if not asked:
            return
        history = self.implementation.history
        start = len(history)
        outcomes = self.implementation.run_ahead(asked)
        position = {case: number for number, case in enumerate(history[start:], start)}
        for case, outcome in zip(asked, outcomes, strict=False):
            self.early[case] = Early(outcome=outcome, history=history, count=position.get(case, start))

    def hold(self, case: Case) -> None:
        """One round of the law, whose failure is kept.

        A round in which some call was unsupported is cut short, it cannot be held against anybody.
        """
        if self.restarts >= RESTART_BUDGET:
            return
        if self.avoidance.expects(case, self.restarts):
            self.avoided += 1
            return
        unsupported, effective, accepted = self.unsupported.total(), self.effective, self.accepted
        early, self.ran = self.early.get(case), []
        history = early.history if early else self.implementation.history
        before = early.count if early else len(history)
        self.tried += 1
        try:
            self.round(case)
        except Deviation as deviation:
            self.failures.setdefault(deviation.case, deviation.found)
            if before == 0 and self.ran == [deviation.case]:
                self.fresh.add(deviation.case)
            if self.first is None:
                self.first = Round(case=case, before=tuple(history[:before]))
            return
        self.cut_short += self.unsupported.total() > unsupported
        if self.effective > effective:
            self.passes.append(case)
            if self.ran == [case]:
                self.plain_passes.append(Pass(case=case, refused=self.accepted == accepted))

    def round(self, case: Case) -> None:
        """The law's body; raises Deviation.

        Results whose shapes do not fit each other are the fault of a call; where each is right the second time, they are unsteady.
        """
        try:
            self.law.body(self, case)
        except CaseError:
            raise
        except ValueError as error:
            for each in dict.fromkeys((case, *self.ran)):
                outcome = self.implementation.run(each)
                miss = None if isinstance(outcome, Unsupported) else mismatch(each, outcome, required(each, ()))
                if miss:
                    raise Deviation(each, miss) from None
            observed = f"results that do not fit each other ({error}), each right when asked for again"
            unsteady = Mismatch(verdict="deviates", kind="not-deterministic", observed=observed, required="the same result each time")
            raise Deviation(case, unsteady) from None

    def judge(self, case: Case) -> None:
        """Run a case and hold its outcome against each reading of the clause; raises Deviation when none fits."""
        outcome = self.run(case)
        if outcome is None:
            return
        listed = clauses.find(self.law.clause).readings
        possible = {reading: [required(case, choices) for choices in self.choices(reading)] for reading in listed}
        if self.merely_refused(case, outcome, possible):
            return
        wanted = {reading: possible[reading] for reading in self.readings}
        if isinstance(outcome, Computed) and self.refused_elsewhere(wanted):
            return
        misses = {reading: self.miss(case, outcome, answers) for reading, answers in wanted.items()}
        self.effective += self.tells(case, wanted, misses)
        if "rounding" in self.law.aspects:
            self.arithmetic[arithmetic(case, outcome, next(iter(possible.values()))[0])] += 1
        for reading, miss in misses.items():
            if miss is None:
                self.fits[reading] += 1
            elif reading not in self.refuted or case.size < self.refuted[reading].case.size:
                self.refuted[reading] = Refutation(case=case, found=miss)
        if None not in misses.values():
            raise Deviation(case, next(iter(misses.values())))  # type: ignore[arg-type]

    def compute(self, case: Case) -> npt.NDArray[Any] | None:
        """The result of a case over whole numbers, in NCL as float64 and without a transform's rounding; None where there is none to
        compare."""
        outcome = self.run(case)
        if outcome is None:
            return None
        wanted = required(case, ())
        if self.merely_refused(case, outcome, {"": [wanted]}):
            return None
        if not isinstance(outcome, Computed) or outcome.array is None or outcome.array.ndim != 3 or outcome.array.dtype.kind == "c":
            miss = mismatch(case, outcome, wanted)
            if miss is None:
                return None
            raise Deviation(case, miss)
        array = outcome.array.transpose(0, 2, 1) if case.layout == "NLC" else outcome.array
        return settled(array, case, wanted) if isinstance(wanted, Answer) else array.astype(np.float64)

    def show_arithmetic(self) -> None:
        """[V7] Have the arithmetic named by cases whose numbers show it in any event; they are not judged."""
        supports = self.implementation.description.supports
        for case in (natural(each, supports) for each in SHOWING):
            outcome = self.implementation.run(case)
            self.arithmetic[arithmetic(case, outcome, required(case, ()))] += 1

    def equal(self, observed: npt.NDArray[Any], expected: npt.NDArray[Any], *cases: Case) -> None:
        """Two sides of an identity over results of `cases`; a failure is charged to the smallest of them that is wrong by itself."""
        self.effective += tells(observed) if observed.ndim == 3 else bool(np.any(observed != 0))
        if observed.shape == expected.shape and bool((observed == expected).all()):
            return
        for case in sorted(cases, key=lambda each: each.size):
            outcome = self.implementation.run(case)
            miss = None if isinstance(outcome, Unsupported) else mismatch(case, outcome, required(case, ()))
            if miss:
                raise Deviation(case, miss)
        sides = f"{observed.reshape(-1)[:12].tolist()}", f"{expected.reshape(-1)[:12].tolist()} by the identity"
        raise Deviation(cases[0], Mismatch(verdict="deviates", kind="value", observed=sides[0], required=sides[1]))

    def added_bias(self, biased: Case, unbiased: Case) -> None:
        """[B1] The results of a call with and without bias differ by the bias of each channel, on every sample."""
        with_bias, without, bias = self.compute(biased), self.compute(unbiased), numbers(biased).bias
        if with_bias is not None and without is not None and bias is not None and with_bias.shape[1] == len(bias):
            self.equal(with_bias, without + bias.astype(np.float64)[:, None], biased, unbiased)

    def require(self, case: Case, holds: bool, observed: str, required: str, *, kind: str = "length") -> None:
        """A claim about one case that is no comparison with an answer; raises Deviation when it does not hold."""
        if not holds:
            raise Deviation(case, Mismatch(verdict="deviates", kind=kind, observed=observed, required=required))

    def run(self, case: Case) -> Computed | Rejected | None:
        """The outcome of a case; None when it is unsupported. Raises Deviation when it costs the process."""
        early = self.early.pop(case, None)
        outcome = early.outcome if early else self.no_such_argument(case) or self.implementation.run(case)
        if isinstance(outcome, Unsupported):
            self.unsupported[outcome.reason] += 1
            return None
        self.ran.append(case)
        self.judged += 1
        self.cover(case)
        self.effects.note(case, outcome)
        survived = self.survived(case, outcome)
        self.accepted += isinstance(survived, Computed)
        return survived

    def survived(self, case: Case, outcome: Outcome) -> Computed | Rejected:
        """An outcome of a process that lives on; raises Deviation for any other."""
        if isinstance(outcome, Computed | Rejected):
            self.avoidance.spare(case)
            return outcome
        self.restarts += 1
        self.avoidance.learn(case, outcome.seconds if isinstance(outcome, TimedOut) else CHEAP_SECONDS)
        miss = mismatch(case, outcome, required(case, self.choices(self.readings[0])[0]))
        assert miss
        raise Deviation(case, miss)

    def disturb(self, case: Case) -> None:
        """Make a call before the one that is judged; raises Deviation when it costs the process."""
        self.disturbed = True
        if self.avoidance.expects(case, self.restarts):
            return
        outcome = self.implementation.run(case)
        if not isinstance(outcome, Unsupported):
            self.survived(case, outcome)

    def no_such_argument(self, case: Case) -> Unsupported | None:
        """[O7] A layer may have no output_size, and then nothing else is asked of its output_size."""
        if case.problem.call == "function" or case.problem.output_size is OMITTED or self.law.clause == "O7":
            return None
        if self.sized is None:
            self.sized = not isinstance(self.implementation.run(natural(SIZED, self.implementation.description.supports)), Rejected)
        return None if self.sized else Unsupported(reason="the layer takes no output_size, which O7 allows")

    def choices(self, reading: str) -> list[tuple[tuple[str, str], ...]]:
        """The choices under which a reading of this clause is tried: one for each combination of the free clauses' readings."""
        free = [[(name, each) for each in clauses.find(name).readings] for name in self.law.free]
        return [((self.law.clause, reading), *others) for others in product(*free)]

    def miss(self, case: Case, outcome: Outcome, answers: list[Answer | Refusal]) -> Mismatch | None:
        """None when one of the answers fits, else what is wrong under the first."""
        misses = [mismatch(case, outcome, answer, self.law.aspects) for answer in dict.fromkeys(answers)]
        return None if None in misses else misses[0]

    def merely_refused(self, case: Case, outcome: Outcome, wanted: dict[str, list[Answer | Refusal]]) -> bool:
        """Whether a valid call was refused in a law that leaves this to V1; keeps the smallest."""
        valid = all(isinstance(answer, Answer) for answers in wanted.values() for answer in answers)
        if self.law.every or not valid or not isinstance(outcome, Rejected):
            return False
        self.refusals += 1
        if self.refused is None or case.size < self.refused.case.size:
            answer = next(iter(wanted.values()))[0]
            found = Mismatch(verdict="deviates", kind="rejects-valid", observed=str(outcome), required=requirement(case, answer))
            self.refused = Refutation(case=case, found=found)
        return True

    def refused_elsewhere(self, wanted: dict[str, list[Answer | Refusal]]) -> bool:
        """Whether every reading asks for a refusal by another clause, whose own law reports that the call was accepted."""
        return clauses.find(self.law.clause).kind != "rejections" and all(
            isinstance(answer, Refusal) and answer.clause != self.law.clause for answers in wanted.values() for answer in answers
        )

    def tells(self, case: Case, wanted: dict[str, list[Answer | Refusal]], misses: dict[str, Mismatch | None]) -> bool:
        """Whether the case could have failed: readings told apart, or an answer that a trivial result would not match."""
        if len(self.readings) > 1 and not self.law.nested:
            return None in misses.values() and any(misses.values())
        return could_fail(case, wanted[self.readings[0]][0], self.law.aspects)

    def cover(self, case: Case) -> None:
        problem = case.problem
        for name in ("call", "batch", "in_channels", "out_channels", "kernel_size", "layout", "has_bias"):
            self.coverage[name, str(getattr(problem, name))] += 1
        for name, value in problem.given().items():
            self.coverage[name, str(value.python() if hasattr(value, "python") else value)] += 1  # type: ignore[union-attr]
        span = problem.length if problem.length < 10 else f"{problem.length // 10 * 10} to {problem.length // 10 * 10 + 9}"
        self.coverage["length", str(span)] += 1
        self.coverage["dtype", case.dtype] += 1
