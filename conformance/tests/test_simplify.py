"""Simplification reaches the smallest case of known faults, keeps to the fault, and ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from convt_conformance import simplify
from convt_conformance.judge import Mismatch
from convt_conformance.simplify import neighbours, signature, simplest
from convt_spec.case import Case, Literal
from convt_spec.data import numbers
from convt_spec.problem import OMITTED, Items, Problem

LARGE = (
    "N3,C6,M9,L120,K17,stride=5,padding=7,output_padding=3,groups=3,dilation=4,data_format=NLC,bias,float64,int:41234",
    "layer,N2,C4,M6,L33,K9,stride=4,padding=list:3,output_padding=tuple:2,groups=2,dilation=3,data_format=NLC,float64,int:99",
    "N2,C6,M3,L57,K12,stride=4,padding=SAME,output_size=228,groups=3,dilation=5,data_format=NLC,bias,float32,int:65535",
)
Fault = Callable[[Problem], bool]
VALUE = Mismatch(verdict="deviates", kind="value", observed="[1]", required="[2]")
LENGTH = Mismatch(verdict="deviates", kind="length", observed="shape (1, 1, 2)", required="shape (1, 1, 3)")


def number(argument: object) -> int:
    """The number of an argument, 1 where it is left out."""
    found = argument.values[0] if isinstance(argument, Items) else argument
    return found if isinstance(found, int) else 1


def failing(fault: Fault, miss: Mismatch = VALUE) -> Callable[[Case], Mismatch | None]:
    return lambda case: miss if fault(case.problem) else None


FAULTS: dict[str, Fault] = {
    "N1,C1,M1,L1,K1,float32,int:1": lambda problem: True,
    "N1,C1,M1,L1,K1,stride=3,float32,int:1": lambda problem: number(problem.stride) >= 3,
    "N1,C1,M1,L1,K2,dilation=2,float32,int:1": lambda problem: number(problem.dilation) >= 2 and problem.kernel_size >= 2,
    "N1,C1,M1,L30,K1,float32,int:1": lambda problem: problem.length >= 30,
    "N1,C1,M1,L1,K8,float32,int:1": lambda problem: problem.kernel_size >= 8,
    "N2,C1,M1,L1,K1,float32,int:1": lambda problem: problem.batch >= 2,
    "N1,C1,M2,L1,K1,float32,int:1": lambda problem: problem.out_channels >= 2,
    "N1,C3,M1,L1,K1,float32,int:1": lambda problem: problem.in_channels >= 3,
    "N1,C1,M1,L1,K1,data_format=NLC,float32,int:1": lambda problem: problem.layout == "NLC",
    "N1,C1,M1,L2,K1,stride=2,float32,int:1": lambda problem: number(problem.stride) >= 2 and problem.length >= 2,
}


@pytest.mark.parametrize("smallest", FAULTS)
@pytest.mark.parametrize("large", LARGE)
def test_the_smallest_case_is_reached(large: str, smallest: str) -> None:
    fails = failing(FAULTS[smallest])
    assert fails(Case.parse(large))
    case, found = simplest(Case.parse(large), VALUE, fails)
    assert (str(case), found) == (smallest, VALUE)


OWN_FAULTS: dict[str, tuple[str, Fault]] = {
    "N1,C1,M1,L1,K1,bias,float32,int:1": (LARGE[0], lambda problem: problem.has_bias),
    "N1,C3,M3,L1,K1,groups=3,float32,int:1": (LARGE[0], lambda problem: problem.group_count >= 2),
    "N1,C1,M1,L1,K1,padding=1,float32,int:1": (LARGE[1], lambda problem: number(problem.padding) >= 1 and problem.padding is not OMITTED),
    "N1,C1,M1,L1,K1,padding=list:3,float32,int:1": (LARGE[1], lambda problem: isinstance(problem.padding, Items)),
    "N1,C1,M1,L1,K1,padding=list:1.5,float32,int:1": (
        "N2,C4,M6,L5,K3,stride=tuple:2,padding=list:1.5,groups=2,bias,float64,int:7",
        lambda problem: isinstance(problem.padding, Items) and 1.5 in problem.padding.values,
    ),
    "N1,C1,M1,L1,K1,stride=list,float32,int:1": (
        "N2,C4,M6,L5,K3,stride=list,padding=1,groups=2,output_size=9,bias,float64,int:7",
        lambda problem: problem.stride == Items("list", ()),
    ),
    "layer,N1,C1,M1,L1,K1,float32,int:1": (LARGE[1], lambda problem: problem.call == "layer"),
    "N1,C1,M1,L1,K1,padding=SAME,float32,int:1": (LARGE[2], lambda problem: problem.padding == "SAME"),
    "N1,C1,M1,L1,K1,output_size=1,float32,int:1": (LARGE[2], lambda problem: problem.output_size is not OMITTED),
}


@pytest.mark.parametrize("smallest", OWN_FAULTS)
def test_the_smallest_case_of_a_fault_in_one_argument_is_reached(smallest: str) -> None:
    large, fault = OWN_FAULTS[smallest]
    assert fault(Case.parse(large).problem)
    assert str(simplest(Case.parse(large), VALUE, failing(fault))[0]) == smallest


def test_a_layer_without_bias_stays_one_where_it_matters() -> None:
    case = Case.parse("layer,N2,C2,M3,L5,K4,stride=3,bias_attr=false,float64,int:5")
    found, _ = simplest(case, VALUE, failing(lambda problem: problem.call == "layer" and not problem.has_bias))
    assert str(found) == "layer,N1,C1,M1,L1,K1,bias_attr=false,float32,int:1"


def test_the_dtype_is_kept_only_where_it_matters() -> None:
    case = Case.parse(LARGE[0])
    assert simplest(case, VALUE, lambda each: VALUE)[0].dtype == "float32"
    assert str(simplest(case, VALUE, lambda each: VALUE if each.dtype == "float64" else None)[0]) == "N1,C1,M1,L1,K1,float64,int:1"


def test_the_seed_is_kept_where_it_matters() -> None:
    case = Case.parse(LARGE[0])
    found, _ = simplest(case, VALUE, lambda each: VALUE if each.data == case.data else None)
    assert str(found) == "N1,C1,M1,L1,K1,float32,int:41234"


def test_written_numbers_that_matter_are_kept_whole() -> None:
    case = Case.parse("N1,C1,M1,L3,K2,stride=4,padding=1,float64,lit:1:2:3/4:5")
    found, _ = simplest(case, VALUE, lambda each: VALUE if number(each.problem.stride) >= 2 and isinstance(each.data, Literal) else None)
    assert str(found) == "N1,C1,M1,L3,K2,stride=2,float32,lit:1:2:3/4:5"


def test_written_numbers_that_do_not_matter_go() -> None:
    case = Case.parse("N1,C1,M1,L3,K2,stride=4,padding=1,float64,lit:1:2:3/4:5")
    found, _ = simplest(case, VALUE, failing(lambda problem: number(problem.stride) >= 2))
    assert str(found) == "N1,C1,M1,L1,K1,stride=2,float32,int:1"


def test_reals_stay_reals() -> None:
    case = Case.parse("N2,C2,M2,L40,K5,stride=3,float64,real:77")
    assert str(simplest(case, VALUE, lambda each: VALUE)[0]) == "N1,C1,M1,L1,K1,float32,real:77"


@pytest.mark.parametrize("large", LARGE)
def test_a_case_that_fails_in_another_way_is_not_taken(large: str) -> None:
    """Below a stride of 4 the length is wrong, above it the values are."""
    case, found = simplest(Case.parse(large), VALUE, lambda each: VALUE if number(each.problem.stride) >= 4 else LENGTH)
    assert (str(case), found) == ("N1,C1,M1,L1,K1,stride=4,float32,int:1", VALUE)


def test_a_crash_is_not_taken_for_a_wrong_value() -> None:
    crash = Mismatch(verdict="crashes", kind="", observed="the process ended", required="")
    case, found = simplest(Case.parse(LARGE[0]), VALUE, lambda each: VALUE if each.problem.length >= 20 else crash)
    assert (str(case), found) == ("N1,C1,M1,L20,K1,float32,int:1", VALUE)


def refusal(text: str) -> Mismatch:
    return Mismatch(verdict="deviates", kind="rejects-valid", observed=f"ValueError: {text}", required="")


def test_the_words_of_a_refusal_are_kept_and_its_numbers_are_not() -> None:
    assert signature(refusal("stride 5 of (3, 4) at [1, 2]")) == signature(refusal("stride 1 of (3, 7) at [9]"))
    assert signature(refusal("stride 5 is odd")) != signature(refusal("padding 5 is odd"))


def test_an_empty_result_is_a_failure_of_its_own() -> None:
    empty = Mismatch(verdict="deviates", kind="length", observed="float32 (1, 1, 0) []", required="")
    assert signature(empty) != signature(LENGTH)


@pytest.mark.parametrize("large", LARGE)
def test_every_step_goes_to_a_smaller_case_that_fails(large: str) -> None:
    taken = [Case.parse(large)]

    def fails(case: Case) -> Mismatch | None:
        assert case.size < taken[-1].size
        numbers(case)
        if case.problem.length + case.problem.kernel_size < 20:
            return None
        taken.append(case)
        return VALUE

    found, _ = simplest(taken[0], VALUE, fails)
    assert found == taken[-1]
    assert found.problem.length + found.problem.kernel_size == 20


@pytest.mark.parametrize("large", LARGE)
def test_a_case_that_cannot_be_simplified_is_its_own_smallest(large: str) -> None:
    case = Case.parse(large)
    assert simplest(case, LENGTH, lambda each: None) == (case, LENGTH)


def test_the_search_ends_after_its_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault that moves away by one sample at each step would need a thousand steps."""
    monkeypatch.setattr(simplify, "STEPS", 50)
    tried: list[int] = []
    last = [1000]

    def fails(case: Case) -> Mismatch | None:
        tried.append(case.problem.length)
        if case.problem.length != last[0] - 1:
            return None
        last[0] -= 1
        return VALUE

    case, _ = simplest(Case.parse("N1,C1,M1,L1000,K1,float32,int:1"), VALUE, fails)
    assert len(tried) == 50
    assert case.problem.length == last[0] < 1000


