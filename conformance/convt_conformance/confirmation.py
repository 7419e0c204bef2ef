"""A second look at a failure: its smallest case, whether it comes back in a fresh process, alone or after the same cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from convt_conformance.judge import Mismatch
from convt_conformance.order import Ordered, Search
from convt_conformance.outcomes import Unsupported
from convt_conformance.requirements import required
from convt_conformance.results import Evidence, evidence
from convt_conformance.rounds import Round, Rounds
from convt_conformance.simplify import simplest
from convt_conformance.trial import Refutation, Trial
from convt_spec.case import Case

LOOKS = 4
"""Failing cases that are tried in a fresh process before a failure is called not-deterministic."""
REPEATS = 6
"""Further looks at a failure that came back in two fresh processes."""
PROCESSES = {"deviates": 1000, "crashes": 40, "exhausts-memory": 20, "hangs": 4}
"""Processes that the search for a smaller case may cost, by verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a failure turned out to be; `certain` when the case fails alone in a fresh process, else `after` says what must run before."""

    case: Case
    miss: Mismatch
    certain: bool
    reason: str = ""
    after: tuple[Case, ...] = ()

    @property
    def evidence(self) -> Evidence:
        return replace(evidence(Refutation(case=self.case, found=self.miss)), after=tuple(map(str, self.after)))


def depending(found: Ordered) -> Found:
    """A failure that needs other cases before it."""
    miss = replace(found.miss, verdict="deviates", kind="depends-on-order")
    return Found(case=found.case, miss=miss, certain=False, reason=found.reason, after=found.after)


def never(case: Case, miss: Mismatch) -> bool:
    return False


@dataclass(slots=True, kw_only=True)
class Confirmation:
    """Looks again at the failures of a trial; a case that is `hidden` is not shown.

    With `brief` a failure that depends on the order is looked at once, and shown after all of the last cases that it needs,
    whichever of them matter. A failure that was `known` before this run, and so comes back from one, needs one fresh process.
    """

    rounds: Rounds
    hidden: Callable[[Case, Mismatch], bool] = field(default=never)
    brief: bool = False
    known: bool = False

    @property
    def trial(self) -> Trial:
        return self.rounds.trial

    def settled(self, failures: Mapping[Case, Mismatch]) -> Found:
        """What the failures are: one that comes back, or a process that does not give the same twice."""
        for each in self.candidates(failures):
            if found := self.again(each.case, each.found):
                return found
        case, miss = next(iter(failures.items()))
        return self.unsteady(case, miss)

    def confirmed(self, case: Case, miss: Mismatch) -> Found:
        """The same for one case, as it is."""
        return self.again(case, miss) or self.unsteady(case, miss)

    def candidates(self, failures: Mapping[Case, Mismatch]) -> Iterator[Refutation]:
        """The smallest case that can be reached, unless each step may cost a process, then the smallest that were seen."""
        least = sorted(failures, key=lambda each: each.size)[:LOOKS]
        if failures[least[0]].verdict == "deviates":
            smallest = self.smallest(failures)
            yield smallest
            least = [case for case in least if case != smallest.case]
        yield from (Refutation(case=case, found=failures[case]) for case in least)

    def smallest(self, failures: Mapping[Case, Mismatch]) -> Refutation:
        """The plainest case that fails the law in the same way as the smallest of the failures.

        Where the clause's readings ask for different things there, they do so in the plainest one: else it would say nothing of the clause.
        """
        case = min(failures, key=lambda each: each.size)
        found = failures[case]
        left = PROCESSES[found.verdict]
        apart = self.tells_readings_apart(case)

        def fails(tried: Case) -> Mismatch | None:
            nonlocal left
            if apart and not self.tells_readings_apart(tried):
                return None
            if left <= 0:
                return None
            trial, deviation = self.trial.anew(tried)
            left -= trial.restarts
            return deviation.found if deviation and deviation.case == tried and not self.hidden(tried, deviation.found) else None

        case, found = simplest(case, found, fails)
        return Refutation(case=case, found=found)

    def tells_readings_apart(self, case: Case) -> bool:
        """Whether the readings of the law's clause ask for different things."""
        return len({required(case, self.trial.choices(reading)[0]) for reading in self.trial.readings}) > 1

    def again(self, case: Case, miss: Mismatch) -> Found | None:
        """The failure, if it comes back each time, first in fresh processes: alone against the ruling's answer, or else under the law.

        A hang that was the first call of its process was seen in a fresh one already.
        """
        certain = Found(case=case, miss=miss, certain=True)
        if miss.kind == "not-deterministic" or (miss.verdict == "hangs" and case in self.rounds.fresh):
            return certain
        if self.miss_after((), case):
            steady = miss.verdict == "hangs" or self.steady(miss, lambda: self.miss_after((), case), lambda: self.miss(case))
            return certain if steady else None
        if not self.failure_after((), case) or not self.steady(miss, lambda: self.failure_after((), case), lambda: self.failure(case)):
            return None
        return (self.within_round(case) if miss.verdict == "deviates" else None) or certain

    def within_round(self, case: Case) -> Found | None:
        """A failure by the order of the law's own calls: the one that is wrong after some of those before it, and right as the first."""
        self.trial.implementation.restart()
        trial, deviation = self.trial.anew(case)
        asked = trial.calls.made
        if deviation is None or deviation.case not in asked:
            return None
        wrong = deviation.case
        before = asked[: len(asked) - 1 - asked[::-1].index(wrong)]
        if not before or self.miss_after((), wrong):
            return None
        found = Search(fails=self.miss_after, brief=self.brief).ordered(before, wrong)
        return depending(found) if found else None

    def steady(self, miss: Mismatch, fresh: Callable[[], object], again: Callable[[], object]) -> bool:
        """Whether a case that failed in a fresh process does so in a second one and then further times there, or else in further ones."""
        if not self.known and not fresh():
            return False
        return miss.verdict != "deviates" or all(again() for _ in range(REPEATS)) or all(fresh() for _ in range(REPEATS))

    def miss_after(self, before: Sequence[Case], case: Case) -> Mismatch | None:
        """How the case differs from what the readings in force ask for, in a fresh process, after other cases."""
        self.trial.implementation.restart(before)
        return self.miss(case)

    def miss(self, case: Case) -> Mismatch | None:
        """How the case differs from the ruling's answer; None where it fits another reading in force."""
        outcome = self.trial.implementation.run(case)
        if isinstance(outcome, Unsupported):
            return None
        answers = [[required(case, choice) for choice in self.trial.choices(reading)] for reading in self.trial.readings]
        found = [self.trial.miss(case, outcome, each) for each in answers]
        return None if None in found else found[0]

    def failure_after(self, before: Sequence[Case], case: Case) -> Mismatch | None:
        """How the law fails on a case in a fresh process, after other cases."""
        self.trial.implementation.restart(before)
        return self.failure(case)

    def failure(self, case: Case) -> Mismatch | None:
        """How the law fails on a case."""
        _, deviation = self.trial.anew(case)
        return deviation.found if deviation else None

    def unsteady(self, case: Case, miss: Mismatch) -> Found:
        """A failure that does not come back alone: in the original order it does, or it does not come back at all."""
        failed = self.rounds.failed.get(case, Round(case=case, place=None))
        if self.failure_after((), failed.case):
            found = self.again(failed.case, miss)
            if found and not self.hidden(found.case, found.miss):
                return found
        else:
            order = Search(fails=self.failure_after, brief=self.brief).ordered(failed.before, failed.case)
            if order:
                return depending(order)
        miss = replace(miss, verdict="deviates", kind="not-deterministic")
        return Found(case=case, miss=miss, certain=False, reason="the deviation did not come back in a fresh process")
