"""The arrays of a case, as exact whole numbers and as the floats that an implementation gets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from convt_spec import special
from convt_spec.case import Case, CaseError, Integers, Literal, Special
from convt_spec.memory import arranged
from convt_spec.problem import Problem

FRACTION_BITS = special.FRACTION_BITS
LARGEST = 10**8
"""Beyond it no array of a case would fit a memory."""
Whole = npt.NDArray[Any]
Floats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """Exact arrays: each value is a whole number times a power of two.

    `x` is (N, C_in, L) and `weight` (C_in, C_out/groups, K), scaled by 2^-exponent each; `bias` is (C_out,) or None, scaled like a
    product, by 2^-(2 exponent). Source: the case's recipe, through the raw stream of PCG64, which NumPy guarantees to be stable. Of a
    special recipe these are the whole numbers before `convt_spec.special` scales and marks them.
    """

    x: Whole
    weight: Whole
    bias: Whole | None
    exponent: int


@lru_cache(maxsize=64)
def numbers(case: Case) -> Data:
    """The exact arrays of a case, read-only; raises CaseError. A fresh bias is 0 [A9], and broadcast arrays repeat their first item."""
    problem = case.problem
    if max(problem.length, problem.kernel_size, *map(abs, numbers_in(problem))) > LARGEST:
        raise CaseError(f"sizes and arguments go up to {LARGEST} in a case, got {case}")
    found = drawn(case)
    if found.bias is not None and problem.parameters != "set":
        found = replace(found, bias=np.zeros_like(found.bias))
    if problem.memory == "broadcast":
        found = replace(
            found, x=repeated(found.x), weight=repeated(found.weight), bias=None if found.bias is None else repeated(found.bias)
        )
    for array in (found.x, found.weight, found.bias):
        if array is not None:
            array.flags.writeable = False
    return found


def repeated(whole: Whole) -> Whole:
    """The first item along the leading axis, in place of all."""
    return np.repeat(whole[:1], len(whole), axis=0)


def drawn(case: Case) -> Data:
    """The recipe's numbers; raises CaseError when a literal's length does not fit its shape."""
    problem, recipe = case.problem, case.data
    shapes = (problem.input_shape, problem.weight_shape, problem.bias_shape)
    if isinstance(recipe, Literal):
        parts = zip((recipe.x, recipe.weight, recipe.bias), shapes, strict=True)
        x, weight, bias = (literal(values, shape, case.dtype) for values, shape in parts)
        return Data(x=x, weight=weight, bias=bias if problem.has_bias else None, exponent=0)
    bits = np.asarray(np.random.PCG64(recipe.seed).random_raw(sum(map(math.prod, shapes))), np.uint64)
    if isinstance(recipe, Integers | Special):
        x, weight, bias = in_turn(special.whole_numbers(case, bits, small_integers(bits)), shapes)
        return Data(x=x, weight=weight, bias=bias if problem.has_bias else None, exponent=0)
    exponent = FRACTION_BITS[case.dtype] - 1
    x, weight, bias = in_turn(significands(bits, exponent), shapes)
    if recipe.kind == "level":
        x, weight = abs(x), np.repeat(weight[..., :1], weight.shape[2], axis=2)
    if not problem.has_bias:
        return Data(x=x, weight=weight, bias=None, exponent=exponent)
    return Data(x=x, weight=weight, bias=bias.astype(object) << exponent, exponent=exponent)


def in_turn(values: Whole, shapes: Sequence[tuple[int, ...]]) -> list[Whole]:
    """One array after the other out of a row of numbers, in these shapes."""
    ends = list(accumulate(map(math.prod, shapes), initial=0))
    return [values[start:end].reshape(shape) for (start, end), shape in zip(pairwise(ends), shapes, strict=True)]


def numbers_in(problem: Problem) -> list[int]:
    """The plain numbers among the sizes and arguments."""
    held = (problem.batch, problem.in_channels, problem.out_channels, *problem.given().values())
    return [value for value in held if isinstance(value, int)]


def literal(values: tuple[int, ...], shape: tuple[int, ...], dtype: str) -> Whole:
    """The written numbers in their shape, if the dtype holds them exactly; a literal without bias numbers stands for a bias of zeros."""
    beyond = [value for value in values if abs(value) >= 1 << 62 or int(np.dtype(dtype).type(value)) != value]
    if beyond:
        raise CaseError(f"the literal holds {beyond[0]}, which is no whole number that {dtype} has")
    if not values and len(shape) == 1:
        return np.zeros(shape, np.int64)
    if len(values) != math.prod(shape):
        raise CaseError(f"the literal has {len(values)} numbers where the shape {shape} needs {math.prod(shape)}")
    return np.array(values, np.int64).reshape(shape)


def small_integers(bits: npt.NDArray[np.uint64]) -> Whole:
    """Whole numbers from -9 to 9 without 0."""
    drawn = (bits % np.uint64(18)).astype(np.int64) - 9
    return np.where(drawn >= 0, drawn + 1, drawn)


def significands(bits: npt.NDArray[np.uint64], width: int) -> Whole:
    """Signed whole numbers of up to `width` bits and odd, so that products need every bit; magnitudes spread over 2^8."""
    magnitude = (bits >> np.uint64(63 - width)) & np.uint64((1 << width) - 1)
    shift = (bits & np.uint64(7)).astype(np.uint64)
    odd = (magnitude >> shift | np.uint64(1)).astype(np.int64)
    return np.where(bits >> np.uint64(63), -odd, odd)


def arrays(case: Case) -> tuple[Floats, Floats, Floats | None]:
    """The input in the case's layout, the kernel and the bias, in the case's dtype, fresh, and arranged as its `memory` says.

    Shapes: (N, C_in, L) or (N, L, C_in); (C_in, C_out/groups, K); (C_out,) or None. A flaw of the problem spoils one shape.
    """
    exact = numbers(case)
    x = scaled(exact.x, exact.exponent, case.dtype)
    weight = scaled(exact.weight, exact.exponent, case.dtype)
    bias = None if exact.bias is None else scaled(exact.bias, 2 * exact.exponent, case.dtype)
    if isinstance(case.data, Special):
        x, weight, bias = special.floats(case, exact.x, exact.weight, exact.bias)
    if case.layout == "NLC":
        x = np.ascontiguousarray(x.transpose(0, 2, 1))
    x, weight, bias = flawed(case.problem, x, weight, bias)
    form = case.problem.memory
    return arranged(x, form), arranged(weight, form), None if bias is None else arranged(bias, form)


def scaled(whole: Whole, exponent: int, dtype: str) -> Floats:
    """The whole numbers times 2^-exponent in the dtype; exact, since no significand is wider than the dtype's."""
    return np.ldexp(whole.astype(np.float64), -exponent).astype(dtype)


def flawed(problem: Problem, x: Floats, weight: Floats, bias: Floats | None) -> tuple[Floats, Floats, Floats | None]:
    """The arrays with the rank that the problem's flaw asks for."""
    name, _, rank = problem.flaw.partition("-rank-")
    if not rank:
        return x, weight, bias
    if name == "bias":
        return x, weight, None if bias is None else of_rank(bias, rank)
    return (of_rank(x, rank), weight, bias) if name == "input" else (x, of_rank(weight, rank), bias)


def of_rank(array: Floats, rank: str) -> Floats:
    """The array with an axis of 1, first or at a place (`4-at-2`); or its first item along the leading axis, zeros where there is none."""
    axes, _, place = rank.partition("-at-")
    if int(axes) > array.ndim:
        return np.expand_dims(array, int(place or 0))
    return np.asarray(array[0]) if len(array) else np.zeros(array.shape[1:], array.dtype)