@pytest.mark.parametrize("large", LARGE)
def test_every_neighbour_can_be_written_down(large: str) -> None:
    found = list(neighbours(Case.parse(large)))
    assert len(found) == len(set(found)) > 10
    assert [Case.parse(str(each)) for each in found] == found


@pytest.mark.parametrize("form", ["4", "list:4", "tuple:4"])
def test_the_kernel_size_that_a_layer_gets_stays_that_of_its_kernel(form: str) -> None:
    case = Case.parse(f"layer,N1,C2,M3,L5,K4,kernel_form={form},float32,int:9")

    def fails(tried: Case) -> Mismatch | None:
        given = tried.problem.kernel_form
        assert given is OMITTED or number(given) == tried.problem.kernel_size
        return VALUE if given is not OMITTED and tried.problem.length >= 3 else None

    found, _ = simplest(case, VALUE, fails)
    assert (found.problem.length, found.problem.kernel_size, number(found.problem.kernel_form)) == (3, 1, 1)


@pytest.mark.parametrize("argument", ["kernel_form=list:4", "bias_attr=true", "bias_attr=false", "bias_attr=none"])
def test_what_a_layer_gets_is_left_out_where_it_does_not_matter(argument: str) -> None:
    case = Case.parse(f"layer,N1,C2,M3,L5,K4,{argument},float32,int:9")
    found, _ = simplest(case, VALUE, failing(lambda problem: problem.call == "layer"))
    assert str(found) == "layer,N1,C1,M1,L1,K1,float32,int:1"


