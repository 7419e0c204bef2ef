"""The forward convolution against a direct loop, and as the adjoint of the definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from convt_spec.definition import conv1d_transpose
from convt_spec.forward import conv1d

Whole = npt.NDArray[Any]


@st.composite
def calls(draw: st.DrawFn) -> tuple[Whole, Whole, Whole, dict[str, int]]:
    """An input, a kernel, an output that need not fit each other's lengths, and stride, dilation, crop and groups."""
    size, source = st.integers(1, 3), np.random.default_rng(draw(st.integers(0, 999)))
    groups, in_group, out_group, batch = draw(size), draw(size), draw(size), draw(st.integers(0, 2))
    x = source.integers(-9, 10, (batch, groups * in_group, draw(st.integers(1, 6))))
    weight = source.integers(-9, 10, (groups * in_group, out_group, draw(st.integers(1, 4))))
    y = source.integers(-9, 10, (batch, groups * out_group, draw(st.integers(1, 12))))
    shape = {"stride": draw(st.integers(1, 4)), "dilation": draw(size), "left": draw(st.integers(0, 4)), "groups": groups}
    return x, weight, y, shape


def looped(y: Whole, weight: Whole, length: int, *, stride: int, dilation: int, left: int, groups: int) -> list[Any]:
    in_group, out_group = len(weight) // groups, weight.shape[1]
    x = np.zeros((len(y), len(weight), length), object)
    for n, c, i in np.ndindex(*x.shape):
        for m in range(out_group):
            for k in range(weight.shape[2]):
                u = i * stride + k * dilation - left
                if 0 <= u < y.shape[2]:
                    x[n, c, i] += int(y[n, c // in_group * out_group + m, u]) * int(weight[c, m, k])
    listed: list[Any] = x.tolist()
    return listed


@given(calls())
@settings(max_examples=200)
def test_forward_equals_a_direct_loop(call: tuple[Whole, Whole, Whole, dict[str, int]]) -> None:
    x, weight, y, shape = call
    assert conv1d(y, weight, length=x.shape[2], **shape).tolist() == looped(y, weight, x.shape[2], **shape)


@given(calls())
@settings(max_examples=200)
def test_N1_definition_is_the_adjoint_of_forward(call: tuple[Whole, Whole, Whole, dict[str, int]]) -> None:
    x, weight, y, shape = call
    stride, dilation, left, groups = shape["stride"], shape["dilation"], shape["left"], shape["groups"]
    scattered = conv1d_transpose(x.tolist(), weight.tolist(), None, s=stride, d=dilation, g=groups, left=left, length=y.shape[2])
    outer = int((np.array(scattered, object).reshape(y.shape) * y).sum())
    inner = int((x * conv1d(y, weight, length=x.shape[2], **shape)).sum())
    assert outer == inner


def test_forward_golden_ramp() -> None:
    y, weight = np.array([[[1, 2, 3, 4, 5, 6, 7]]]), np.array([[[1, 10, 100]]])
    assert conv1d(y, weight, length=4, stride=2, dilation=1, left=0, groups=1).tolist() == [[[321, 543, 765, 7]]]
    assert conv1d(y, weight, length=3, stride=3, dilation=2, left=1, groups=1).tolist() == [[[420, 753, 6]]]


def test_forward_golden_groups_of_unequal_size() -> None:
    """2 groups of 1 input and 2 outputs: input c collects outputs 2c and 2c+1."""
    y, weight = np.array([[[1], [10], [100], [1000]]]), np.array([[[2], [3]], [[5], [7]]])
    assert conv1d(y, weight, length=1, stride=1, dilation=1, left=0, groups=2).tolist() == [[[32], [7500]]]


def test_forward_keeps_whole_numbers_beyond_64_bits() -> None:
    y, weight = np.array([[[2**70, 5]]], object), np.array([[[3, 1]]], object)
    assert conv1d(y, weight, length=2, stride=1, dilation=1, left=0, groups=1).tolist() == [[[3 * 2**70 + 5, 15]]]
