"""[V7 to V11] What a special recipe makes of its small whole numbers: powers of two times them, and other numbers in place of some."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from convt_spec.case import Case, Special
from convt_spec.problem import Problem

Floats = npt.NDArray[np.floating[Any]]
PRODUCT = 81
"""The largest product of two small whole numbers."""
FRACTION_BITS = {"float32": 23, "float64": 52}
SMALLEST, LARGEST = {"float32": -149, "float64": -1074}, {"float32": 127, "float64": 1023}
"""The powers of two of the smallest subnormal and of the largest number."""
ROOM = 24
"""Bits between the smallest normal number and the unit of `tiny` results, in which a transform may lose what it rounds to subnormals."""
WIDTHS = {"float32": (7,), "float64": (15, 16, 8, 15)}
"""Bits of `wide` numbers: products and sums of integers overflow, and a transform in the dtype still rounds to the right whole number."""
NOT_FINITE = (math.nan, math.inf, -math.inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class Powers:
    """The powers of two that scale the input, one for each item, and the kernel; a bias is scaled like the first item's result.

    `inputs` scale the input's channels and, inverted, the kernel's rows; `outputs` scale the kernel's columns, and so the results of the
    output channels, in each group anew.
    """

    items: tuple[int, ...]
    weight: int
    inputs: tuple[int, ...] = (0,)
    outputs: tuple[int, ...] = (0,)

    @property
    def results(self) -> tuple[int, ...]:
        """The powers of two of each item's result; the first where there is no item."""
        return tuple(power + self.weight for power in self.items) or (self.weight,)

    def channels(self, count: int) -> npt.NDArray[np.int64]:
        """The powers of two of so many output channels, over all groups."""
        return np.resize(np.array(self.outputs, np.int64), count)


def special(case: Case) -> Special:
    """The special recipe of a case that has one."""
    assert isinstance(case.data, Special)
    return case.data


def draws(case: Case) -> np.random.PCG64:
    """A stream beside the one that the whole numbers come from."""
    return np.random.PCG64([special(case).seed, 1])


def powers(case: Case) -> Powers:
    """The scale of each item and of the kernel: subnormal or large results from operands that are so too, or that are not."""
    problem, kind = case.problem, special(case).kind
    raw = int(draws(case).random_raw())
    spread = raw % 2
    if kind == "subnormal":
        results = SMALLEST[case.dtype] + min(max(FRACTION_BITS[case.dtype] - bits(problem.in_channels * problem.kernel_size), 0), 10)
        weight = spread * SMALLEST[case.dtype] * 2 // 5
        ordinary = results if problem.has_bias else 0
        return Powers(items=tuple((ordinary if item % 2 else results) - weight for item in range(problem.batch)), weight=weight)
    if kind == "tiny":
        lowest = SMALLEST[case.dtype] + FRACTION_BITS[case.dtype] + ROOM
        results = (lowest, lowest // 2)[spread]
        weight = (0, results // 2, results)[raw // 2 % 3]
        return Powers(items=(results - weight,) * problem.batch, weight=weight)
    if kind == "uneven" and problem.weight == "mapped" and problem.flaw == "none":
        found = by_channel(case, problem.in_channels + problem.weight_shape[1])
        inputs, outputs = found[: problem.in_channels], found[problem.in_channels :]
        return Powers(items=(0,) * problem.batch, weight=0, inputs=inputs or (0,), outputs=outputs or (0,))
    if kind == "large":
        results = LARGEST[case.dtype] - bits(products(problem))
        weight = spread * results // 2
        return Powers(items=(results - weight,) * problem.batch, weight=weight)
    return Powers(items=(0,) * problem.batch, weight=0)


def by_channel(case: Case, count: int) -> tuple[int, ...]:
    """Powers of two that are a significand apart."""
    width = FRACTION_BITS[case.dtype] + 1
    return tuple((int(number) % 3 - 1) * width for number in draws(case).random_raw(count))


def whole_numbers(case: Case, raw: npt.NDArray[np.uint64], small: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The arrays' numbers before they are scaled and marked: small ones, zeros in place of some, or wide ones, from their random bits."""
    recipe = case.data
    if not isinstance(recipe, Special):
        return small
    if recipe.kind in ("zeros", "nonfinite"):
        quarters = 2 if recipe.kind == "zeros" else recipe.seed % 4
        return np.where(raw >> np.uint64(62) < quarters, 0, small)
    if recipe.kind == "wide":
        widths = WIDTHS[case.dtype]
        return (1 << widths[recipe.seed % len(widths)]) - 1 - (raw % np.uint64(4)).astype(np.int64)
    return small


def bits(terms: int) -> int:
    """The bits of a sum of so many products and a bias."""
    return (PRODUCT * (terms + 1)).bit_length()


def products(problem: Problem) -> int:
    """More than the products of an item of the batch, times the samples of a transform of the output's length."""
    stride, dilation = (max(value, 1) if isinstance(value, int) else 1 for value in (problem.stride, problem.dilation))
    samples = problem.length * stride + problem.kernel_size * dilation
    return problem.in_channels * problem.kernel_size * problem.length * 4 * samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Numbers that stand in place of whole ones, by array: NaN, infinities or zeros; 1 where the whole number stands."""

    x: Floats
    weight: Floats
    bias: Floats


def marks(case: Case) -> Marks:
    """The numbers that are not finite: up to three in the input, the kernel, both, or the bias."""
    problem = case.problem
    found = Marks(x=np.ones(problem.input_shape), weight=np.ones(problem.weight_shape), bias=np.ones(problem.bias_shape))
    if special(case).kind != "nonfinite":
        return found
    raw = [int(number) for number in draws(case).random_raw(10)]
    choices = [("x",)] * 4 + [("weight",)] * 2 + [("x", "weight"), ("bias",) if problem.has_bias else ("x",)]
    for name in choices[raw[0] % 8]:
        flat = getattr(found, name).reshape(-1)
        for place, value in zip(raw[1 : 2 + raw[1] % 3], raw[4:], strict=False):
            flat[place % max(flat.size, 1) :][:1] = NOT_FINITE[value % 3]
    return found


def floats(
    case: Case, x: npt.NDArray[Any], weight: npt.NDArray[Any], bias: npt.NDArray[Any] | None
) -> tuple[Floats, Floats, Floats | None]:
    """The arrays in the case's dtype, the input as NCL: scaled and marked; exact, since no significand is wider than a small number's."""
    scale, over = powers(case), marks(case)
    by_item, rows = np.array(scale.items, np.int64).reshape(-1, 1, 1), np.array(scale.inputs, np.int64)[:, None]
    columns = scale.weight - rows[:, None] + np.array(scale.outputs, np.int64)[:, None]
    offsets = None if bias is None else np.ldexp(bias.astype(np.float64), scale.results[0] + scale.channels(len(bias)))
    return (
        marked(np.ldexp(x.astype(np.float64), by_item + rows), over.x, case),
        marked(np.ldexp(weight.astype(np.float64), columns), over.weight, case),
        None if offsets is None else marked(offsets, over.bias, case),
    )


def marked(array: Floats, mark: Floats, case: Case) -> Floats:
    """The array with its marks; of its zeros every other one is negative."""
    array.reshape(-1)[np.flatnonzero(array == 0)[::2]] = -0.0
    return np.where(mark == 1, array, mark).astype(case.dtype)