@pytest.mark.parametrize("argument", ["", "bias_attr=true,", "kernel_form=4,"])
def test_a_layer_with_a_bias_becomes_a_call_with_a_bias(argument: str) -> None:
    case = Case.parse(f"layer,N1,C2,M3,L5,K4,{argument}float32,int:9")
    found, _ = simplest(case, VALUE, failing(lambda problem: problem.has_bias))
    assert str(found) == "N1,C1,M1,L1,K1,bias,float32,int:1"


def test_an_argument_that_matters_by_being_given_falls_to_nothing() -> None:
    case = Case.parse("N1,C1,M1,L4,K3,stride=5,output_padding=4,float32,int:1")
    found, _ = simplest(case, VALUE, failing(lambda problem: problem.output_padding is not OMITTED))
    assert str(found) == "N1,C1,M1,L1,K1,output_padding=0,float32,int:1"


def test_groups_are_left_out_with_the_channels_of_one_group_kept() -> None:
    def fault(problem: Problem) -> bool:
        return (problem.in_channels, problem.out_channels) == (2 * problem.group_count, 3 * problem.group_count)

    found, _ = simplest(Case.parse("N1,C8,M12,L4,K3,groups=4,float32,int:1"), VALUE, failing(fault))
    assert str(found) == "N1,C2,M3,L1,K1,float32,int:1"


def test_a_seed_that_does_not_matter_becomes_one() -> None:
    assert str(simplest(Case.parse("N1,C1,M1,L1,K1,float32,int:2"), VALUE, lambda each: VALUE)[0]) == "N1,C1,M1,L1,K1,float32,int:1"
