"""How a law's cases are run: ahead of their turn where that is safe, each outcome for its own case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from in_process import in_process

import convt_impl
from convt_conformance import rounds
from convt_conformance.confirmation import Confirmation
from convt_conformance.judge import NUMBERS
from convt_conformance.law import Law
from convt_conformance.laws import all_laws
from convt_conformance.outcomes import Computed, Crashed, Outcome, TimedOut
from convt_conformance.protocol import Description
from convt_conformance.rounds import Rounds
from convt_conformance.session import Session
from convt_conformance.trial import Trial
from convt_spec import clauses
from convt_spec.case import Case

ALL_LAWS = {each.name: each for each in all_laws()}
CASES = [Case.parse(f"N1,C2,M3,L{length},K2,stride=2,float32,int:1") for length in range(2, 30)]
RIGHT = in_process(convt_impl.conv1d_transpose, "right")


@dataclass(slots=True)
class Mortal:
    """A right implementation but for some odd cases, and which notes the calls: `|` where a process began."""

    odd: Callable[[Case], bool]
    outcome: Outcome = field(default_factory=lambda: Crashed(how="signal 11 (SIGSEGV)", stderr=""))
    history: list[Case] = field(default_factory=list)
    calls: list[Case | str] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)

    @property
    def description(self) -> Description:
        return RIGHT.description

    def run(self, case: Case) -> Outcome:
        self.calls.append(case)
        self.history.append(case)
        if not self.odd(case):
            return RIGHT.run(case)
        if not isinstance(self.outcome, Computed):
            self.restart()
        return self.outcome

    def run_ahead(self, cases: Sequence[Case]) -> list[Outcome]:
        self.blocks.append(len(cases))
        outcomes: list[Outcome] = []
        for case in cases:
            outcomes.append(self.run(case))
            if isinstance(outcomes[-1], Crashed | TimedOut):
                break
        return outcomes

    def restart(self, before: Sequence[Case] = ()) -> None:
        self.history = []
        self.calls.append("|")
        for case in before:
            self.run(case)


def law(body: Callable[[Trial, Case], None]) -> Law:
    """A law that is in no list."""
    return Law(clause="V1", name=body.__name__, body=body, cases=lambda _: CASES, first=tuple, free=(), every=False, aspects=NUMBERS)


def judges(trial: Trial, case: Case) -> None:
    trial.judge(case)


def judges_two(trial: Trial, case: Case) -> None:
    trial.judge(case)
    trial.judge(case.with_(stride=3))


def judges_after_another(trial: Trial, case: Case) -> None:
    trial.disturb(case.with_(stride=3))
    trial.judge(case)


def runs_twice(trial: Trial, case: Case) -> None:
    trial.run(case)
    trial.run(case)


def runs_another_after_an_answer(trial: Trial, case: Case) -> None:
    if trial.run(case) is not None:
        trial.run(case.with_(stride=3))


def held(subject: Any, body: Callable[[Trial, Case], None], cases: Sequence[Case]) -> Rounds:
    found = Rounds(trial=Trial(law=law(body), implementation=subject, readings=tuple(clauses.find("V1").readings)))
    found.hold_all(cases)
    return found


def test_each_case_is_run_once_and_judged_in_order() -> None:
    subject = Mortal(lambda case: False)
    found = held(subject, judges, CASES)
    assert subject.calls == CASES
    assert (found.trial.judged, found.passes, found.failures) == (len(CASES), CASES, {})


def test_the_outcome_at_hand_is_the_one_that_is_judged() -> None:
    """A first call that is wrong is not made good by a second one that is right."""
    subject = Mortal(odd=lambda case: len(subject.calls) == 1, outcome=Computed(array=np.zeros((1, 3, 4), np.float32), dtype="float32"))
    rounds = held(subject, ALL_LAWS["test_V1_values_of_wide_numbers"].body, CASES[:1])
    assert list(rounds.failures) == CASES[:1]


def test_a_repeated_case_is_run_again() -> None:
    subject = Mortal(lambda case: False)
    assert held(subject, judges, CASES + CASES[:5]).trial.judged == len(CASES) + 5
    assert len(subject.calls) == len(CASES) + 5


def test_more_cases_than_are_run_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "AHEAD", 4)
    subject = Mortal(lambda case: False)
    held(subject, judges, CASES)
    assert subject.calls == CASES


@pytest.mark.parametrize(
    ("body", "stride", "blocks"), [(judges_two, [2, 3], [56]), (judges_after_another, [3, 2], []), (runs_twice, [2, 2], [])]
)
def test_calls_that_belong_together_stay_together(body: Callable[[Trial, Case], None], stride: list[int], blocks: list[int]) -> None:
    """Those of a round are made ahead where their order does not matter."""
    subject = Mortal(lambda case: False)
    found = held(subject, body, CASES)
    assert subject.calls == [case.with_(stride=each) for case in CASES for each in stride]
    assert subject.blocks == blocks
    assert found.trial.judged == len(CASES) * (1 if body is judges_after_another else 2)


def test_a_call_that_an_outcome_asks_for_is_made_in_its_turn() -> None:
    subject = Mortal(lambda case: False)
    found = held(subject, runs_another_after_an_answer, CASES)
    assert subject.calls == [*CASES, *(case.with_(stride=3) for case in CASES)]
    assert subject.blocks == [len(CASES)]
    assert found.trial.judged == 2 * len(CASES)


def test_the_cases_before_a_round_of_several_calls() -> None:
    wrong = Computed(array=np.zeros((1, 3, 1), np.float32), dtype="float32")
    subject = Mortal(lambda case: case == CASES[3].with_(stride=3), wrong)
    found = held(subject, judges_two, CASES)
    failed = found.failed[next(iter(found.failures))]
    before = tuple(case.with_(stride=each) for case in CASES[:3] for each in (2, 3))
    assert (failed.case, failed.before) == (CASES[3], before)


def test_a_death_costs_its_case_and_ends_the_running_ahead() -> None:
    subject = Mortal(lambda case: case == CASES[9])
    found = held(subject, judges, CASES)
    assert subject.calls == [*CASES[:10], "|", *CASES[10:]]
    assert list(found.failures) == [CASES[9]]
    assert found.passes == CASES[:9] + CASES[10:]


def test_the_cases_before_a_failure_are_those_of_its_process() -> None:
    """Those that ran ahead of its turn, but after it, are not among them."""
    subject = Mortal(lambda case: case == CASES[3], Computed(array=np.zeros((1, 3, 1), np.float32), dtype="float32"))
    found = held(subject, judges, CASES)
    failed = found.failed[next(iter(found.failures))]
    assert (failed.case, failed.before) == (CASES[3], tuple(CASES[:3]))


@pytest.mark.parametrize("name", list(ALL_LAWS))
@pytest.mark.parametrize("outcome", [Crashed(how="signal 11 (SIGSEGV)", stderr=""), TimedOut(seconds=1.0)], ids=["crashes", "hangs"])
def test_every_law_reports_a_death(name: str, outcome: Outcome) -> None:
    result = Session(implementation=Mortal(lambda case: True, outcome), seed=1, examples=5).hold(ALL_LAWS[name])
    assert result.verdict == {Crashed: "crashes", TimedOut: "hangs"}[type(outcome)]


def test_a_hang_of_a_fresh_process_needs_no_second_look() -> None:
    subject = Mortal(lambda case: True, TimedOut(seconds=1.0))
    found = held(subject, judges, CASES[:2])
    calls = len(subject.calls)
    assert Confirmation(rounds=found).again(CASES[0], found.failures[CASES[0]])
    assert len(subject.calls) == calls


@pytest.mark.parametrize(("known", "processes"), [(False, 2), (True, 1)])
def test_a_failure_that_was_known_needs_one_fresh_process(known: bool, processes: int) -> None:
    subject = Mortal(lambda case: True, Computed(array=np.zeros((1, 3, 4), np.float32), dtype="float32"))
    found = held(subject, judges, CASES[:1])
    calls = len(subject.calls)
    assert Confirmation(rounds=found, known=known).again(CASES[0], found.failures[CASES[0]])
    assert subject.calls[calls:].count("|") == processes


def test_a_known_failure_that_comes_and_goes_is_looked_at_further() -> None:
    """Right in every other call of a process and always wrong in a fresh one: as certain as a failure can be."""
    wrong = Computed(array=np.zeros((1, 3, 4), np.float32), dtype="float32")
    subject = Mortal(lambda case: len(subject.history) % 2 == 1, wrong)
    found = held(subject, judges, CASES[:1])
    calls = len(subject.calls)
    assert Confirmation(rounds=found, known=True).again(CASES[0], found.failures[CASES[0]])
    assert subject.calls[calls:].count("|") > 2


def test_a_hang_after_other_cases_does() -> None:
    subject = Mortal(lambda case: case == CASES[1], TimedOut(seconds=1.0))
    found = held(subject, judges, CASES[:2])
    calls = len(subject.calls)
    assert Confirmation(rounds=found).again(CASES[1], found.failures[CASES[1]])
    assert subject.calls[calls:] == ["|", CASES[1], "|"]


def test_a_death_in_the_second_of_two_equal_calls_is_reported() -> None:
    """A call that frees something twice, say."""
    subject = Mortal(lambda case: subject.history.count(case) == 2)
    result = Session(implementation=subject, seed=1, examples=5).hold(ALL_LAWS["test_I14_same_again"])
    assert result.verdict == "crashes"
