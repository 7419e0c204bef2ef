"""The exact oracle against the definition, and each way that a reading can change its answer against a direct construction."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from convt_spec.case import Case, Integers, Literal, Reals
from convt_spec.clauses import rulings
from convt_spec.data import numbers
from convt_spec.definition import conv1d_transpose
from convt_spec.interpretation import Answer, Tail, interpret
from convt_spec.oracle import Exact, exact, scatter, wide_enough
from convt_spec.problem import OMITTED, Problem, WeightAxes

RULINGS = rulings()
DATA = st.builds(Integers, st.integers(0, 99)) | st.builds(Reals, st.integers(0, 99))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Case, dict[str, int]]:
    """A case with every attribute, and the definition's own numbers for it: s, d, g, left and length."""
    size, length, kernel = st.integers(1, 3), draw(st.integers(1, 6)), draw(st.integers(1, 4))
    s, d, g = draw(st.integers(1, 4)), draw(size), draw(size)
    reach = (length - 1) * s + d * (kernel - 1) + 1
    padding, added = draw(st.integers(0, (reach - 1) // 2)), draw(st.integers(0, s))
    plain = reach - 2 * padding
    right_end: dict[str, Any] = draw(st.sampled_from([{"output_padding": added}, {"output_size": plain + added}]))
    layout: Any = draw(st.sampled_from([OMITTED, "NCL", "NLC"]))
    problem = Problem(
        batch=draw(size),
        in_channels=g * draw(size),
        out_channels=g * draw(size),
        length=length,
        kernel_size=kernel,
        stride=s,
        padding=padding,
        groups=g,
        dilation=d,
        data_format=layout,
        bias=draw(st.booleans()),
        **right_end,
    )
    case = Case(problem=problem, dtype=draw(st.sampled_from(["float32", "float64"])), data=draw(DATA))
    return case, {"s": s, "d": d, "g": g, "left": padding, "length": plain + added}


def assert_exact(found: Exact, x: Any, w: Any, b: Any, exponent: int, **shape: int) -> None:
    """Values, sums over absolute values and counts, each as the definition gives them."""
    ones_b = None if b is None else np.ones_like(b)
    absolute_b = None if b is None else abs(b)
    assert found.values.tolist() == defined(x, w, b, **shape)
    assert found.magnitude.tolist() == defined(abs(x), abs(w), absolute_b, **shape)
    assert found.terms.tolist() == defined(np.ones_like(x), np.ones_like(w), ones_b, **shape)
    assert found.exponent == 2 * exponent


def defined(x: Any, w: Any, b: Any, **shape: int) -> list[Any]:
    return conv1d_transpose(x.tolist(), w.tolist(), None if b is None else b.tolist(), **shape)


@given(cases())
@settings(max_examples=300)
def test_V1_oracle_equals_the_definition(drawn: tuple[Case, dict[str, int]]) -> None:
    case, shape = drawn
    answer, data = interpret(case.problem, RULINGS), numbers(case)
    assert isinstance(answer, Answer)
    found = exact(case, answer)
    event(f"{case.dtype} {type(case.data).__name__}: {found.values.dtype}")
    assert_exact(found, data.x, data.weight, data.bias, data.exponent, **shape)


@pytest.mark.parametrize(("dtype", "kind"), [("float32", np.dtype(np.int64)), ("float64", np.dtype(object))])
def test_reals_take_the_wide_path_only_where_they_must(dtype: str, kind: Any) -> None:
    problem = Problem(batch=2, in_channels=6, out_channels=9, length=7, kernel_size=3, stride=2, groups=3, dilation=2, padding=1, bias=True)
    case = Case(problem=problem, dtype=dtype, data=Reals(5))
    data, found = numbers(case), exact(case, Answer(left=1, length=15, stride=2, dilation=2, groups=3))
    assert found.values.dtype == kind
    assert_exact(found, data.x, data.weight, data.bias, data.exponent, s=2, d=2, g=3, left=1, length=15)


PROBLEM = Problem(batch=2, in_channels=4, out_channels=6, length=5, kernel_size=3, stride=2, groups=2, bias=True)
CASE = Case(problem=PROBLEM, data=Integers(11))
PLAIN = Answer(left=1, length=9, stride=2, dilation=1, groups=2)
SHAPE = {"s": 2, "d": 1, "g": 2, "left": 1, "length": 9}


def test_layout_does_not_change_the_answer() -> None:
    other = exact(CASE.with_(data_format="NLC"), PLAIN)
    assert other.values.tolist() == exact(CASE, PLAIN).values.tolist()


@pytest.mark.parametrize("zeros", [1, 2])
def test_P1_zeros_on_input(zeros: int) -> None:
    data = numbers(CASE)
    extended = np.zeros((2, 4, 5 + 2 * zeros), np.int64)
    extended[:, :, zeros : 5 + zeros] = data.x
    shape = SHAPE | {"left": 0, "length": 11 + 4 * zeros}
    found = exact(CASE, replace(PLAIN, left=0, length=11 + 4 * zeros, zeros=(zeros, zeros)))
    assert_exact(found, extended, data.weight, data.bias, 0, **shape)


def test_V1_the_scattered_sum_ends_with_the_last_product() -> None:
    x, weight = np.array([[[1, 2], [3, 4]]]), np.array([[[1, 10, 100]], [[5, 50, 500]]])
    found = scatter(x, weight, stride=5, dilation=2, groups=2)
    assert found.tolist() == [[[1, 0, 10, 0, 100, 2, 0, 20, 0, 200], [15, 0, 150, 0, 1500, 20, 0, 200, 0, 2000]]]


@pytest.mark.parametrize("biased", [True, False])
@pytest.mark.parametrize("tail", ["uncovered", "bias-only", "zero"])
def test_O2_tails(tail: Tail, biased: bool) -> None:
    """9 samples and 3 added ones, the first of which the scattered sum still reaches."""
    case = CASE.with_(bias=biased)
    data, found = numbers(case), exact(case, replace(PLAIN, length=12, added=3, tail=tail))
    bias = data.bias if data.bias is not None else np.zeros(6, np.int64)
    uncovered = defined(data.x, data.weight, bias, **SHAPE | {"length": 12})
    counted = np.ones_like(bias) if biased else bias
    terms = defined(np.ones_like(data.x), np.ones_like(data.weight), counted, **SHAPE | {"length": 12})
    last = {"uncovered": None, "bias-only": (bias, counted), "zero": (0 * bias, 0 * bias)}[tail]
    for n, m in np.ndindex(2, 6):
        assert uncovered[n][m][9] != bias[m]
        assert found.values[n, m].tolist() == (uncovered[n][m] if last is None else uncovered[n][m][:9] + 3 * [last[0][m]])
        assert found.terms[n, m].tolist() == (terms[n][m] if last is None else terms[n][m][:9] + 3 * [last[1][m]])
        assert found.magnitude[n, m, 10:].tolist() == 2 * [abs(bias[m]) if last is None else abs(last[0][m])]


def test_V3_relu_comes_after_the_bias() -> None:
    plain, found = exact(CASE, PLAIN), exact(CASE, replace(PLAIN, activation="relu"))
    assert plain.values.min() < 0 < plain.values.max()
    assert found.values.tolist() == [[[max(value, 0) for value in row] for row in rows] for rows in plain.values.tolist()]
    assert (found.magnitude.tolist(), found.terms.tolist()) == (plain.magnitude.tolist(), plain.terms.tolist())


def documented(handed: Any, axes: WeightAxes) -> Any:
    """The kernel as (C, M/g, K), number by number, for C=4, M=6 and g=2."""
    found = np.zeros((4, 3, 3), np.int64)
    for c, m, k in np.ndindex(*found.shape):
        column = c // 2 * 3 + m
        found[c, m, k] = handed[column, c % 2, k] if axes == "out-in" else handed[c, column, k]
    return found


@pytest.mark.parametrize(("axes", "shape"), [("out-in", (6, 2, 3)), ("undivided", (4, 6, 3))])
def test_W2_kernel_axes(axes: WeightAxes, shape: tuple[int, ...]) -> None:
    case = CASE.with_(weight=axes)
    data = numbers(case)
    assert data.weight.shape == shape
    assert_exact(exact(case, replace(PLAIN, weight=axes)), data.x, documented(data.weight, axes), data.bias, 0, **SHAPE)


def test_W1_kernel_axes_of_one_group() -> None:
    case = CASE.with_(weight="out-in", groups=1)
    data = numbers(case)
    found = exact(case, replace(PLAIN, weight="out-in", groups=1))
    assert_exact(found, data.x, data.weight.transpose(1, 0, 2), data.bias, 0, **SHAPE | {"g": 1})


def test_S3_an_open_crop_is_given_by_hand() -> None:
    case = Case(problem=Problem(length=5, kernel_size=3, stride=2, padding="SAME"), data=Literal((1, 2, 3, 4, 5), (1, 10, 100)))
    answer = interpret(case.problem, {**RULINGS, "S3": "as-printed"})
    assert isinstance(answer, Answer)
    assert exact(case, answer, left=4).values.tolist() == [[[203, 30, 304]]]
    assert exact(case, replace(answer, left=0), left=4).values.tolist() == [[[1, 10, 102]]]
    with pytest.raises(ValueError, match="`left` must be given"):
        exact(case, answer)


@given(st.integers(50, 66), st.integers(4, 46), st.integers(1, 20), st.integers(1, 20), st.integers(0, 110), st.booleans())
@settings(max_examples=400)
def test_operands_widen_before_64_bits_overflow(bits: int, a: int, channels: int, kernel: int, bias_bits: int, negative: bool) -> None:
    """A sum of channels * kernel products, and the bias, stay under 2^63, or Python's whole numbers are used."""
    sign, bias = (-1 if negative else 1), 1 << bias_bits
    x = np.full((1, channels, 2), sign << a, np.int64)
    weight = np.full((channels, 1, kernel), -sign << (bits - a), np.int64)
    for given_bias in (None, np.array([5, sign * bias], object)):
        kept_x, kept_weight = wide_enough(x, weight, given_bias)
        assert kept_x.dtype == kept_weight.dtype
        assert (kept_x.tolist(), kept_weight.tolist()) == (x.tolist(), weight.tolist())
        largest = (channels * kernel << bits) + (0 if given_bias is None else bias)
        if largest >= 1 << 63:
            assert kept_x.dtype == object
        if largest < 1 << 60:
            assert kept_x.dtype == np.int64


def test_literals_beyond_64_bits_are_summed_exactly() -> None:
    case = Case(problem=Problem(length=2, kernel_size=2), dtype="float64", data=Literal((2**40, -(2**41)), (2**42, 2**40)))
    found = exact(case, Answer(left=0, length=3, stride=1, dilation=1, groups=1))
    assert found.values.tolist() == [[[2**82, 2**80 - 2**83, -(2**81)]]]
    assert found.magnitude.tolist() == [[[2**82, 2**80 + 2**83, 2**81]]]


def test_I15_an_empty_batch_has_an_empty_answer() -> None:
    found = exact(CASE.with_(batch=0), PLAIN)
    assert [part.shape for part in (found.values, found.magnitude, found.terms)] == 3 * [(0, 6, 9)]


def test_I15_an_empty_batch_of_float64_reals_with_bias() -> None:
    case = Case(problem=replace(PROBLEM, batch=0), dtype="float64", data=Reals(1))
    assert exact(case, PLAIN).values.shape == (0, 6, 9)
