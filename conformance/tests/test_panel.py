"""The panel is the same for everybody, and its answers can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import strangers
from in_process import in_process

from convt_conformance import panel
from convt_conformance.outcomes import Computed, Crashed, Outcome, OutOfMemory, Rejected, TimedOut, Unsupported
from convt_conformance.records import schema
from convt_spec.case import Case
from convt_spec.data import numbers
from convt_spec.problem import OMITTED, Items

CASE = Case.parse(strangers.EVEN)


@dataclass(frozen=True)
class Fixed:
    """Answers everything with one outcome."""

    outcome: Outcome

    description: Any = None

    def run(self, case: Case) -> Outcome:
        return self.outcome

    @property
    def history(self) -> tuple[Case, ...]:
        return ()

    def run_ahead(self, cases: Sequence[Case]) -> list[Outcome]:
        return [self.outcome for _ in cases]

    def restart(self, before: Sequence[Case] = ()) -> None: ...


def computed(*values: complex, dtype: Any = np.float32) -> Outcome:
    array = np.array(values, dtype).reshape(1, 1, -1)
    return Computed(array=array, dtype=array.dtype.name)


def digest(outcome: Outcome) -> str:
    return str(panel.answer(Fixed(outcome), CASE)["digest"])


def test_no_case_occurs_twice() -> None:
    assert len(set(panel.cases())) == len(panel.cases()) > 100


def test_every_case_is_its_own_text() -> None:
    assert [Case.parse(str(case)) for case in panel.cases()] == list(panel.cases())


def test_every_case_has_numbers() -> None:
    for case in panel.cases():
        assert numbers(case).x.size > 0


def test_the_panel_is_drawn_anew_as_the_same() -> None:
    before = panel.cases()
    panel.every_case.cache_clear()
    assert panel.cases() == before


@pytest.mark.parametrize(("share", "size"), [(1.0, 300), (0.5, 150), (0.05, 100)])
def test_a_slow_implementation_gets_the_first_part_of_the_panel(share: float, size: int) -> None:
    assert panel.cases(share) == panel.cases()[:size]


def test_even_the_smallest_part_holds_every_sort_of_call() -> None:
    problems = [case.problem for case in panel.cases(0.01)]
    assert {"SAME", "VALID"} <= {problem.padding for problem in problems if isinstance(problem.padding, str)}
    assert {problem.layout for problem in problems} == {"NCL", "NLC"}
    assert any(problem.group_count > 1 for problem in problems)
    assert any(problem.output_size is not OMITTED for problem in problems)


@pytest.mark.parametrize("padding", ["VALID", "SAME", 1])
def test_the_panel_holds_every_sort_of_padding(padding: object) -> None:
    assert any(case.problem.padding == padding for case in panel.cases())


def test_the_panel_holds_every_sort_of_call() -> None:
    problems = [case.problem for case in panel.cases()]
    assert any(isinstance(problem.padding, Items) for problem in problems)
    assert any(problem.group_count > 1 for problem in problems)
    assert any(problem.output_size is not OMITTED for problem in problems)
    assert any(problem.output_padding is not OMITTED for problem in problems)
    assert {problem.layout for problem in problems} == {"NCL", "NLC"}
    assert {problem.bias for problem in problems} == {True, False}
    assert {case.dtype for case in panel.cases()} == {"float32", "float64"}


def test_an_answer_holds_the_case_and_the_shape() -> None:
    answer = panel.answer(in_process(strangers.right, "right"), CASE)
    assert {**answer, "digest": ""} == {"line": "answer", "case": str(CASE), "outcome": "computed", "shape": [1, 3, 8], "digest": ""}
    assert len(answer["digest"]) == 16


def test_every_outcome_has_a_name_in_the_schema() -> None:
    outcomes = [
        *(computed(1), Rejected(error="E", message=""), Unsupported(reason="")),
        *(Crashed(how=""), TimedOut(seconds=1), OutOfMemory(message="")),
    ]
    names = [panel.answer(Fixed(outcome), CASE)["outcome"] for outcome in outcomes]
    assert names == schema()["$defs"]["answer"]["properties"]["outcome"]["enum"]


def test_what_is_no_array_has_no_digest() -> None:
    answer = panel.answer(Fixed(Computed(array=None, dtype="list")), CASE)
    assert (answer["shape"], answer["digest"]) == ([], "")


@pytest.mark.parametrize("dtype", [np.float32, np.float64, ">f4", np.int8])
def test_equal_numbers_have_equal_digests(dtype: Any) -> None:
    assert digest(computed(0, 2, dtype=dtype)) == digest(computed(-0.0, 2))


@pytest.mark.parametrize("other", [computed(2, 1), computed(1, 2.01), computed(1, np.nan), computed(1)])
def test_other_numbers_have_other_digests(other: Outcome) -> None:
    assert digest(other) != digest(computed(1, 2))


def test_the_rounding_of_a_transform_does_not_change_the_digest() -> None:
    assert digest(computed(1, 2.0000002)) == digest(computed(1, 2))


@pytest.mark.filterwarnings("error")
def test_complex_numbers_have_digests_of_their_own() -> None:
    assert digest(computed(1 + 1j, dtype=np.complex64)) != digest(computed(1 + 2j, dtype=np.complex64))


def test_numbers_that_are_not_contiguous_have_the_same_digest() -> None:
    array = np.arange(12, dtype=np.float32).reshape(1, 3, 4)
    assert digest(Computed(array=np.asfortranarray(array), dtype="float32")) == digest(Computed(array=array, dtype="float32"))


def test_two_ways_to_compute_the_same_give_the_same_answers() -> None:
    from saboteurs import conv1d_transpose

    ours, theirs = in_process(strangers.right, "right"), in_process(conv1d_transpose, "conv1d_transpose")
    valid = [case for case in panel.cases() if not isinstance(case.problem.padding, Items) and case.problem.output_size is OMITTED][:40]
    for case in valid:
        assert panel.answer(ours, case) == panel.answer(theirs, case)
