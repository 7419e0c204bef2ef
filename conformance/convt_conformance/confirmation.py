"""A second look at a failure: its smallest case, whether it comes back in a fresh process, alone or after the same cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from convt_conformance.judge import Mismatch, mismatch
from convt_conformance.outcomes import Unsupported
from convt_conformance.requirements import required
from convt_conformance.rounds import Round, Rounds
from convt_conformance.simplify import simplest
from convt_conformance.trial import Deviation, Refutation, Trial
from convt_spec.case import Case

LOOKS = 4
"""Failing cases that are tried in a fresh process before a failure is called not-deterministic."""
REPEATS = 6
"""Further looks at a failure that came back in two fresh processes."""
IN_ORDER = 3
"""Fresh processes in which a failure must come back after the same cases, before it is said to depend on them."""
PROCESSES = {"deviates": 1000, "crashes": 40, "exhausts-memory": 20, "hangs": 4}
"""Processes that the search for a smaller case may cost, by verdict."""
REPLAYS = 30
"""Fresh processes that the search for the cases that matter before a failure may cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a failure turned out to be; `certain` when the case fails alone in a fresh process, else `after` says what must run before."""

    case: Case
    miss: Mismatch
    certain: bool
    reason: str = ""
    after: tuple[Case, ...] = ()


def never(case: Case, miss: Mismatch) -> bool:
    return False


@dataclass(slots=True, kw_only=True)
class Confirmation:
    """Looks again at the failures of a trial; a case that is `hidden` is not shown.

    With `brief` a failure that depends on the order is looked at once, and shown after all of the last cases that it needs,
    whichever of them matter.
    """

    rounds: Rounds
    hidden: Callable[[Case, Mismatch], bool] = field(default=never)
    brief: bool = False

    @property
    def trial(self) -> Trial:
        return self.rounds.trial

    def settled(self, failures: Mapping[Case, Mismatch]) -> Found:
        """What the failures are: one that comes back, or a process that does not give the same twice."""
        for found in self.candidates(failures):
            if self.comes_back(found.case, found.found):
                return Found(case=found.case, miss=found.found, certain=True)
        case, miss = next(iter(failures.items()))
        return self.unsteady(case, miss)

    def confirmed(self, case: Case, miss: Mismatch) -> Found:
        """The same for one case, as it is."""
        return Found(case=case, miss=miss, certain=True) if self.comes_back(case, miss) else self.unsteady(case, miss)

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
            miss, cost = self.again(tried) if left > 0 else (None, 0)
            left -= cost
            return None if miss is None or self.hidden(tried, miss) else miss

        case, found = simplest(case, found, fails)
        return Refutation(case=case, found=found)

    def tells_readings_apart(self, case: Case) -> bool:
        """Whether the readings of the law's clause ask for different things."""
        return len({required(case, self.trial.choices(reading)[0]) for reading in self.trial.readings}) > 1

    def again(self, case: Case) -> tuple[Mismatch | None, int]:
        """How the law fails on this very case, and the processes that it cost."""
        trial = Trial(law=self.trial.law, implementation=self.trial.implementation, readings=self.trial.readings)
        try:
            trial.round(case)
        except Deviation as deviation:
            return deviation.found if deviation.case == case else None, trial.restarts
        except (ValueError, AssertionError, ZeroDivisionError):
            return None, trial.restarts  # the case lies outside what the law is about
        return None, trial.restarts

    def comes_back(self, case: Case, miss: Mismatch) -> bool:
        """Whether the case fails each time, first in fresh processes: alone against the ruling's answer, or else under the law."""
        if miss.kind in ("changes-input", "not-deterministic") or (miss.verdict == "hangs" and case in self.rounds.fresh):
            return True
        if self.fails_alone(case):
            return miss.verdict == "hangs" or self.steady(miss, lambda: self.fails_alone(case), lambda: self.differs(case))
        return self.fails_after((), case) and self.steady(miss, lambda: self.fails_after((), case), lambda: self.fails(case))

    def steady(self, miss: Mismatch, fresh: Callable[[], bool], again: Callable[[], bool]) -> bool:
        """Whether a case that failed in a fresh process does so in a second one and then further times there, or else in further ones."""
        if not fresh():
            return False
        return miss.verdict != "deviates" or all(again() for _ in range(REPEATS)) or all(fresh() for _ in range(REPEATS))

    def fails_alone(self, case: Case) -> bool:
        """Whether the case differs from the ruling's answer when it is the first of a fresh process."""
        self.trial.implementation.restart()
        return self.differs(case)

    def differs(self, case: Case) -> bool:
        """Whether the case differs from the ruling's answer."""
        law = self.trial.law
        outcome = self.trial.implementation.run(case)
        if isinstance(outcome, Unsupported):
            return False
        answers = [required(case, choice) for choice in self.trial.choices(self.trial.readings[0])]
        return all(mismatch(case, outcome, answer, law.aspects) for answer in answers)

    def fails_after(self, before: Sequence[Case], case: Case) -> bool:
        """Whether the law fails on a case in a fresh process, after other cases."""
        self.trial.implementation.restart(before)
        return self.fails(case)

    def fails(self, case: Case) -> bool:
        """Whether the law fails on a case."""
        trial = Trial(law=self.trial.law, implementation=self.trial.implementation, readings=self.trial.readings)
        try:
            trial.round(case)
        except Deviation:
            return True
        except (ValueError, AssertionError, ZeroDivisionError):
            return False
        return bool(trial.refuted.get(self.trial.readings[0]))

    def unsteady(self, case: Case, miss: Mismatch) -> Found:
        """A failure that does not come back alone: in the original order it does, or it does not come back at all."""
        first = self.rounds.first
        after = self.needed(first) if first else ()
        if first and after:
            reason = f"the case fails only after {len(after)} other{'s' if len(after) > 1 else ''} in the same process"
            found = self.rounds.failures.get(first.case, miss)
            return Found(
                case=first.case, miss=replace(found, verdict="deviates", kind="depends-on-order"), certain=False, reason=reason, after=after
            )
        miss = replace(miss, verdict="deviates", kind="not-deterministic")
        return Found(case=case, miss=miss, certain=False, reason="the deviation did not come back in a fresh process")

    def needed(self, first: Round) -> tuple[Case, ...]:
        """Cases after which the first failure comes back each time; none where it does not do so even in its original order."""

        def fails_each_time(before: tuple[Case, ...]) -> bool:
            return all(self.fails_after(before, first.case) for _ in range(1 if self.brief else IN_ORDER))

        if not first.before or not fails_each_time(first.before):
            return ()
        after = self.shortened(first.before, first.case)
        return after if fails_each_time(after) else ()

    def shortened(self, before: tuple[Case, ...], case: Case) -> tuple[Case, ...]:
        """Few of the cases that ran before, after which the case still fails: the last ones, then without each that does not matter."""
        count = 1
        while count < len(before) and not self.fails_after(before[-count:], case):
            count *= 2
        kept = before[-count:]
        tries, width = 0 if self.brief else REPLAYS, max(len(kept) // 2, 1)
        while tries and width:
            start = 0
            while tries and start < len(kept):
                fewer = kept[:start] + kept[start + width :]
                tries -= 1
                if fewer and self.fails_after(fewer, case):
                    kept = fewer
                else:
                    start += width
            width //= 2
        return kept
