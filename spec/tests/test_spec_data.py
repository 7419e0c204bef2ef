"""The arrays of a case: shapes, exactness, and a frozen start of the stream."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convt_spec.case import Case, CaseError, Integers, Literal, Reals, Recipe
from convt_spec.data import FRACTION_BITS, arrays, numbers
from convt_spec.problem import Flaw, Items, Problem, WeightAxes

PROBLEM = Problem(batch=2, in_channels=4, out_channels=6, length=5, kernel_size=3, groups=2, bias=True)
WIDE = Problem(batch=3, in_channels=10, out_channels=8, length=40, kernel_size=7, bias=True)
SEEDS = st.integers(0, 2**64 - 1)


def assert_floats(found: Any, whole: Any, exponent: int, dtype: str) -> None:
    """The floats are the whole numbers times 2^-exponent, to the last bit, in the dtype, C-contiguous and writeable."""
    assert (found.dtype.name, found.shape) == (dtype, whole.shape)
    assert found.flags.c_contiguous
    assert found.flags.writeable
    for value, number in zip(found.ravel().tolist(), whole.ravel().tolist(), strict=True):
        assert Fraction(value) == Fraction(number, 2**exponent)


@pytest.mark.parametrize("data_format", ["NCL", "NLC"])
@pytest.mark.parametrize("recipe", [Integers, Reals])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@given(seed=SEEDS)
@settings(max_examples=15)
def test_arrays_are_the_whole_numbers_scaled(dtype: str, recipe: type[Any], data_format: str, seed: int) -> None:
    case = Case(problem=PROBLEM.with_(data_format=data_format), dtype=dtype, data=recipe(seed))
    exact, (x, weight, bias) = numbers(case), arrays(case)
    assert exact.bias is not None
    assert (exact.x.shape, exact.weight.shape, exact.bias.shape) == ((2, 4, 5), (4, 3, 3), (6,))
    assert_floats(x, exact.x.transpose(0, 2, 1) if data_format == "NLC" else exact.x, exact.exponent, dtype)
    assert_floats(weight, exact.weight, exact.exponent, dtype)
    assert_floats(bias, exact.bias, 2 * exact.exponent, dtype)


def test_arrays_are_fresh_each_time() -> None:
    case = Case(problem=PROBLEM, data=Reals(3))
    for array in arrays(case):
        assert array is not None
        array[...] = 77
    assert all(array is not None and not (array == 77).any() for array in arrays(case))


@pytest.mark.parametrize("recipe", [Integers(4), Reals(4)])
def test_bias_comes_last_and_does_not_move_the_rest(recipe: Recipe) -> None:
    with_bias = numbers(Case(problem=PROBLEM, data=recipe))
    without = numbers(Case(problem=PROBLEM.with_(bias=False), data=recipe))
    assert without.bias is None
    assert arrays(Case(problem=PROBLEM.with_(bias=False), data=recipe))[2] is None
    assert (without.x.tolist(), without.weight.tolist()) == (with_bias.x.tolist(), with_bias.weight.tolist())


@pytest.mark.parametrize(("axes", "shape"), [("mapped", (4, 3, 3)), ("in-out", (4, 3, 3)), ("out-in", (6, 2, 3)), ("undivided", (4, 6, 3))])
def test_W2_kernel_shapes(axes: WeightAxes, shape: tuple[int, ...]) -> None:
    assert arrays(Case(problem=PROBLEM.with_(weight=axes)))[1].shape == shape


@pytest.mark.parametrize(
    ("flaw", "shapes"),
    [
        ("none", ((2, 4, 5), (4, 3, 3), (6,))),
        ("input-rank-2", ((4, 5), (4, 3, 3), (6,))),
        ("input-rank-4", ((1, 2, 4, 5), (4, 3, 3), (6,))),
        ("input-rank-4-at-2", ((2, 4, 1, 5), (4, 3, 3), (6,))),
        ("input-rank-4-at-3", ((2, 4, 5, 1), (4, 3, 3), (6,))),
        ("kernel-rank-2", ((2, 4, 5), (3, 3), (6,))),
        ("kernel-rank-4", ((2, 4, 5), (1, 4, 3, 3), (6,))),
        ("kernel-rank-4-at-1", ((2, 4, 5), (4, 1, 3, 3), (6,))),
        ("kernel-channels", ((2, 4, 5), (5, 3, 3), (6,))),
        ("kernel-per-group", ((2, 4, 5), (2, 3, 3), (6,))),
        ("bias-length", ((2, 4, 5), (4, 3, 3), (7,))),
        ("bias-shorter", ((2, 4, 5), (4, 3, 3), (5,))),
        ("bias-per-group", ((2, 4, 5), (4, 3, 3), (3,))),
        ("bias-rank-0", ((2, 4, 5), (4, 3, 3), ())),
        ("bias-rank-2", ((2, 4, 5), (4, 3, 3), (1, 6))),
        ("bias-rank-2-at-1", ((2, 4, 5), (4, 3, 3), (6, 1))),
    ],
)
def test_a_flaw_spoils_one_shape(flaw: Flaw, shapes: tuple[tuple[int, ...], ...]) -> None:
    assert tuple(np.shape(array) for array in arrays(Case(problem=PROBLEM.with_(flaw=flaw)))) == shapes  # type: ignore[arg-type]


def test_a_missing_or_additional_axis_leaves_the_numbers() -> None:
    x, weight, bias = arrays(Case(problem=PROBLEM))
    assert bias is not None
    np.testing.assert_array_equal(arrays(Case(problem=PROBLEM.with_(flaw="bias-rank-0")))[2], np.asarray(bias[0]), strict=True)
    np.testing.assert_array_equal(arrays(Case(problem=PROBLEM.with_(flaw="input-rank-2")))[0], x[0], strict=True)
    np.testing.assert_array_equal(arrays(Case(problem=PROBLEM.with_(flaw="input-rank-4")))[0], x[None], strict=True)
    np.testing.assert_array_equal(arrays(Case(problem=PROBLEM.with_(flaw="kernel-rank-2")))[1], weight[0], strict=True)


def test_an_input_without_items_loses_its_axis_too() -> None:
    empty = Problem(batch=0, in_channels=4, out_channels=6, length=5, kernel_size=3, flaw="input-rank-2")
    np.testing.assert_array_equal(arrays(Case(problem=empty))[0], np.zeros((4, 5), np.float32), strict=True)


@pytest.mark.parametrize("groups", [-1, 0, 4, 1.5, None, "two", Items("list", (2,))])
def test_groups_that_mean_nothing_leave_the_kernel_undivided(groups: Any) -> None:
    assert PROBLEM.with_(groups=groups).weight_shape == (4, 6, 3)


def test_integers_are_all_from_minus_9_to_9_without_0() -> None:
    exact = numbers(Case(problem=WIDE, data=Integers(1)))
    assert exact.bias is not None
    assert {*exact.x.ravel().tolist(), *exact.weight.ravel().tolist()} == {*range(-9, 0), *range(1, 10)}
    assert {*exact.bias.tolist()} <= {*range(-9, 0), *range(1, 10)}
    assert exact.exponent == 0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_reals_are_odd_signed_and_as_wide_as_their_exponent(dtype: str) -> None:
    exact = numbers(Case(problem=WIDE, dtype=dtype, data=Reals(1)))
    width = FRACTION_BITS[dtype] - 1
    drawn = [*exact.x.ravel().tolist(), *exact.weight.ravel().tolist()]
    bits = [abs(number).bit_length() for number in drawn]
    assert exact.exponent == width
    assert all(number % 2 == 1 for number in drawn)
    assert max(bits) == width
    assert sum(length >= width - 1 for length in bits) > len(bits) // 20
    assert sum(length <= width - 7 for length in bits) > len(bits) // 20
    assert len(set(drawn)) > len(drawn) * 99 // 100
    assert 0.4 < sum(number > 0 for number in drawn) / len(drawn) < 0.6


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_real_bias_is_as_wide_as_an_input_on_the_scale_of_products(dtype: str) -> None:
    exact = numbers(Case(problem=WIDE, dtype=dtype, data=Reals(2)))
    assert exact.bias is not None
    for number in exact.bias.tolist():
        assert number % 2**exact.exponent == 0
        assert (number >> exact.exponent) % 2 == 1
        assert abs(number) < 2 ** (2 * exact.exponent)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_level_reals_have_inputs_of_one_sign_and_equal_taps(dtype: str) -> None:
    level, real = (numbers(Case(problem=WIDE, dtype=dtype, data=Reals(2, kind))) for kind in ("level", "real"))  # type: ignore[arg-type]
    assert (level.x == abs(real.x)).all()
    assert (level.weight == real.weight[..., :1]).all()
    assert level.bias is not None
    assert (level.bias == real.bias).all()
    assert level.weight.min() < 0 < level.weight.max()


@pytest.mark.parametrize("recipe", [Integers, Reals])
def test_seeds_differ(recipe: type[Any]) -> None:
    drawn = {str(numbers(Case(problem=PROBLEM, data=recipe(seed))).x.tolist()) for seed in range(50)}
    assert len(drawn) == 50


GOLDEN = Problem(in_channels=2, out_channels=3, length=2, kernel_size=2, bias=True)
FROZEN: list[tuple[Case, list[int], list[int], list[int]]] = [
    (Case(problem=GOLDEN, data=Integers(1)), [5, -9, 5, 8], [3, 2, -9, -5, -3, 6, -8, -9, -3, -1, 9, 2], [7, 9, 1]),
    (
        Case(problem=GOLDEN, data=Reals(1)),
        [-775, -59043, 37791, -940887],
        [1307915, 3551119, -171811, 858153, -104005, 57795, -66457, -19999, 2765991, -604879, 79481, 59441],
        [140553 << 22, 105673 << 22, 53335 << 22],
    ),
    (
        Case(problem=GOLDEN.with_(out_channels=1, kernel_size=1), dtype="float64", data=Reals(1)),
        [-415936442149, -31698564608085, 20288661816439, -505134370736817],
        [702182005538411, 1906492837848967],
        [-92240079963631 << 51],
    ),
]


@pytest.mark.parametrize(("case", "x", "weight", "bias"), FROZEN, ids=[str(row[0]) for row in FROZEN])
def test_the_stream_of_seed_1_is_frozen(case: Case, x: list[int], weight: list[int], bias: list[int]) -> None:
    exact = numbers(case)
    assert exact.bias is not None
    assert (exact.x.ravel().tolist(), exact.weight.ravel().tolist(), exact.bias.tolist()) == (x, weight, bias)


LITERAL = Problem(batch=1, in_channels=2, out_channels=1, length=3, kernel_size=2, bias=True)


def test_literal_numbers_fill_the_documented_axes_in_order() -> None:
    case = Case(problem=LITERAL.with_(data_format="NLC"), data=Literal((1, 2, 3, 4, 5, -6), (10, 20, 30, -40), (7,)))
    x, weight, bias = arrays(case)
    assert bias is not None
    assert (x.tolist(), weight.tolist(), bias.tolist()) == ([[[1, 4], [2, 5], [3, -6]]], [[[10, 20]], [[30, -40]]], [7])
    assert numbers(case).x.tolist() == [[[1, 2, 3], [4, 5, -6]]]


def test_a_literal_without_bias_means_zeros() -> None:
    exact = numbers(Case(problem=LITERAL.with_(out_channels=2), data=Literal((1,) * 6, (1,) * 8)))
    assert exact.bias is not None
    assert (exact.bias.tolist(), exact.bias.dtype.kind, exact.exponent) == ([0, 0], "i", 0)


@pytest.mark.parametrize(
    ("data", "count", "shape"),
    [
        (Literal((1, 2, 3, 4, 5), (1, 2, 3, 4), (1,)), "5 numbers", "(1, 2, 3) needs 6"),
        (Literal((1, 2, 3, 4, 5, 6), (1, 2, 3, 4, 5), (1,)), "5 numbers", "(2, 1, 2) needs 4"),
        (Literal((1, 2, 3, 4, 5, 6), (1, 2, 3, 4), (1, 2)), "2 numbers", "(1,) needs 1"),
        (Literal((), (1, 2, 3, 4), (1,)), "0 numbers", "(1, 2, 3) needs 6"),
    ],
)
def test_a_literal_that_does_not_fit_is_an_error(data: Literal, count: str, shape: str) -> None:
    with pytest.raises(CaseError) as raised:
        numbers(Case(problem=LITERAL, data=data))
    assert count in str(raised.value)
    assert shape in str(raised.value)


@pytest.mark.parametrize(
    ("dtype", "largest", "beyond"),
    [("float32", 2**24, 2**24 + 1), ("float64", 2**53, -(2**53) - 1), ("float64", 2**61, 2**70)],
)
@pytest.mark.parametrize("part", range(3))
def test_a_literal_is_a_whole_number_that_the_dtype_has(part: int, dtype: str, largest: int, beyond: int) -> None:
    problem = Problem(bias=True)
    parts: list[tuple[int, ...]] = [(1,), (1,), (1,)]
    parts[part] = (largest,)
    assert [int(array.item()) for array in arrays(Case(problem=problem, dtype=dtype, data=Literal(*parts))) if array is not None] == [
        each[0] for each in parts
    ]
    parts[part] = (beyond,)
    with pytest.raises(CaseError, match=f"the literal holds {beyond}, which is no whole number that {dtype} has"):
        numbers(Case(problem=problem, dtype=dtype, data=Literal(*parts)))
