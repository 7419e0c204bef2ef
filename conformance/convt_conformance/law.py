"""A law: an executable check of one clause over cases, and how one is run against an implementation."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import Any, Protocol

import hypothesis
import numpy as np
import numpy.typing as npt
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis.internal.conjecture.choice import choice_permitted
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, GLOBAL_CONSTANTS, HypothesisProvider

from convt_conformance.arithmetic import arithmetic
from convt_conformance.avoidance import Avoidance
from convt_conformance.isolation import Implementation
from convt_conformance.judge import NUMBERS, Mismatch, could_fail, mismatch, requirement, tells
from convt_conformance.outcomes import Computed, Outcome, Rejected, Unsupported
from convt_conformance.strategies import Cases, natural
from convt_spec import clauses
from convt_spec.case import DTYPES, Case, CaseError, Reals
from convt_spec.data import numbers
from convt_spec.interpretation import Answer, Refusal, interpret
from convt_spec.problem import OMITTED, Problem
from convt_spec.transforms import settled

EVEN = "convt-even"
AVAILABLE_PROVIDERS[EVEN] = f"{__name__}.Even"
"""Hypothesis's own draws without its mutations of earlier ones, which halve the number of different calls among a hundred."""

SIZED = Case(problem=Problem(call="layer", output_size=1))
"""The plainest call of a layer that asks for a length, the one that it has anyway."""

SHOWING = tuple(
    Case(problem=Problem(in_channels=4, out_channels=3, length=60, kernel_size=5), dtype=each, data=Reals(1)) for each in DTYPES
)

RESTART_BUDGET = 12
"""Processes that one law may cost; past it the law ends with what it has seen."""


class Even(HypothesisProvider):
    """Hypothesis's draws of notable numbers from its own list only.

    It also takes constants from the source of local modules, so that a seed would give other cases wherever other modules are loaded.
    """

    def _maybe_draw_constant(self, choice_type: Any, constraints: Any, *, p: float = 0.05) -> Any:
        assert self._random is not None
        if self._random.random() > p:
            return None
        if choice_type == "integer":
            permitted = notable(constraints["min_value"], constraints["max_value"])
        else:
            permitted = [each for each in GLOBAL_CONSTANTS.set_for_type(choice_type) if choice_permitted(each, constraints)]
        return self._random.choice(permitted) if permitted else None


@lru_cache(maxsize=1 << 10)
def notable(least: int | None, most: int | None) -> list[Any]:
    """Hypothesis's notable whole numbers in a range."""
    found: Any = GLOBAL_CONSTANTS.set_for_type("integer")
    return [each for each in found if (least is None or each >= least) and (most is None or each <= most)]


class Body(Protocol):
    __name__: str

    def __call__(self, trial: Trial, case: Case) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """`cases` gives a strategy or a list for what an implementation supports; `first` cases are tried before, smallest first.

    Clauses in `free` may be read in any listed way here. With `every` each valid call must be accepted; without, refusals count only
    when nothing was accepted, since V1 and the clause on the refused argument report them. `aspects` is what is compared. Where
    readings are `nested`, each allows all that the one before allows, and the first that fits is followed.
    """

    clause: str
    name: str
    body: Body
    cases: Cases
    first: Callable[[], Sequence[Case]]
    free: tuple[str, ...]
    every: bool
    aspects: frozenset[str]
    nested: bool = False


LAWS: dict[str, Law] = {}


def law(
    clause: str,
    cases: Cases,
    *,
    first: Callable[[], Sequence[Case]] = tuple,
    free: tuple[str, ...] = (),
    every: bool = False,
    aspects: frozenset[str] = NUMBERS,
    nested: bool = False,
) -> Callable[[Body], Callable[[Any], None]]:
    """Make a body `test_CLAUSE_claim(trial, case)` a pytest test over the implementations that the run names."""

    def decorate(body: Body) -> Callable[[Any], None]:
        if not body.__name__.startswith(f"test_{clause}_") or body.__name__ in LAWS:
            raise ValueError(f"a law of clause {clause} needs a name of its own that starts with test_{clause}_, got {body.__name__}")
        name = body.__name__
        found = Law(clause=clause, name=name, body=body, cases=cases, first=first, free=free, every=every, aspects=aspects, nested=nested)
        LAWS[name] = found

        def test(convt_session: Any) -> None:
            __tracebackhide__ = True
            convt_session.report(found)

        test.__name__, test.__doc__, test.__module__ = body.__name__, body.__doc__, body.__module__
        return test

    return decorate


