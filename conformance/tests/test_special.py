"""The judge on special numbers: what each reading allows, and what none does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from saboteurs import conv1d_transpose

from convt_conformance.judge import Mismatch, mismatch, requirement
from convt_conformance.outcomes import Computed
from convt_spec.case import Case
from convt_spec.clauses import rulings
from convt_spec.data import arrays
from convt_spec.interpretation import Answer, interpret

NAN = "N2,C1,M1,L4,K2,stride=3,float32,nonfinite:{}"
TINY, LARGE = "N2,C1,M1,L4,K2,float32,subnormal:3", "N1,C2,M1,L4,K2,float32,large:3"


def right(case: Case) -> Any:
    with np.errstate(all="ignore"):
        x, weight, bias = arrays(case)
        return conv1d_transpose(x, weight, bias, stride=3 if "stride" in str(case) else 1)


def judged(case: Case, array: Any, **choices: str) -> Mismatch | None:
    answer = interpret(case.problem, {**rulings(), **choices})
    assert isinstance(answer, Answer)
    return mismatch(case, Computed(array=array, dtype=array.dtype.name), answer)


def one_marked(kind: str) -> Case:
    """A case with one such number, in the first item's input, and without zeros."""
    for seed in range(0, 2000, 4):
        case = Case.parse(NAN.format(seed))
        x, weight, _ = arrays(case)
        spoiled = x[~np.isfinite(x)]
        if np.isfinite(weight).all() and len(spoiled) == 1 and str(spoiled[0]) == kind and np.isfinite(x[1]).all():
            return case
    raise AssertionError(kind)


@pytest.mark.parametrize("kind", ["nan", "inf", "-inf"])
def test_V8_the_right_result_fits_both_readings(kind: str) -> None:
    case = one_marked(kind)
    assert judged(case, right(case)) is None
    assert judged(case, right(case), V8="spread") is None


@pytest.mark.parametrize("kind", ["nan", "inf", "-inf"])
def test_V8_more_samples_of_the_same_item_fit_spread_only(kind: str) -> None:
    case = one_marked(kind)
    y = right(case)
    y[0] = np.nan
    assert judged(case, y)
    assert judged(case, y, V8="spread") is None
    y[1, 0, 2] = np.nan
    assert judged(case, y, V8="spread")


@pytest.mark.parametrize("reading", ["local", "spread"])
def test_V8_numbers_that_should_not_be_finite_or_are_wrong_fit_no_reading(reading: str) -> None:
    case = one_marked("nan")
    y = right(case)
    spoiled = np.argwhere(np.isnan(y))[0]
    for value in (0.0, np.inf):
        wrong = y.copy()
        wrong[tuple(spoiled)] = value
        assert judged(case, wrong, V8=reading)
    finite = np.argwhere(np.isfinite(y))[0]
    y[tuple(finite)] += 1
    assert judged(case, y, V8=reading)


def test_V8_an_infinity_may_become_nan_but_not_change_its_sign() -> None:
    case = one_marked("inf")
    y = right(case)
    assert judged(case, np.where(np.isinf(y), np.nan, y).astype(np.float32)) is None
    assert judged(case, np.where(np.isinf(y), -y, y))


def zero_beside_infinity() -> Case:
    """A case with a sample whose sum holds a product of 0 and an infinity, and no other number that is not finite."""
    for seed in range(2000):
        case = Case.parse(f"N1,C1,M1,L4,K2,stride=3,float32,nonfinite:{seed}")
        x, weight, _ = arrays(case)
        if np.isinf(x).sum() == 1 and np.isfinite(weight).all() and not np.isnan(x).any() and (weight == 0).sum() == 1:
            return case
    raise AssertionError


@pytest.mark.parametrize("reading", ["local", "spread"])
def test_V8_zero_times_infinity_is_nan_or_left_out(reading: str) -> None:
    case = zero_beside_infinity()
    y = right(case)
    assert int(np.isnan(y).sum()) == 1
    for value, accepted in ((np.nan, True), (0, True), (1, False), (np.inf, reading == "spread")):
        found = judged(case, np.where(np.isnan(y), value, y).astype(np.float32), V8=reading)
        assert (found is None) == accepted, value


def test_V9_a_small_result_that_is_not_subnormal_may_not_be_0() -> None:
    case = Case.parse(TINY.replace("subnormal", "tiny"))
    y = right(case)
    assert judged(case, y) is None
    y[0, 0, 1] = 0
    for reading in ("kept", "flushed"):
        assert judged(case, y, V9=reading)


def test_V7_each_channel_is_judged_in_its_own_unit() -> None:
    case = Case.parse("N1,C3,M3,L4,K2,float32,uneven:2")
    y = right(case)
    assert judged(case, y) is None
    small = int(np.argmin(abs(y).max(axis=(0, 2))))
    y[0, small, 1] += np.spacing(abs(y).max())
    found = judged(case, y)
    assert found
    assert "for each channel" in found.observed


def test_V9_zeros_instead_of_subnormal_results_fit_flushed_only() -> None:
    case = Case.parse(TINY)
    y = right(case)
    assert judged(case, y) is None
    some = y.copy()
    some[0, 0, 1] = 0
    assert judged(case, some)
    assert judged(case, some, V9="flushed") is None
    some[1, 0, 1] = 0
    assert judged(case, some, V9="flushed")


def test_V9_a_wrong_subnormal_result_fits_no_reading() -> None:
    case = Case.parse(TINY)
    y = right(case)
    y[0] *= 2
    for reading in ("kept", "flushed"):
        found = judged(case, y, V9=reading)
        assert found
        assert "in units of 2^(-139, 0) for each item" in found.observed


def test_V10_infinities_and_wrong_large_numbers_deviate() -> None:
    case = Case.parse(LARGE)
    y = right(case)
    assert judged(case, y) is None
    for factor in (np.inf, 0.5):
        assert judged(case, (y * np.float32(factor)).astype(np.float32))


@pytest.mark.parametrize("text", [NAN.format(3), TINY, LARGE, "N1,C1,M1,L4,K2,float32,zeros:4", "N1,C2,M3,L4,K2,float32,uneven:1"])
def test_the_requirement_shows_the_numbers_that_the_right_result_has(text: str) -> None:
    case = Case.parse(text)
    answer = interpret(case.problem, rulings())
    shown = requirement(case, answer).split("[")[1].rstrip("]").split()
    wanted = right(case).astype(np.float64).reshape(-1)
    wanted[np.isnan(wanted)] = 0  # what a sum leaves out
    assert np.allclose(np.array(shown, float), wanted, rtol=1e-8, atol=0)
