"""The exact answer, vectorised; proven equal to the definition by test."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from convt_spec.case import Case
from convt_spec.data import Data, numbers
from convt_spec.interpretation import Answer

Whole = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """The exact output in NCL, (N, C_out, L_out), whole numbers scaled by 2^-exponent.

    `magnitude` is the same sum over absolute values, `terms` the number of products and biases behind each sample.
    """

    values: Whole
    magnitude: Whole
    terms: Whole
    exponent: int


def scatter(x: Whole, weight: Whole, *, stride: int, dilation: int, groups: int) -> Whole:
    """[V1] The whole scattered sum, (N, C_out, (L-1)*stride + dilation*(K-1) + 1), of x (N, C_in, L) and weight (C_in, C_out/groups, K)."""
    batch, channels, length = x.shape
    per_group, kernel = weight.shape[1:]
    full = np.zeros((batch, groups, per_group, (length - 1) * stride + dilation * (kernel - 1) + 1), x.dtype)
    grouped = x.reshape(batch, groups, channels // groups, length)
    columns = weight.reshape(groups, channels // groups, per_group, kernel)
    for tap in range(kernel):
        start = tap * dilation
        full[..., start : start + (length - 1) * stride + 1 : stride] += np.matmul(columns[..., tap].swapaxes(1, 2), grouped)
    return full.reshape(batch, groups * per_group, full.shape[-1])


@lru_cache(maxsize=64)
def exact(case: Case, answer: Answer, left: int | None = None) -> Exact:
    """The exact output of a case under an answer; `left` stands in where the answer does not say the crop at the start."""
    crop = left if answer.left is None else answer.left
    if crop is None:
        raise ValueError("the answer leaves the crop open, so `left` must be given")
    data, *sums = scattered(case, replace(answer, left=0, length=0, added=0, tail="uncovered", activation="identity"))
    values, magnitude, terms = (window(full, crop, answer) for full in sums)
    if data.bias is not None:
        values, magnitude, terms = biased(values, magnitude, terms, data, answer)
    if answer.activation == "relu":
        values = np.maximum(values, 0)
    return Exact(values=values, magnitude=magnitude, terms=terms, exponent=2 * data.exponent)


@lru_cache(maxsize=8)
def scattered(case: Case, answer: Answer) -> tuple[Data, Whole, Whole, Whole]:
    """The case's numbers, and the whole scattered sums of their values, their magnitudes and ones: the same for every window of them."""
    data = numbers(case)
    x, weight = zero_extended(data.x, answer.zeros), documented_axes(data.weight, answer)
    x, weight = wide_enough(x, weight, data.bias)
    shape = {"stride": answer.stride, "dilation": answer.dilation, "groups": answer.groups}
    terms = scatter(np.ones_like(x, np.int64), np.ones_like(weight, np.int64), **shape)
    return data, scatter(x, weight, **shape), scatter(abs(x), abs(weight), **shape), terms


def reached(x: npt.NDArray[np.bool_], weight: npt.NDArray[np.bool_], answer: Answer) -> npt.NDArray[np.bool_]:
    """The samples, as (N, C_out, L_out), whose sum holds a product of a marked input sample and a marked tap."""
    rows, taps = zero_extended(x.astype(np.int64), answer.zeros), documented_axes(weight.astype(np.int64), answer)
    full = scatter(rows, taps, stride=answer.stride, dilation=answer.dilation, groups=answer.groups)
    return window(full, answer.left or 0, answer) > 0


def window(full: Whole, left: int, answer: Answer) -> Whole:
    """The kept samples; positions beyond the scattered sum hold 0, and so do added samples that are not uncovered."""
    kept = np.zeros((*full.shape[:2], answer.length), full.dtype)
    end = answer.length if answer.tail == "uncovered" else answer.length - answer.added
    part = full[..., left : left + end]
    kept[..., : part.shape[-1]] = part
    return kept


def biased(values: Whole, magnitude: Whole, terms: Whole, data: Data, answer: Answer) -> tuple[Whole, Whole, Whole]:
    """[B1] The bias on every sample, except on added ones that hold plain zeros."""
    assert data.bias is not None
    reached = answer.length - answer.added if answer.tail == "zero" else answer.length
    everywhere = (np.arange(answer.length) < reached).astype(np.int64)
    column = data.bias.astype(values.dtype)[:, None]
    return values + column * everywhere, magnitude + abs(column) * everywhere, terms + everywhere


def zero_extended(x: Whole, zeros: tuple[int, int]) -> Whole:
    """[P1] The input with zeros on either side."""
    return np.pad(x, ((0, 0), (0, 0), zeros)) if any(zeros) else x


def documented_axes(weight: Whole, answer: Answer) -> Whole:
    """[W1 W2] The kernel as (C_in, C_out/groups, K), from the axes under which it was handed over."""
    groups = answer.groups
    if answer.weight == "out-in":
        blocks = weight.reshape(groups, weight.shape[0] // groups, *weight.shape[1:])
        return blocks.swapaxes(1, 2).reshape(-1, weight.shape[0] // groups, weight.shape[2])
    if answer.weight == "undivided":
        rows, columns = weight.shape[0] // groups, weight.shape[1] // groups
        return np.concatenate([weight[j * rows : (j + 1) * rows, j * columns : (j + 1) * columns] for j in range(groups)])
    return weight


def wide_enough(x: Whole, weight: Whole, bias: Whole | None) -> tuple[Whole, Whole]:
    """The operands in 64 bits where no sum can overflow, else as Python's own whole numbers."""
    terms = weight.shape[0] * max(weight.shape[2], 1)
    bound = int(abs(x).max(initial=0)) * int(abs(weight).max(initial=0)) * terms
    if bias is not None:
        bound += int(abs(bias).max(initial=0))
    if bound < 1 << 61:
        return x.astype(np.int64), weight.astype(np.int64)
    return x.astype(object), weight.astype(object)
