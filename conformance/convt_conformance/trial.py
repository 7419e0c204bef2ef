"""One law against one implementation: what a law's body can ask for, and what was seen of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from convt_conformance.arithmetic import arithmetic
from convt_conformance.avoidance import CHEAP_SECONDS, Avoidance
from convt_conformance.calls import Calls
from convt_conformance.coverage import attributes
from convt_conformance.effects import Effects
from convt_conformance.isolation import Implementation
from convt_conformance.judge import Mismatch, could_fail, mismatch, requirement, tells
from convt_conformance.law import Law
from convt_conformance.outcomes import NO_NUMBERS, Computed, Outcome, Rejected, TimedOut, Unsupported
from convt_conformance.protocol import LENGTHS
from convt_conformance.requirements import required
from convt_conformance.strategies import natural
from convt_spec import clauses
from convt_spec.case import Case, CaseError
from convt_spec.data import numbers
from convt_spec.interpretation import Answer, Refusal
from convt_spec.problem import OMITTED, Problem
from convt_spec.transforms import settled

SIZED = Case(problem=Problem(call="layer", output_size=1))
"""The plainest call of a layer that asks for a length, the one that it has anyway."""


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


@dataclass(slots=True, kw_only=True)
class Trial:
    """One law against one implementation, as its body sees it: makes calls, judges their outcomes and keeps count."""

    law: Law
    implementation: Implementation
    readings: tuple[str, ...]
    avoidance: Avoidance = field(default_factory=Avoidance)
    judged: int = 0
    accepted: int = 0
    effective: int = 0
    unsupported: Counter[str] = field(default_factory=Counter)
    refused: Refutation | None = None
    refusals: int = 0
    refuted: dict[str, Refutation] = field(default_factory=dict)
    fits: Counter[str] = field(default_factory=Counter)
    restarts: int = 0
    coverage: Counter[tuple[str, str]] = field(default_factory=Counter)
    arithmetic: Counter[str] = field(default_factory=Counter)
    sized: bool | None = None
    effects: Effects = field(default_factory=Effects)
    disturbed: bool = False
    calls: Calls = field(init=False)

    def __post_init__(self) -> None:
        self.calls = Calls(implementation=self.implementation)

    def round(self, case: Case) -> None:
        """The law's body; raises Deviation, or ValueError where the law is not about the case.

        Results whose shapes do not fit each other are the fault of a call; where each is right the second time, they are unsteady.
        """
        self.calls.begin()
        try:
            self.law.body(self, case)
        except CaseError:
            raise
        except ValueError as error:
            if not self.calls.made:
                raise
            for each in dict.fromkeys((case, *self.calls.ran)):
                outcome = self.implementation.run(each)
                miss = None if isinstance(outcome, Unsupported) else mismatch(each, outcome, required(each, ()))
                if miss:
                    raise Deviation(each, miss) from None
            observed = f"results that do not fit each other ({error}), each right when asked for again"
            unsteady = Mismatch(verdict="deviates", kind="not-deterministic", observed=observed, required="the same result each time")
            raise Deviation(case, unsteady) from None

    def anew(self, case: Case) -> tuple[Trial, Deviation | None]:
        """The law's round over a case by itself, and how it failed; where the law is not about the case, a round without calls."""
        trial = Trial(law=self.law, implementation=self.implementation, readings=self.readings)
        try:
            trial.round(case)
        except Deviation as deviation:
            return trial, deviation
        except (ValueError, AssertionError, ZeroDivisionError):
            return Trial(law=self.law, implementation=self.implementation, readings=self.readings, restarts=trial.restarts), None
        return trial, None

    def judge(self, case: Case) -> None:
        """Run a case and hold its outcome against each reading of the clause; raises Deviation when none fits."""
        outcome = self.run(case)
        if outcome is not None:
            self.hold(case, outcome)

    def hold(self, case: Case, outcome: Computed | Rejected) -> None:
        """An outcome against each reading of the clause; raises Deviation when none fits."""
        listed = clauses.find(self.law.clause).readings
        possible = {reading: [required(case, choices) for choices in self.choices(reading)] for reading in listed}
        if self.merely_refused(case, outcome, possible):
            return
        wanted = {reading: possible[reading] for reading in self.readings}
        if isinstance(outcome, Computed) and self.refused_elsewhere(wanted):
            return
        misses = {reading: self.miss(case, outcome, answers) for reading, answers in wanted.items()}
        ruled_out = [answers for reading, answers in possible.items() if reading not in wanted]
        self.effective += self.tells(case, wanted, misses) or any(self.miss(case, outcome, answers) for answers in ruled_out)
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
        outcome = self.without_numbers() or self.no_such_argument(case) or self.calls.outcome(case)
        if isinstance(outcome, Unsupported):
            self.unsupported[outcome.reason] += 1
            return None
        self.calls.ran.append(case)
        self.judged += 1
        self.coverage.update(attributes(case))
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
        outcome = self.calls.outcome(case)
        if not isinstance(outcome, Unsupported):
            self.survived(case, outcome)

    def without_numbers(self) -> Unsupported | None:
        """What infers lengths only is held by the clauses on the length and the shape, and by those on refusals."""
        only = LENGTHS in self.implementation.description.supports
        return NO_NUMBERS if only and clauses.find(self.law.clause).kind not in ("length", "shape", "rejections") else None

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