class Deviation(AssertionError):
    """A case that no reading in force allows."""

    def __init__(self, case: Case, found: Mismatch) -> None:
        super().__init__(f"observed {found.observed}; required {found.required}; case {case}")
        self.case, self.found = case, found


def required(case: Case, choices: tuple[tuple[str, str], ...]) -> Answer | Refusal:
    """What a case gets under the choices: most of them are never asked for its problem, so few combinations need interpreting."""
    wanted, known = read_as(choices), answers(case.problem)
    for asked, answer in known:
        if asked.items() <= wanted.items():
            return answer
    choice = Asked(wanted)
    known.append((choice.asked, interpret(case.problem, choice)))
    return known[-1][1]


@lru_cache(maxsize=1 << 10)
def answers(problem: Problem) -> list[tuple[dict[str, str], Answer | Refusal]]:
    """The answers found for a problem, each with the readings that it depends on; filled by `required`."""
    return []


class Asked(dict[str, str]):
    """Readings that keep which of them were asked for."""

    def __init__(self, readings: Mapping[str, str]) -> None:
        super().__init__(readings)
        self.asked: dict[str, str] = {}

    def __getitem__(self, clause: str) -> str:
        self.asked[clause] = super().__getitem__(clause)
        return self.asked[clause]


@lru_cache(maxsize=1 << 10)
def read_as(choices: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """Our own reading of each clause, but for the choices."""
    return {**clauses.rulings(), **dict(choices)}


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


@dataclass(slots=True, kw_only=True)
class Trial:
    """One law against one implementation: runs and judges cases, and keeps count.

    `failures` and `passes` are the cases that failed the law and those that could have, `plain_passes` those of a single call; `first`
    is the round of the first failure.
    """

    law: Law
    implementation: Implementation
    readings: tuple[str, ...]
    avoidance: Avoidance = field(default_factory=Avoidance)
    failures: dict[Case, Mismatch] = field(default_factory=dict)
    passes: list[Case] = field(default_factory=list)
    plain_passes: list[Pass] = field(default_factory=list)
    first: Round | None = None
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
        history = self.implementation.history
        before, self.ran = len(history), []
        self.tried += 1
        try:
            self.round(case)
        except Deviation as deviation:
            self.failures.setdefault(deviation.case, deviation.found)
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
        """The result of a case over whole numbers, in NCL as float64 and without a transform's rounding, None where there is none to
        compare; raises Deviation on a crash and the like."""
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

    def run(self, case: Case) -> Outcome | None:
        """The outcome of a case; None when it is unsupported."""
        outcome = self.no_such_argument(case) or self.implementation.run(case)
        if isinstance(outcome, Unsupported):
            self.unsupported[outcome.reason] += 1
            return None
        if not isinstance(outcome, Computed | Rejected):
            self.restarts += 1
            self.avoidance.learn(case)
        else:
            self.avoidance.spare(case)
        self.ran.append(case)
        self.judged += 1
        self.accepted += isinstance(outcome, Computed)
        self.cover(case)
        return outcome

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


def explore(trial: Trial, *, seed: int, examples: int) -> None:
    """Try a law's cases, its first ones and then its own; the trial keeps what it finds."""
    supports = trial.implementation.description.supports
    for case in trial.law.first():
        trial.hold(natural(case, supports))
    cases = trial.law.cases(supports)
    if isinstance(cases, list):
        for case in cases:
            trial.hold(case)
        return

    @hypothesis.seed(seed ^ zlib.crc32(trial.law.name.encode()))
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
        backend=EVEN,
        verbosity=Verbosity.quiet,
    )
    @given(cases)
    def over_all(case: Case) -> None:
        trial.hold(case)

    over_all()
