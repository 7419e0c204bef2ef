"""Saboteurs of what numbers have in common, or of how many bits they need: shortcuts for zeros, symmetric and equal taps, whole numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from saboteurs.right import Arguments, Array, scatter
from saboteurs.saboteur import biasing, finishing, saboteur, scattered

INPUTS, KERNELS, WIDE = (f"V1_values_of_{name}" for name in ("structured_inputs", "structured_kernels", "wide_numbers"))


def where_any(y: Array, bias: Array, plain: int) -> Array:
    """[B1] Nothing is added to a result of zeros."""
    return y + bias[:, None] if y.any() else y


def where_item_has_any(y: Array, bias: Array, plain: int) -> Array:
    """[B1] Nothing is added to an item of zeros in a batch that has others."""
    return np.where(y.any(axis=(1, 2), keepdims=True) | (not y.any()), y + bias[:, None], y)


def steady(x: Array, weight: Array, a: Arguments) -> Array:
    """[V1] Of more than three samples that are all alike the last counts for nothing."""
    same = x.shape[2] > 3 and bool((x == x[..., :1]).all())
    return scatter(np.where(same & (np.arange(x.shape[2]) == x.shape[2] - 1), 0, x).astype(x.dtype), weight, a)


def folded(x: Array, weight: Array, a: Arguments) -> Array:
    """[W3] A kernel that reads the same backwards is folded, its middle on itself."""
    taps = weight.shape[2]
    if taps > 4 and taps % 2 and np.array_equal(weight, weight[..., ::-1]):
        weight = np.where(np.arange(taps) == taps // 2, 2 * weight, weight)
    return scatter(x, weight, a)


def boxed(x: Array, weight: Array, a: Arguments) -> Array:
    """[D1] Equal taps make a running sum over neighbours, whatever the dilation."""
    full = scatter(x, weight, a)
    if weight.shape[2] > 2 and a.dilation > 1 and (weight == weight[..., :1]).all():
        near = scatter(x, weight, replace(a, dilation=1))
        full[...] = 0
        full[..., : near.shape[2]] = near
    return full


def one_tap_moved(x: Array, weight: Array, a: Arguments) -> Array:
    """[D1] A kernel with one tap moves the input by so many samples, whatever the dilation."""
    used = np.flatnonzero(weight.any(axis=(0, 1)))
    if len(used) == 1 and weight.shape[2] > 3:
        full = np.zeros_like(scatter(x, weight, a))
        part = scatter(x, weight[..., used], a)
        full[..., used[0] : used[0] + part.shape[2]] = part
        return full
    return scatter(x, weight, a)


def whole_in_32_bits(x: Array, weight: Array, a: Arguments) -> Array:
    """[V1] Whole numbers are summed as integers of 32 bits, which wrap."""
    full = scatter(x, weight, a)
    if any((abs(part) > 2**24).any() or (part != np.rint(part)).any() for part in (x, weight)):
        return full
    return ((full.astype(np.int64) + 2**31) % 2**32 - 2**31).astype(x.dtype)


def shorter_above(y: Array, x: Array, a: Arguments) -> Array:
    """[V7] Results of float32 from 2^15 to 2^20 keep eight bits."""
    between = (abs(y) >= 2**15) & (abs(y) < 2**20)
    if y.dtype != np.float32 or not between.any():
        return y
    significand, power = np.frexp(np.where(between, y, 0))
    return np.where(between, np.ldexp(np.rint(significand * 256) / 256, power), y).astype(y.dtype)


def scaled_by_the_largest(x: Array, weight: Array, a: Arguments) -> Array:
    """[V9] The input is divided by its largest number and the result multiplied by it: too small a number has no inverse."""
    most = abs(x).max(initial=0)
    with np.errstate(all="ignore"):
        usable = most == 0 or np.isfinite(x.dtype.type(1) / most)
    full = scatter(x, weight, a)
    return full if usable or not np.isfinite(most) else np.full_like(full, np.nan)


SABOTEURS = (
    saboteur("zeros-without-bias", "a result of zeros has no bias", biasing(where_any), INPUTS),
    saboteur("zero-item-without-bias", "an item of zeros has no bias", biasing(where_item_has_any), INPUTS),
    saboteur("steady-input", "the last of equal samples is left out", scattered(steady), INPUTS),
    saboteur("folded-kernel", "the middle of a symmetric kernel counts twice", scattered(folded), KERNELS),
    saboteur("box-kernel", "equal taps are neighbours whatever the dilation", scattered(boxed), KERNELS),
    saboteur("one-used-tap", "a single tap moves the input, whatever the dilation", scattered(one_tap_moved), KERNELS),
    saboteur("32-bit-integers", "whole numbers are summed in 32 bits", scattered(whole_in_32_bits), WIDE),
    saboteur("shorter-above", "larger results have eight bits", finishing(shorter_above), WIDE),
    saboteur("scaled-by-the-largest", "an input of subnormal numbers gives NaN", scattered(scaled_by_the_largest), "V9_subnormal"),
)
