"""The condition that is found is the one that made the cases fail."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from convt_conformance.avoidance import ENOUGH, LEAST, PROBES, Avoidance
from convt_conformance.causes import MANY, causes, near
from convt_conformance.conditions import condition
from convt_conformance.exploration import EVEN
from convt_conformance.protocol import FEATURES
from convt_conformance.strategies import ordinary_cases
from convt_spec.case import Case


@pytest.fixture(scope="module")
def drawn() -> list[Case]:
    return draw(300)


@pytest.fixture(scope="module")
def many_drawn() -> list[Case]:
    return draw(2000)


def draw(count: int) -> list[Case]:
    """Cases as the laws draw them, the same whatever else is imported."""
    found: list[Case] = []

    @seed(1)
    @settings(
        max_examples=count, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), backend=EVEN
    )
    @given(ordinary_cases(FEATURES))
    def collect(case: Case) -> None:
        found.append(case)

    collect()
    return list(dict.fromkeys(found))


def split(drawn: list[Case], text: str) -> tuple[list[Case], list[Case]]:
    faulty = condition(text)
    return [case for case in drawn if faulty.holds(case)], [case for case in drawn if not faulty.holds(case)]


SINGLE = {
    "bias and groups > 1": "bias and groups > 1",
    "kernel_size < stride and groups > 1": "groups > 1 and kernel_size < stride",
    "gcd(stride, dilation) > 1 and kernel_size > 1": "gcd(stride, dilation) > 1 and kernel_size > 1",
    "kernel_size > length": "kernel_size > length",
    "dilation == 2": "dilation == 2",
    "layout == 'NLC'": 'layout == "NLC"',
    "dtype == 'float64' and not bias": 'dtype == "float64" and not bias',
    "kernel_size % 2 == 0": "kernel_size % 2 == 0",
}


@pytest.mark.parametrize("text", SINGLE)
def test_one_cause_has_its_condition(drawn: list[Case], text: str) -> None:
    failing, passing = split(drawn, text)
    (found,) = causes(failing, passing)
    assert str(found.condition) == SINGLE[text]
    assert set(found.failing) == set(failing)
    assert found.passes == len(set(passing))


@pytest.mark.parametrize("least", [16, 64, 100])
def test_a_bound_is_found_between_the_failures_and_the_passes(drawn: list[Case], least: int) -> None:
    failing, passing = split(drawn, f"length > {least}")
    (found,) = causes(failing, passing)
    assert str(found.condition).startswith("length > ")
    assert (
        max(case.problem.length for case in passing) <= int(str(found.condition).split()[-1]) < min(case.problem.length for case in failing)
    )


def test_two_causes_are_told_apart(drawn: list[Case]) -> None:
    failing, passing = split(drawn, "stride == 3 or bias and dtype == 'float64'")
    assert {str(each.condition) for each in causes(failing, passing)} == {"stride == 3", 'bias and dtype == "float64"'}


def test_whatever_is_found_covers_its_failures_and_no_pass(drawn: list[Case]) -> None:
    """Cases that fail for no reason: a condition may be found, but it has to fit."""
    failing, passing = drawn[::7], [case for number, case in enumerate(drawn) if number % 7]
    found = causes(failing, passing)
    assert sorted(map(str, (case for each in found for case in each.failing))) == sorted(map(str, failing))
    for each in found:
        if each.condition is not None:
            assert all(each.condition.holds(case) for case in each.failing)
            assert not any(each.condition.holds(case) for case in passing)


def test_where_everything_fails_there_is_no_condition(drawn: list[Case]) -> None:
    (found,) = causes(drawn, [])
    assert found.condition == condition("")


def test_the_same_cases_in_another_order_give_the_same_condition(drawn: list[Case]) -> None:
    failing, passing = split(drawn, "stride > kernel_size and dilation > 1 or batch == 3 and bias")
    assert causes(failing, passing) == causes(failing[::-1], passing[::-1])


def test_a_condition_that_few_passes_share_is_near(drawn: list[Case]) -> None:
    failing, passing = split(drawn, "bias and groups > 1")
    lucky = failing[1:4]
    found = near([failing[0], *failing[4:]], passing + lucky)
    assert found
    assert found.text == "bias and groups > 1"
    assert set(found.passing) == set(lucky)


MANY_PARTS = "bias and groups > 1 and kernel_size > 2 and length > 1 and stride == 2"


def test_many_failures_bear_out_a_condition_of_many_parts(many_drawn: list[Case]) -> None:
    failing, passing = split(many_drawn, MANY_PARTS)
    (found,) = causes(failing, passing)
    assert str(found.condition) == MANY_PARTS
    almost = near(failing[3:], passing + failing[:3])
    assert almost
    assert (almost.text, set(almost.passing)) == (MANY_PARTS, set(failing[:3]))


def test_few_failures_do_not(many_drawn: list[Case]) -> None:
    failing, passing = split(many_drawn, MANY_PARTS)
    (found,) = causes(failing[: MANY // 2], passing)
    assert found.condition is None or str(found.condition).count(" and ") < 4


def test_many_passes_inside_a_condition_are_not(drawn: list[Case]) -> None:
    """Where the fault comes and goes without any parameter, the passes are as good as the failures."""
    failing, passing = split(drawn, "bias and groups > 1")
    half = len(failing) // 2
    assert near(failing[half:], passing + failing[:half]) is None


def test_cases_that_end_the_process_are_left_out_once_they_are_known(drawn: list[Case]) -> None:
    avoidance, dead = Avoidance(), condition("dilation == 2 and groups > 1")
    lost = spared = 0
    for case in drawn:
        if avoidance.expects(case, seen=9):
            spared += not dead.holds(case)
        elif dead.holds(case):
            avoidance.learn(case)
            lost += 1
        else:
            avoidance.spare(case)
    assert LEAST <= lost < sum(map(dead.holds, drawn)) / 2
    assert spared < len(drawn) / 20, "harmless cases that were left out"


def test_a_law_sees_some_for_itself_until_there_were_enough() -> None:
    avoidance = Avoidance(conditions=[condition("stride == 2")])
    case = Case.parse("N1,C1,M1,L1,K1,stride=2,float32,int:1")
    assert [avoidance.expects(case, seen) for seen in (0, 1, 2)] == [False, False, True]
    avoidance.failing = [case] * ENOUGH
    assert avoidance.expects(case, 0)


def test_where_every_call_ends_the_process_most_are_left_out(drawn: list[Case]) -> None:
    avoidance = Avoidance()
    seen = [case for case in drawn if not avoidance.expects(case, seen=9)]
    assert seen == drawn
    for case in drawn[:LEAST]:
        avoidance.learn(case)
    assert avoidance.told() == "every call"
    run = [case for case in drawn if not avoidance.expects(case, seen=9)]
    assert len(drawn) // PROBES == len(run)
    avoidance.spare(drawn[0])
    assert not avoidance.conditions


def test_dear_processes_are_soon_enough_and_seldom_risked(drawn: list[Case]) -> None:
    """Three that hang for 20 s are enough; of hundreds of cases hardly one is tried again."""
    avoidance = Avoidance()
    for case in drawn[:LEAST]:
        avoidance.learn(case, seconds=20.0)
    assert sum(not avoidance.expects(case, seen=0) for case in drawn) <= 1 + len(drawn) // (PROBES * 80)


def test_a_case_without_harm_corrects_what_was_expected() -> None:
    avoidance = Avoidance(conditions=[condition("stride == 2")])
    avoidance.spare(Case.parse("N1,C1,M1,L1,K2,stride=2,float32,int:1"))
    assert not avoidance.conditions
