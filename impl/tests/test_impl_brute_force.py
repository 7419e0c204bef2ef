"""Every attribute against plain loops over Python integers; the values are small enough that all sums are exact."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from hypothesis import event, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from convt_impl import conv1d_transpose
from convt_impl.geometry import plan

Array = NDArray[Any]

DTYPES = ("float16", "float32", "float64", "complex64", "complex128")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    batch: int
    groups: int
    in_per_group: int
    out_per_group: int
    input_length: int
    kernel_length: int
    stride: int
    dilation: int
    padding: int | str
    extra: int
    by_output_size: bool
    biased: bool
    data_format: str
    dtype: str
    seed: int

    @property
    def extent(self) -> int:
        return self.dilation * (self.kernel_length - 1) + 1

    @property
    def left(self) -> int:
        if self.padding == "SAME":
            return (self.extent - self.stride) // 2 if self.extent > self.stride else 0
        return 0 if self.padding == "VALID" else int(self.padding)

    @property
    def length(self) -> int:
        if self.padding == "SAME":
            return self.input_length * self.stride + self.extra
        return (self.input_length - 1) * self.stride + self.extent - 2 * self.left + self.extra

    @property
    def attributes(self) -> dict[str, Any]:
        common = {"stride": self.stride, "dilation": self.dilation, "padding": self.padding, "groups": self.groups}
        end = {"output_size": self.length} if self.by_output_size else {"output_padding": self.extra}
        return {**common, **end, "data_format": self.data_format}


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    stride, dilation = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    input_length, kernel_length = draw(st.integers(1, 7)), draw(st.integers(1, 5))
    extra = draw(st.integers(0, stride))
    full = (input_length - 1) * stride + dilation * (kernel_length - 1) + 1
    padding = draw(st.sampled_from(["SAME", "VALID"]) | st.integers(0, (full + extra - 1) // 2))
    return Problem(
        batch=draw(st.integers(0, 3)),
        groups=draw(st.integers(1, 3)),
        in_per_group=draw(st.integers(1, 3)),
        out_per_group=draw(st.integers(1, 3)),
        input_length=input_length,
        kernel_length=kernel_length,
        stride=stride,
        dilation=dilation,
        padding=padding,
        extra=extra,
        by_output_size=draw(st.booleans()),
        biased=draw(st.booleans()),
        data_format=draw(st.sampled_from(["NCL", "NLC"])),
        dtype=draw(st.sampled_from(DTYPES)),
        seed=draw(st.integers(0, 2**32 - 1)),
    )


def integers(problem: Problem) -> tuple[Array, Array, Array | None]:
    """Return x as NCL, weight and bias, such that every partial sum is exact in float16, which holds all integers up to 2048."""
    random = np.random.default_rng(problem.seed)
    # One output sums at most 3 channels times 5 taps: 15 products of at most 49 (98 if complex), and a bias below 109.
    x = random.integers(-7, 8, (problem.batch, problem.groups * problem.in_per_group, problem.input_length))
    weight = random.integers(-7, 8, (problem.groups * problem.in_per_group, problem.out_per_group, problem.kernel_length))
    bias = 100 + np.arange(problem.groups * problem.out_per_group) if problem.biased else None
    if problem.dtype.startswith("complex"):
        x = x + 1j * random.integers(-7, 8, x.shape)
        weight = weight + 1j * random.integers(-7, 8, weight.shape)
    return x, weight, bias


def brute_force(problem: Problem, x: Array, weight: Array, bias: Array | None) -> Array:
    """Return the result as NCL: each product goes where it belongs, or nowhere."""
    result = np.zeros((problem.batch, problem.groups * problem.out_per_group, problem.length), dtype=complex)
    for n, channel, m, i, k in product(*map(range, (*x.shape[:2], problem.out_per_group, x.shape[2], weight.shape[2]))):
        place = i * problem.stride + k * problem.dilation - problem.left
        if 0 <= place < problem.length:
            group = channel // problem.in_per_group
            result[n, group * problem.out_per_group + m, place] += x[n, channel, i] * weight[channel, m, k]
    return result if bias is None else result + bias[None, :, None]


def assert_equals_brute_force(problem: Problem) -> None:
    x, weight, bias = integers(problem)
    expected = brute_force(problem, x, weight, bias)
    if not problem.dtype.startswith("complex"):
        expected = expected.real
    to_layout = (0, 1, 2) if problem.data_format == "NCL" else (0, 2, 1)
    actual = conv1d_transpose(
        x.transpose(to_layout).astype(problem.dtype),
        weight.astype(problem.dtype),
        None if bias is None else bias.astype(problem.dtype),
        **problem.attributes,
    )
    np.testing.assert_array_equal(actual, expected.transpose(to_layout).astype(problem.dtype), strict=True)
    assert actual.flags.c_contiguous


@settings(max_examples=800, deadline=None)
@given(problems())
def test_equals_brute_force(problem: Problem) -> None:
    event(f"padding: {problem.padding if isinstance(problem.padding, str) else 'int'}")
    assert_equals_brute_force(problem)


def grid() -> Iterator[tuple[int, ...]]:
    """Yield every small combination of input length, kernel length, stride, dilation, left crop and length."""
    return product(range(1, 4), range(1, 4), range(1, 4), range(1, 3), range(8), range(4))


def test_plan_places_every_product_of_every_small_geometry() -> None:
    checked = 0
    for input_length, kernel_length, stride, dilation, padding, extra in grid():
        length = (input_length - 1) * stride - 2 * padding + dilation * (kernel_length - 1) + 1 + extra
        if length < 1 or extra > stride:
            continue
        kept = plan(
            input_length=input_length,
            kernel_length=kernel_length,
            stride=stride,
            padding=padding,
            output_padding=extra,
            output_size=None,
            dilation=dilation,
        )
        for k in range(kernel_length):
            wanted = [(i, i * stride + k * dilation - padding) for i in range(input_length)]
            reached = kept.tap(k)
            placed = [] if reached is None else [list(range(input_length))[reached[0]], list(range(length))[reached[1]]]
            assert list(zip(*placed, strict=True)) == [(i, place) for i, place in wanted if 0 <= place < length]
        checked += 1
    assert checked > 500


def test_many_samples_and_channels_in_float32_are_exact() -> None:
    # 32 channels times at most 4 meeting taps of at most 81 each stay far below 2**24.
    random = np.random.default_rng(7)
    x, weight = random.integers(-9, 10, (2, 64, 301)), random.integers(-9, 10, (64, 24, 11))
    full = np.zeros((2, 48, 300 * 3 + 10 + 1), dtype=np.int64)
    for group, k in product(range(2), range(11)):
        block = np.einsum("ncl,cm->nml", x[:, 32 * group : 32 * group + 32], weight[32 * group : 32 * group + 32, :, k])
        full[:, 24 * group : 24 * group + 24, k : k + 901 : 3] += block
    actual = conv1d_transpose(x.astype(np.float32), weight.astype(np.float32), stride=3, padding=4, groups=2)
    np.testing.assert_array_equal(actual, full[:, :, 4:-4].astype(np.float32), strict=True)
