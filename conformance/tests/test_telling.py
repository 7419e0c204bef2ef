"""Enumeration: the smallest cases on which two readings of a clause ask for different results."""

from __future__ import annotations

from itertools import combinations

import pytest

from convt_conformance.telling import all_cases, differ, grid, readings_of, telling_cases
from convt_spec import clauses
from convt_spec.case import Case
from convt_spec.interpretation import Answer, Refusal
from convt_spec.problem import Problem

PLAIN = Case.parse("N1,C1,M1,L2,K2,float32,lit:1:2/3:4")
"""Its scattered sum is 3 10 8."""
SILENT = Case.parse("N1,C1,M1,L2,K2,float32,lit:0:0/3:4")
GRIDS = {
    "S3": grid(padding=["SAME"], length=[1, 2, 3, 4], kernel_size=[1, 2, 3, 4], stride=[1, 2, 3]),
    "S4": grid(padding=["SAME"], length=[1, 2], kernel_size=[1, 2, 3], stride=[1, 2], dilation=[1, 2, 3]),
    "O5": grid(length=[1, 2], kernel_size=[1, 2], stride=[1, 2], output_size=[1, 2, 3, 4, 5]),
}


def kept(left: int | None, length: int, **more: int) -> Answer:
    return Answer(left=left, length=length, stride=1, dilation=1, groups=1, **more)


def test_a_grid_is_enumerated_smallest_first() -> None:
    assert [str(case) for case in all_cases(grid(length=[3, 1], kernel_size=[2, 1]))] == [
        "N1,C1,M1,L1,K1,float32,int:1",
        "N1,C1,M1,L1,K2,float32,int:1",
        "N1,C1,M1,L3,K1,float32,int:1",
        "N1,C1,M1,L3,K2,float32,int:1",
    ]


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        pytest.param(Refusal("R2", "empty"), kept(0, 3), True, id="refused-or-not"),
        pytest.param(Refusal("R2", "empty"), Refusal("S4", "dilation"), False, id="refused-for-two-reasons"),
        pytest.param(kept(0, 3), kept(0, 2), True, id="two-lengths"),
        pytest.param(kept(None, 3), kept(0, 2), True, id="two-lengths-one-crop-open"),
        pytest.param(kept(None, 3), kept(0, 3), False, id="one-crop-open"),
        pytest.param(kept(0, 2), kept(1, 2), True, id="two-crops"),
        pytest.param(kept(1, 2), kept(1, 2), False, id="the-same"),
        pytest.param(kept(1, 3), kept(1, 3, added=1), False, id="the-same-samples"),
    ],
)
def test_answers_differ_where_a_result_can_tell_them_apart(one: Answer | Refusal, other: Answer | Refusal, told: bool) -> None:
    assert differ(PLAIN, one, other) is told
    assert differ(PLAIN, other, one) is told


def test_one_sample_is_enough_to_differ_and_none_is_too_little() -> None:
    # The crops 0 and 1 give 3 10 and 10 8: the numbers differ; with an input of zeros they do not.
    assert not differ(SILENT, kept(0, 2), kept(1, 2))
    uncovered, plain_zero = kept(0, 3, added=1), Answer(left=0, length=3, stride=1, dilation=1, groups=1, added=1, tail="zero")
    assert differ(PLAIN, uncovered, plain_zero)


@pytest.mark.parametrize("clause", GRIDS)
def test_each_pair_of_readings_is_told_by_its_smallest_case(clause: str) -> None:
    def first(pair: tuple[str, str]) -> Case | None:
        return next(
            (case for case in all_cases(GRIDS[clause]) if differ(case, *(readings_of(clause, case.problem)[name] for name in pair))), None
        )

    smallest = {case for pair in combinations(clauses.find(clause).readings, 2) if (case := first(pair))}
    found = telling_cases(clause, GRIDS[clause])
    assert found == tuple(sorted(smallest, key=lambda case: case.size))
    assert found


def test_readings_are_asked_with_all_other_clauses_as_we_read_them() -> None:
    found = readings_of("S4", Problem(padding="SAME", length=3, kernel_size=4, stride=2, dilation=2))
    assert list(found) == ["dilation-used", "dilation-reset", "refused"]
    used, reset, refused = found.values()
    assert isinstance(used, Answer)
    assert isinstance(reset, Answer)
    assert isinstance(refused, Refusal)
    assert (used.left, used.length, used.dilation) == (2, 6, 2)
    assert (reset.left, reset.length, reset.dilation) == (1, 6, 1)
    assert refused.clause == "S4"
