"""The computation in NumPy: one batched matrix product per kernel tap, added where the tap lands."""

import math
import sys
from typing import Any

import numpy as np

from convt_impl.geometry import Plan
from convt_impl.operands import Array, Operands


def transposed_convolution(given: Operands, plan: Plan) -> Array:
    """Return the result, a fresh C-contiguous array in the layout of `x`; `MemoryError` says how many bytes it takes."""
    shape = _result_shape(given, plan)
    # Half precision is summed in single precision and rounded once, so that its error does not grow with the channels.
    accumulator = np.dtype(np.float32) if given.dtype == np.float16 else given.dtype
    # An empty axis counts as one: NumPy limits the bytes of empty arrays in the same way, and calls too many a wrong value.
    needed = math.prod(max(size, 1) for size in shape) * accumulator.itemsize
    try:
        if needed > sys.maxsize:
            raise MemoryError
        # Infinities and NaN are results here, whatever the caller's floating-point error state says.
        with np.errstate(all="ignore"):
            result = _accumulated(given, plan, shape, accumulator)
            return result.astype(given.dtype, copy=False)
    except MemoryError as error:
        raise MemoryError(f"the result must fit in memory, got shape={shape}, which takes {needed} bytes to compute") from error


def _result_shape(given: Operands, plan: Plan) -> tuple[int, int, int]:
    batch = given.x.shape[0]
    if given.data_format == "NCL":
        return batch, given.out_channels, plan.length
    return batch, plan.length, given.out_channels


def _accumulated(given: Operands, plan: Plan, shape: tuple[int, int, int], dtype: np.dtype[Any]) -> Array:
    # Before NumPy 2.3 the matrix product leaves BLAS where an operand is not contiguous, and takes up to 46 times as long.
    x = np.ascontiguousarray(given.x, dtype)
    taps = np.ascontiguousarray(_taps(given), dtype)
    result = np.zeros(shape, dtype)
    samples, sums = _by_group(x, given), _by_group(result, given)
    for k, tap in enumerate(taps):
        reached = plan.tap(k)
        if reached is not None:
            taken, landed = reached
            sums[..., landed] += np.matmul(tap, samples[..., taken])
    if given.bias is not None:
        sums += given.bias.reshape(given.groups, -1, 1)
    return result


def _taps(given: Operands) -> Array:
    """Return the weight as (K, groups, C_out / groups, C_in / groups)."""
    in_channels, per_group, kernel_length = given.weight.shape
    grouped = given.weight.reshape(given.groups, in_channels // given.groups, per_group, kernel_length)
    return grouped.transpose(3, 0, 2, 1)


def _by_group(array: Array, given: Operands) -> Array:
    """Return a view of `array`, which is contiguous, as (N, groups, channels / groups, samples)."""
    if given.data_format == "NCL":
        batch, channels, samples = array.shape
        return array.reshape(batch, given.groups, channels // given.groups, samples)
    batch, samples, channels = array.shape
    return array.reshape(batch, samples, given.groups, channels // given.groups).transpose(0, 2, 3, 1)
