"""The arrays of special recipes: whole numbers, scaled and marked as the clauses V8 to V11 need them."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest

from convt_spec.case import Case, Special, SpecialKind
from convt_spec.clauses import rulings
from convt_spec.data import arrays, numbers
from convt_spec.interpretation import Answer, interpret
from convt_spec.oracle import exact, reached
from convt_spec.problem import Problem
from convt_spec.special import marks, powers

SIZES: dict[str, int] = {"batch": 3, "in_channels": 4, "out_channels": 6, "length": 7, "kernel_size": 3, "stride": 2, "groups": 2}
PROBLEM = Problem(**SIZES)  # type: ignore[arg-type]
DTYPES = ["float32", "float64"]


def held(case: Case) -> list[Any]:
    return [array for array in arrays(case) if array is not None]


def result(case: Case) -> Any:
    answer = interpret(case.problem, rulings())
    assert isinstance(answer, Answer)
    return exact(case, answer).values.astype(np.float64)


@pytest.mark.parametrize("dtype", DTYPES)
def test_V8_few_numbers_are_not_finite_and_the_rest_are_the_whole_ones(dtype: str) -> None:
    """In each array in turn, and each of NaN and the two infinities; the rest are zeros in up to three quarters."""
    touched, kinds = set(), set()
    zeros: dict[int, list[float]] = {}
    for seed in range(40):
        case = Case(problem=PROBLEM.with_(bias=True), dtype=dtype, data=Special("nonfinite", seed))
        data = numbers(case)
        spoiled = 0
        for name, array in zip(("x", "weight", "bias"), held(case), strict=True):
            finite = np.isfinite(array)
            zeros.setdefault(seed % 4, []).append(float((array == 0).mean()))
            assert (array[finite] == getattr(data, name)[finite]).all()
            if not finite.all():
                touched.add(name)
                kinds |= set(map(str, array[~finite].tolist()))
                spoiled += int((~finite).sum())
        assert 1 <= spoiled <= 6
    assert (touched, kinds) == ({"x", "weight", "bias"}, {"nan", "inf", "-inf"})
    assert max(zeros[0]) == 0
    assert all(abs(np.mean(zeros[quarters]) - quarters / 4) < 0.1 for quarters in (1, 2, 3))


@pytest.mark.parametrize("dtype", DTYPES)
def test_V9_results_of_every_other_item_are_subnormal_multiples_of_the_smallest_number(dtype: str) -> None:
    splits = set()
    for seed in range(20):
        case = Case(problem=PROBLEM, dtype=dtype, data=Special("subnormal", seed))
        scale, whole = powers(case), result(case)
        tiny = float(np.finfo(dtype).smallest_subnormal)
        for item, power in enumerate(scale.results):
            scaled = np.ldexp(whole[item], power)
            if item % 2:
                assert (scaled == whole[item]).all()
            else:
                assert (abs(scaled) < np.finfo(dtype).tiny).all()
                assert (np.ldexp(scaled, -power) == whole[item]).all()
                assert power >= np.log2(tiny)
        splits.add(scale.weight == 0)
        x, weight = held(case)
        assert (np.ldexp(x.astype(np.float64), -np.array(scale.items)[:, None, None]) == numbers(case).x).all()
        assert (np.ldexp(weight.astype(np.float64), -scale.weight) == numbers(case).weight).all()
    assert splits == {True, False}


@pytest.mark.parametrize("dtype", DTYPES)
def test_V9_tiny_results_are_not_subnormal_nor_are_their_operands(dtype: str) -> None:
    normal = np.finfo(dtype).smallest_normal
    seen = set()
    for seed in range(40):
        case = Case(problem=PROBLEM.with_(bias=True), dtype=dtype, data=Special("tiny", seed))
        scale, whole = powers(case), result(case)
        (power,) = set(scale.results)
        assert (np.ldexp(whole, power).astype(dtype)[whole != 0].astype(np.float64) == np.ldexp(whole[whole != 0], power)).all()
        assert 2.0**power > normal * 2**20
        for array in held(case):
            assert (abs(array) >= normal).all()
        seen.add((power, scale.weight == 0, scale.items[0] == 0))
    near, middle = {"float32": (-102, -51), "float64": (-998, -499)}[dtype]
    assert seen == {(power, *ordinary) for power in (near, middle) for ordinary in ((False, False), (True, False), (False, True))}


@pytest.mark.parametrize(("dtype", "bits"), [("float32", {7}), ("float64", {8, 15, 16})])
def test_V10_wide_numbers_have_one_sign_and_nearly_all_their_bits(dtype: str, bits: set[int]) -> None:
    seen = set()
    for seed in range(12):
        case = Case(problem=PROBLEM, dtype=dtype, data=Special("wide", seed))
        width = int(max(array.max() for array in held(case))).bit_length()
        seen.add(width)
        for array in held(case):
            assert (array >= 2**width - 4).all()
            assert len(np.unique(array)) > 1
        assert int(abs(result(case)).max()) < 2 ** (np.finfo(dtype).nmant + 1)
    assert seen == bits


@pytest.mark.parametrize("dtype", DTYPES)
def test_V7_uneven_channels_are_a_significand_apart(dtype: str) -> None:
    case = Case(problem=PROBLEM.with_(bias=True), dtype=dtype, data=Special("uneven", 1))
    data, scale = numbers(case), powers(case)
    x, weight, bias = (array.astype(np.float64) for array in held(case))
    width = np.finfo(dtype).nmant + 1
    assert {*scale.inputs, *scale.outputs} == {-width, 0, width}
    rows, columns = np.array(scale.inputs), np.array(scale.outputs)
    assert (len(rows), len(columns)) == (4, 3)
    assert (x == data.x * 2.0 ** rows[:, None]).all()
    assert (weight == data.weight * 2.0 ** (columns[:, None] - rows[:, None, None])).all()
    assert (bias == data.bias * 2.0 ** np.tile(columns, 2)).all()
    assert scale.channels(6).tolist() == [*scale.outputs, *scale.outputs]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("sizes", [{}, {"length": 400, "in_channels": 64}, {"kernel_size": 70, "stride": 19}])
def test_V10_all_products_of_an_item_stay_below_the_largest_number(dtype: str, sizes: dict[str, int]) -> None:
    for seed in range(6):
        case = Case(problem=PROBLEM.with_(bias=True, **sizes), dtype=dtype, data=Special("large", seed))
        x, weight, bias = (np.abs(array.astype(object)) for array in held(case))
        largest = int(np.finfo(dtype).max)
        total = int(max(map(int, x.sum(axis=(1, 2))))) * int(max(map(int, weight.max(axis=(0, 1))))) * case.problem.kernel_size
        assert total + int(max(map(int, bias))) < largest
        assert max(map(int, bias)) > largest >> 70


def test_V11_zeros_of_both_signs_stand_among_whole_numbers() -> None:
    case = Case(problem=PROBLEM, data=Special("zeros", 5))
    for array, whole in zip(held(case), (numbers(case).x, numbers(case).weight), strict=True):
        assert (array == whole).all()
        zeros = array == 0
        assert 0.2 < zeros.mean() < 0.8
        assert 0 < int(np.signbit(array[zeros]).sum()) < int(zeros.sum())


def test_marks_reach_what_the_definition_says() -> None:
    """One marked sample and one marked tap, each against the loops of the definition."""
    x, weight = np.zeros((1, 4, 5), bool), np.zeros((4, 1, 3), bool)
    x[0, 1, 2] = True
    answer = Answer(left=1, length=9, stride=2, dilation=1, groups=2)
    assert np.argwhere(reached(x, np.ones_like(weight), answer)).tolist() == [[0, 0, 3], [0, 0, 4], [0, 0, 5]]
    weight[3, 0, 1] = True
    assert np.argwhere(reached(np.ones_like(x), weight, answer)).tolist() == [[0, 1, t] for t in (0, 2, 4, 6, 8)]


def test_recipes_without_numbers_that_are_not_finite_have_no_marks() -> None:
    for kind in ("subnormal", "tiny", "large", "wide", "uneven", "zeros"):
        found = marks(Case(problem=PROBLEM, data=Special(kind, 3)))  # type: ignore[arg-type]
        assert all((array == 1).all() for array in (found.x, found.weight, found.bias))


def test_an_empty_batch_has_special_arrays_too() -> None:
    for kind in get_args(SpecialKind):
        case = Case(problem=PROBLEM.with_(batch=0, bias=True), data=Special(kind, 7))
        assert held(case)[0].shape == (0, 4, 7)
