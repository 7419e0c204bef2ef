"""The definition against values worked out by hand, and against a second definition that gathers."""

from __future__ import annotations

import inspect
import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convt_spec import definition
from convt_spec.definition import Exact, Nested, conv1d_transpose

RAMP = [[[1, 2, 3, 4, 5]]]
KERNEL = [[[1, 10, 100]]]
FULL = [1, 10, 102, 20, 203, 30, 304, 40, 405, 50, 500]
EXAMPLE_X = [[[4, 0, 9, 7], [8, 0, 9, 2]]]
EXAMPLE_W = [[[7, 0]], [[4, 2]]]


def gathered(x: Nested, w: Nested, b: Sequence[Exact] | None, *, s: int, d: int, g: int, left: int, length: int) -> list[Any]:
    """For each output sample, the sum over the inputs that reach it: tap k brings input (t + left - k*d) / s, where that is whole."""
    in_group, out_group = len(w) // g, len(w[0])

    def sample(n: int, m: int, t: int) -> Exact:
        total: Exact = b[m] if b else 0
        for c in range(in_group * (m // out_group), in_group * (m // out_group + 1)):
            for k in range(len(w[c][0])):
                i, remainder = divmod(t + left - k * d, s)
                if remainder == 0 and 0 <= i < len(x[n][c]):
                    total += x[n][c][i] * w[c][m % out_group][k]
        return total

    return [[[sample(n, m, t) for t in range(length)] for m in range(out_group * g)] for n in range(len(x))]


def whole_numbers(source: random.Random, *sizes: int) -> Any:
    if not sizes:
        return source.choice((-1, 1)) * source.randint(1, 9)
    return [whole_numbers(source, *sizes[1:]) for _ in range(sizes[0])]


@st.composite
def calls(draw: st.DrawFn) -> dict[str, Any]:
    """Arguments of the definition: unequal channels in each group, any crop and any length, also beyond the scattered sum."""
    size, source = st.integers(1, 3), random.Random(draw(st.integers(0, 999)))
    g, in_group, out_group = draw(size), draw(size), draw(size)
    return {
        "x": whole_numbers(source, draw(st.integers(0, 2)), g * in_group, draw(st.integers(1, 6))),
        "w": whole_numbers(source, g * in_group, out_group, draw(st.integers(1, 4))),
        "b": draw(st.sampled_from([None, whole_numbers(source, g * out_group)])),
        "s": draw(st.integers(1, 4)),
        "d": draw(size),
        "g": g,
        "left": draw(st.integers(0, 5)),
        "length": draw(st.integers(0, 12)),
    }


@given(calls())
@settings(max_examples=400)
def test_definition_equals_the_gather_form(call: dict[str, Any]) -> None:
    assert conv1d_transpose(**call) == gathered(**call)


def test_gather_form_of_unequal_groups_by_hand() -> None:
    """2 groups of 2 inputs and 3 outputs: output m of group j sees inputs 2j and 2j+1 only, and the kernel's rows follow the inputs."""
    x = [[[1], [10], [100], [1000]]]
    w = [[[1], [2], [3]], [[4], [5], [6]], [[7], [8], [9]], [[1], [3], [5]]]
    expected = [[[41 + 1000], [52 + 2000], [63 + 3000], [1700 + 4000], [3800 + 5000], [5900 + 6000]]]
    bias = [1000, 2000, 3000, 4000, 5000, 6000]
    assert conv1d_transpose(x, w, bias, s=1, d=1, g=2, left=0, length=1) == expected
    assert gathered(x, w, bias, s=1, d=1, g=2, left=0, length=1) == expected


@pytest.mark.parametrize(
    ("left", "length", "expected"),
    [
        (0, 11, FULL),
        (1, 9, FULL[1:10]),
        (1, 10, FULL[1:11]),
        (1, 12, [*FULL[1:11], 0, 0]),
        (4, 3, [203, 30, 304]),
        (11, 2, [0, 0]),
        (3, 0, []),
    ],
)
def test_golden_windows_of_the_scattered_sum(left: int, length: int, expected: list[int]) -> None:
    assert conv1d_transpose(RAMP, KERNEL, None, s=2, d=1, g=1, left=left, length=length) == [[expected]]


@pytest.mark.parametrize(
    ("s", "d", "expected"),
    [
        (1, 1, [1, 12, 123, 234, 345, 450, 500]),
        (1, 2, [1, 2, 13, 24, 135, 240, 350, 400, 500]),
        (3, 1, [1, 10, 100, 2, 20, 200, 3, 30, 300, 4, 40, 400, 5, 50, 500]),
        (4, 1, [1, 10, 100, 0, 2, 20, 200, 0, 3, 30, 300, 0, 4, 40, 400, 0, 5, 50, 500]),
        (2, 3, [1, 0, 2, 10, 3, 20, 104, 30, 205, 40, 300, 50, 400, 0, 500]),
    ],
)
def test_golden_strides_and_dilations(s: int, d: int, expected: list[int]) -> None:
    assert conv1d_transpose(RAMP, KERNEL, None, s=s, d=d, g=1, left=0, length=len(expected)) == [[expected]]


def test_the_documented_example() -> None:
    assert conv1d_transpose(EXAMPLE_X, EXAMPLE_W, [0], s=1, d=1, g=1, left=0, length=5) == [[[60, 16, 99, 75, 4]]]


def test_a_reversed_kernel_does_not_give_the_documented_example() -> None:
    reversed_taps = [[row[::-1] for row in rows] for rows in EXAMPLE_W]
    assert conv1d_transpose(EXAMPLE_X, reversed_taps, None, s=1, d=1, g=1, left=0, length=5) == [[[16, 60, 18, 103, 57]]]


def test_bias_lies_on_samples_that_nothing_reaches() -> None:
    found = conv1d_transpose(RAMP, [[[1, 10, 100], [3, 0, 7]]], [7, -2], s=4, d=1, g=1, left=2, length=3)
    assert found == [[[107, 7, 9], [5, -2, 4]]]


def test_arithmetic_is_exact_on_fractions_and_beyond_64_bits() -> None:
    assert conv1d_transpose([[[Fraction(1, 3)]]], [[[Fraction(3, 7)]]], [Fraction(6, 7)], s=1, d=1, g=1, left=0, length=1) == [[[1]]]
    assert conv1d_transpose([[[2**80 + 1]]], [[[3]]], None, s=1, d=1, g=1, left=0, length=1) == [[[3 * 2**80 + 3]]]


def test_definition_is_short_enough_to_check_by_eye() -> None:
    lines = [line for line in inspect.getsource(definition).splitlines() if line.strip()]
    assert 10 <= len(lines) <= 40
