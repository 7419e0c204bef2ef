"""Saboteurs of special numbers: not finite, subnormal, large, zeros of either sign."""

from __future__ import annotations

from typing import Any

import numpy as np

from saboteurs.right import Arguments, Array, conv1d_transpose, scatter
from saboteurs.saboteur import finishing, saboteur, scattered, scattering

Operands = tuple[Array, Array]


def without_nan(x: Array, weight: Array, a: Arguments) -> Operands:
    """[V8] NaN counts as 0."""
    return np.nan_to_num(x, nan=0.0, posinf=np.inf, neginf=-np.inf), weight


def finite_kernel(x: Array, weight: Array, a: Arguments) -> Operands:
    """[V8] What is not finite in the kernel is replaced by a large number."""
    return x, np.nan_to_num(weight)


def mixed_nan(x: Array, weight: Array, a: Arguments) -> Array:
    """[V8] A NaN in one item spoils the whole batch."""
    full = scatter(x, weight, a)
    return full + 0 * x.sum(dtype=x.dtype) if np.isnan(x).any() else full


def skipping_nan(x: Array, weight: Array, a: Arguments) -> Array:
    """[V8] Terms that are NaN are left out of the sum."""
    return np.nan_to_num(scatter(x, weight, a), nan=0.0, posinf=np.inf, neginf=-np.inf)


def flushed_to_smallest(y: Array, x: Array, a: Arguments) -> Array:
    """[V9] A subnormal result becomes the smallest normal number."""
    tiny = np.finfo(y.dtype).tiny
    return np.where((y != 0) & (abs(y) < tiny), tiny, y).astype(y.dtype)


def flushed_too_early(y: Array, x: Array, a: Arguments) -> Array:
    """[V9] Results below 10 are 0 in a call that has a subnormal result."""
    tiny = np.finfo(y.dtype).tiny
    return np.where(abs(y) < 10, 0, y).astype(y.dtype) if ((y != 0) & (abs(y) < tiny)).any() else y


def squared(x: Array, weight: Array, a: Arguments) -> Array:
    """[V10] The sum comes from squares: (x + w)^2 - x^2 - w^2 is 2 x w."""
    ones_x, ones_w = np.ones_like(x), np.ones_like(weight)
    pairs = scatter(x * x, ones_w, a) + scatter(ones_x, weight * weight, a) + 2 * scatter(x, weight, a)
    return (pairs - scatter(x * x, ones_w, a) - scatter(ones_x, weight * weight, a)) / x.dtype.type(2)


def saturated(y: Array, x: Array, a: Arguments) -> Array:
    """[V10] Results stop at a millionth of the largest number's root."""
    most = np.sqrt(np.finfo(y.dtype).max)
    return np.clip(y, -most, most)


def zero_means_absent(x: Array, weight: Array, a: Arguments) -> Operands:
    """[V11] A 0 in the input repeats the sample before it."""
    filled = x.copy()
    for i in range(1, x.shape[2]):
        filled[..., i] = np.where(x[..., i] == 0, filled[..., i - 1], x[..., i])
    return filled, weight


def signed(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
    """[V11] A negative zero is taken for a small negative number, where all numbers are finite."""
    finite = all(bool(np.isfinite(each).all()) for each in (x, weight, bias) if isinstance(each, np.ndarray))
    whole = np.where(np.signbit(x) & (x == 0), x.dtype.type(-1), x) if finite else x
    return conv1d_transpose(whole, weight, bias, **given)


def pruned(x: Array, weight: Array, a: Arguments) -> Operands:
    """[V9] Taps below the square of the precision are left out."""
    return x, np.where(abs(weight) < np.finfo(weight.dtype).eps ** 2, weight.dtype.type(0), weight)


def single_range(y: Array, x: Array, a: Arguments) -> Array:
    """[V9] A result too small for an ordinary number of float32 is 0."""
    return np.where(abs(y) < np.finfo(np.float32).smallest_normal, y.dtype.type(0), y)


def integer_sums(x: Array, weight: Array, a: Arguments) -> Array:
    """[V10] Whole numbers of 16 bits are added up in integers of 32."""
    whole = all(((abs(part) < 1 << 16) & (part == np.rint(part))).all() for part in (x, weight))
    if not whole:
        return scatter(x, weight, a)
    return scatter(x.astype(np.int64), weight.astype(np.int64), a).astype(np.int32).astype(x.dtype)


SABOTEURS = (
    saboteur("nan-is-zero", "a NaN in the input counts as 0", scattering(without_nan), "V8_not_finite"),
    saboteur("finite-kernel", "the kernel's infinities are large numbers", scattering(finite_kernel), "V8_not_finite"),
    saboteur("nan-across-items", "a NaN spoils the other items too", scattered(mixed_nan), "V8_not_finite"),
    saboteur("nan-left-out", "samples that are NaN are 0", scattered(skipping_nan), "V8_not_finite"),
    saboteur("flushed-to-smallest", "subnormal results become the smallest number", finishing(flushed_to_smallest), "V9_subnormal"),
    saboteur("flushed-too-early", "ordinary results are flushed too", finishing(flushed_too_early), "V9_subnormal"),
    saboteur("pruned-taps", "very small taps count as 0", scattering(pruned), "V9_subnormal"),
    saboteur("single-range", "results too small for float32 are 0", finishing(single_range), "V9_subnormal"),
    saboteur("squares", "products come from squares, which overflow", scattered(squared), "V10_large"),
    saboteur("saturated", "results stop below the largest number", finishing(saturated), "V10_large"),
    saboteur("integer-sums", "whole numbers are added up in 32 bits", scattered(integer_sums), "V10_large"),
    saboteur("zero-is-absent", "a 0 repeats the sample before", scattering(zero_means_absent), "V11_zeros"),
    saboteur("signed-zero", "-0 counts as -1 among finite numbers", signed, "V11_zeros"),
)
