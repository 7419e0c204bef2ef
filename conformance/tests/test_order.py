"""The search for the cases that a failure needs before it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from convt_conformance.judge import Mismatch
from convt_conformance.order import IN_ORDER, Search
from convt_spec.case import Case

CASES = [Case.parse(f"N1,C2,M2,L{length},K3,stride=2,float32,int:{length}") for length in range(2, 40)]
WRONG = Case.parse("N2,C2,M2,L9,K4,dilation=2,bias,float32,int:77")
MISS = Mismatch(verdict="deviates", kind="value", observed="[1]", required="[2]")


class Subject:
    """Fails on a case of more than three taps after others of all these lengths."""

    def __init__(self, *lengths: int) -> None:
        self.lengths, self.count = lengths, 0

    def __call__(self, before: Sequence[Case], case: Case) -> Mismatch | None:
        self.count += 1
        seen = [each.problem.length for each in before]
        return MISS if case.problem.kernel_size > 3 and set(self.lengths) <= set(seen) else None


@pytest.mark.parametrize("lengths", [(7,), (2,), (39,), (5, 30)])
def test_only_the_cases_that_matter_remain(lengths: tuple[int, ...]) -> None:
    found = Search(fails=Subject(*lengths), brief=False).ordered(CASES, WRONG)
    assert found
    assert sorted(each.problem.length for each in found.after) == sorted(lengths)
    assert found.case.problem.kernel_size == 4
    assert found.case.size < WRONG.size
    assert all(each.size < CASES[each.problem.length - 2].size for each in found.after) or len(lengths) > 1


def test_a_plainer_case_that_fails_alone_is_another_failure() -> None:
    def fails(before: Sequence[Case], case: Case) -> Mismatch | None:
        if case.problem.kernel_size == 1:
            return MISS
        return MISS if case.problem.kernel_size > 2 and any(each.problem.length == 7 for each in before) else None

    found = Search(fails=fails, brief=False).ordered(CASES, WRONG)
    assert found
    assert found.case.problem.kernel_size == 3
    assert found.case.size < WRONG.size
    assert not fails((), found.case)


def test_in_brief_the_cases_stay_as_they_are() -> None:
    subject = Subject(39)
    found = Search(fails=subject, brief=True).ordered(CASES, WRONG)
    assert found
    assert (found.case, found.after) == (WRONG, (CASES[-1],))
    assert subject.count < 8


def test_the_case_itself_may_be_what_it_needs() -> None:
    """A call that is refused once and accepted when it is made again."""
    found = Search(fails=lambda before, case: MISS if case in before else None, brief=False).ordered(CASES, WRONG)
    assert found
    assert found.after == (found.case,) == (WRONG,)


def test_a_failure_that_passes_once_is_none() -> None:
    answers = iter([*[MISS] * (IN_ORDER - 1), *[None] * 1000])
    assert Search(fails=lambda before, case: next(answers), brief=False).ordered(CASES, WRONG) is None
