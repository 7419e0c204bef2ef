"""The rounding bounds: correctly rounded results pass in any order of summation, and less precise or wrong ones do not."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from convt_spec.bounds import ENOUGH, absolute_errors, rounding_errors
from convt_spec.case import Case, Literal, Reals
from convt_spec.clauses import rulings
from convt_spec.data import arrays
from convt_spec.interpretation import Answer, interpret
from convt_spec.oracle import Exact, exact
from convt_spec.problem import Problem

Floats = npt.NDArray[Any]
PROBLEM = Problem(batch=2, in_channels=6, out_channels=4, length=11, kernel_size=5, stride=3, groups=2, dilation=2, padding=2, bias=True)
LONG = Problem(in_channels=256, out_channels=3, length=30, kernel_size=3)
DTYPES = ("float32", "float64")


def required(case: Case) -> tuple[Answer, Exact]:
    answer = interpret(case.problem, rulings())
    assert isinstance(answer, Answer)
    return answer, exact(case, answer)


def addends(case: Case, x: Floats, weight: Floats, bias: Floats | None) -> Floats:
    """Every product, rounded to the dtype of the operands, and the bias: (addends, N, C_out, L_out), 0 where a tap has no input."""
    answer, _ = required(case)
    in_group, out_group = len(weight) // answer.groups, weight.shape[1]
    size = (len(x), out_group * answer.groups, (x.shape[2] - 1) * answer.stride + answer.dilation * (weight.shape[2] - 1) + 1)
    planes = []
    for c in range(in_group):
        for k in range(weight.shape[2]):
            plane = np.zeros(size, x.dtype)
            for m in range(size[1]):
                row = m // out_group * in_group + c
                landing = slice(k * answer.dilation, k * answer.dilation + (x.shape[2] - 1) * answer.stride + 1, answer.stride)
                plane[:, m, landing] = x[:, row] * weight[row, m % out_group, k]
            planes.append(plane)
    stacked = planes if bias is None else [*planes, np.broadcast_to(bias[:, None], size)]
    kept: Floats = np.stack(stacked)[..., answer.left or 0 :][..., : answer.length]
    return kept


def forward(terms: Floats) -> Floats:
    total: Floats = np.zeros_like(terms[0])
    for term in terms:
        total = total + term
    return total


def backward(terms: Floats) -> Floats:
    return forward(terms[::-1])


def pairwise(terms: Floats) -> Floats:
    half = len(terms) // 2
    total: Floats = pairwise(terms[:half]) + pairwise(terms[half:]) if half else terms[0]
    return total


def rounded_once(case: Case) -> Floats:
    wanted = required(case)[1]
    nearest = [float(Fraction(number, 2**wanted.exponent)) for number in wanted.values.ravel().tolist()]
    return np.array(nearest, case.dtype).reshape(wanted.values.shape)


@pytest.mark.parametrize("order", [forward, backward, pairwise])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("problem", [PROBLEM, LONG, LONG.with_(in_channels=1, out_channels=40)], ids=["groups", "long", "short"])
def test_V7_correct_results_are_within_in_any_order(problem: Problem, dtype: str, order: Callable[[Floats], Floats]) -> None:
    for seed in range(12):
        case = Case(problem=problem, dtype=dtype, data=Reals(seed))
        errors = rounding_errors(order(addends(case, *arrays(case))), required(case)[1], dtype)
        assert errors.within, (seed, errors)
        assert errors.largest > 0, "a sum without any rounding error proves nothing"


@pytest.mark.parametrize("dtype", DTYPES)
def test_V7_the_nearest_float_is_within(dtype: str) -> None:
    for seed in range(40):
        case = Case(problem=PROBLEM, dtype=dtype, data=Reals(seed))
        assert rounding_errors(rounded_once(case), required(case)[1], dtype).within


def test_V7_float64_accumulation_is_within_float32() -> None:
    for seed in range(40):
        case = Case(problem=PROBLEM, data=Reals(seed))
        x, weight, bias = arrays(case)
        assert bias is not None
        wide = forward(addends(case, x.astype(np.float64), weight.astype(np.float64), bias.astype(np.float64)))
        assert rounding_errors(wide.astype(np.float32), required(case)[1], "float32").within


def cut(values: Floats, bits: int) -> Floats:
    """The values rounded to `bits` fraction bits."""
    significand, power = np.frexp(values)
    rounded: Floats = np.ldexp(np.round(significand * 2 ** (bits + 1)), power - bits - 1).astype(values.dtype)
    return rounded


@pytest.mark.parametrize("bits", [7, 10])
def test_V7_inputs_cut_short_are_caught(bits: int) -> None:
    """10 fraction bits are those of TF32 and float16, 7 those of bfloat16; the sums themselves are in float32."""
    for seed in range(12):
        case = Case(problem=PROBLEM, data=Reals(seed))
        x, weight, bias = arrays(case)
        assert not rounding_errors(forward(addends(case, cut(x, bits), cut(weight, bits), bias)), required(case)[1], "float32").within


def test_V7_cut_inputs_of_long_sums_are_caught_by_the_squares_alone() -> None:
    """12 fraction bits and 768 products: errors of either sign cancel so far that no single output gives them away."""
    for seed in range(6):
        case = Case(problem=LONG.with_(padding=2), data=Reals(seed))
        x, weight, bias = arrays(case)
        errors = rounding_errors(forward(addends(case, cut(x, 12), cut(weight, 12), bias)), required(case)[1], "float32")
        assert errors.largest < 1 < errors.squares
        assert not errors.within


@pytest.mark.parametrize("dtype", DTYPES)
def test_V7_one_lost_product_is_caught_and_found(dtype: str) -> None:
    for seed in range(12):
        case = Case(problem=PROBLEM, dtype=dtype, data=Reals(seed))
        terms = addends(case, *arrays(case))
        assert terms[4, 1, 2, 15] != 0
        terms[4, 1, 2, 15] = 0
        wrong, wanted = forward(terms), required(case)[1]
        errors = rounding_errors(wrong, wanted, dtype)
        assert not errors.within
        assert errors.largest > 1
        assert errors.worst == (1, 2, 15)


def test_V7_a_wrong_bias_in_one_channel_is_caught() -> None:
    for seed in range(12):
        case = Case(problem=PROBLEM, data=Reals(seed))
        x, weight, bias = arrays(case)
        assert bias is not None
        bias[3] = bias[0]
        errors = rounding_errors(forward(addends(case, x, weight, bias)), required(case)[1], "float32")
        assert not errors.within
        assert errors.worst[1] == 3


def test_V7_float32_arithmetic_is_caught_in_a_float64_case() -> None:
    for seed in range(12):
        case = Case(problem=PROBLEM, dtype="float64", data=Reals(seed))
        narrow = [None if array is None else array.astype(np.float32) for array in arrays(case)]
        assert not rounding_errors(forward(addends(case, *narrow)), required(case)[1], "float64").within  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 3e38])
def test_V7_numbers_that_are_none_are_caught(number: float) -> None:
    case = Case(problem=PROBLEM, data=Reals(1))
    result = rounded_once(case)
    result[1, 3, 7] = number
    errors = rounding_errors(result, required(case)[1], "float32")
    assert errors.largest == (np.inf if abs(number) != 3e38 else errors.largest)
    assert (errors.largest > 1e9, errors.within, errors.worst) == (True, False, (1, 3, 7))


@pytest.mark.parametrize("number", [1e300, -1.7e308])
def test_V7_a_huge_float64_is_caught(number: float) -> None:
    case = Case(problem=PROBLEM, dtype="float64", data=Reals(1))
    result = rounded_once(case)
    result[1, 3, 7] = number
    errors = rounding_errors(result, required(case)[1], "float64")
    assert (errors.within, errors.largest > 1e200, errors.worst) == (False, True, (1, 3, 7))


@pytest.mark.parametrize(("number", "within"), [(0.0, True), (-0.0, True), (1e-30, False), (-1e-30, False)])
def test_V1_where_no_term_reaches_the_result_is_exactly_0(number: float, within: bool) -> None:
    case = Case(problem=Problem(length=3, kernel_size=2, stride=4, out_channels=2), data=Reals(9))
    result = rounded_once(case)
    assert required(case)[1].terms[0, 1].tolist() == [1, 1, 0, 0, 1, 1, 0, 0, 1, 1]
    result[0, 1, 6] = number
    errors = rounding_errors(result, required(case)[1], "float32")
    assert errors.within == within
    assert errors.worst == ((0, 1, 6) if not within else errors.worst)


def ones(out_channels: int, outputs: int, **arguments: Any) -> Exact:
    """Outputs that are each the sum of 5 products 1 * 1."""
    problem = Problem(in_channels=5, out_channels=out_channels, length=outputs, **arguments)
    return required(Case(problem=problem, data=Literal((1,) * 5 * outputs, (1,) * 5 * out_channels)))[1]


UNIT = 5 * 2.0**-24
"""Of a sum of 5 products 1 * 1 in float32."""


@pytest.mark.parametrize("e", [-13, -10, -3, 0, 2, 10, 11])
def test_V7_shares_golden(e: int) -> None:
    """Every one of 64 outputs off by e units: |e| may be 2 * 5, and e * e on average 1.6 * 5."""
    errors = rounding_errors(np.full((1, 2, 32), 5 + e * UNIT), ones(2, 32), "float32")
    assert (errors.largest, errors.squares) == (abs(e) / 10, e * e / 8)
    assert errors.within == (abs(e) <= 2)


def test_V7_the_squares_are_not_asked_from_few_outputs() -> None:
    few = rounding_errors(np.full((1, 1, ENOUGH - 1), 5 + 9 * UNIT), ones(1, ENOUGH - 1), "float32")
    assert (few.largest, few.squares, few.within) == (0.9, 0.0, True)
    assert rounding_errors(np.full((1, 1, ENOUGH), 5 + 9 * UNIT), ones(1, ENOUGH), "float32").squares == 81 / 8


@pytest.mark.parametrize(("e", "within"), [(10, True), (-10, True), (11, False), (-11, False)])
def test_V7_the_limit_itself_is_within(e: int, within: bool) -> None:
    result = np.full((1, 2, 3), 5.0)
    result[0, 1, 2] += e * UNIT
    assert rounding_errors(result, ones(2, 3), "float32").within == within


def test_V7_each_output_counts_by_its_own_terms() -> None:
    """63 sums of 10 products between two of 5: one of them is off by 16 units of its own."""
    problem = Problem(in_channels=5, length=64, kernel_size=2)
    wanted = required(Case(problem=problem, data=Literal((1,) * 5 * 64, (1,) * 5 * 2)))[1]
    result = wanted.values.astype(np.float64)
    result[0, 0, 40] += 16 * 2 * UNIT
    errors = rounding_errors(result, wanted, "float32")
    assert (errors.largest, errors.squares, errors.worst) == (16 / 20, 16**2 / (1.6 * 640), (0, 0, 40))


def test_V7_outputs_that_nothing_reaches_do_not_count_as_many() -> None:
    wanted = ones(1, ENOUGH - 1, stride=3)
    result = wanted.values + 9 * UNIT * (wanted.terms > 0)
    assert result.size > 2 * ENOUGH
    assert rounding_errors(result, wanted, "float32").squares == 0.0


def test_V7_outputs_of_one_product_count_as_many() -> None:
    wanted = required(Case(problem=Problem(length=ENOUGH), data=Literal((1,) * ENOUGH, (1,))))[1]
    errors = rounding_errors(np.full((1, 1, ENOUGH), 1 + 2 * 2.0**-24), wanted, "float32")
    assert (errors.largest, errors.squares) == (1.0, 4 * ENOUGH / (1.6 * ENOUGH))


def test_V7_the_callers_error_state_does_not_matter() -> None:
    """An error where nothing is summed, none there, and an error whose square is no float."""
    wanted = ones(1, ENOUGH, stride=3)
    result = wanted.values.astype(np.float64)
    assert wanted.terms[0, 0, :3].tolist() == [5, 0, 0]
    result[0, 0, :2] = 1e200, 0.5
    with np.errstate(all="raise"):
        errors = rounding_errors(result, wanted, "float32")
    assert (errors.within, errors.largest, errors.squares, errors.worst) == (False, np.inf, np.inf, (0, 0, 1))


def test_V7_an_empty_result_is_within() -> None:
    wanted = required(Case(problem=Problem(batch=0, length=3)))[1]
    errors = rounding_errors(np.zeros((0, 1, 3)), wanted, "float32")
    assert (errors.within, errors.largest, errors.squares, errors.worst) == (True, 0.0, 0.0, ())


def test_absolute_errors_are_exact_differences() -> None:
    wanted = required(Case(problem=Problem(length=6), dtype="float64", data=Literal((3, -7, 2**52 + 1, 1, 0, 5), (1,))))[1]
    result = np.array([[[1.25, -7.5, 2.0**52, 1 + 2.0**-40, -(2.0**-50), np.nan]]])
    assert absolute_errors(result, wanted).tolist() == [[[1.75, 0.5, 1.0, 2.0**-40, 2.0**-50, np.inf]]]


def test_absolute_errors_count_in_the_scale_of_the_exact_numbers() -> None:
    case = Case(problem=Problem(length=2), data=Reals(3))
    wanted = required(case)[1]
    result = rounded_once(case).astype(np.float64)
    result[0, 0, 1] = 0
    first = abs(Fraction(result[0, 0, 0]) * 2**wanted.exponent - int(wanted.values[0, 0, 0]))
    assert 0 < first < abs(int(wanted.values[0, 0, 0]))
    assert absolute_errors(result, wanted).tolist() == [[[float(first), float(wanted.magnitude[0, 0, 1])]]]
