"""Saboteurs of the arrays' arrangement in memory: each takes the numbers from where they would lie in a plain array."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.lib.stride_tricks import as_strided

from saboteurs.right import RIGHT, Array, Parts, kernel, offsets, source
from saboteurs.saboteur import saboteur


def base_order(array: Array) -> Array:
    """The first numbers of the array that owns the memory."""
    base = array.base
    if not isinstance(base, np.ndarray) or base.size < array.size or base.dtype != array.dtype:
        return array
    return base.reshape(-1)[: array.size].reshape(array.shape)


def memory_order(array: Array) -> Array:
    """The numbers in the order in which they lie in memory."""
    return array.ravel("K").reshape(array.shape)


def own_byte_order(array: Array) -> Array:
    """The bytes in the machine's order, whatever the dtype says."""
    return array.view(array.dtype.newbyteorder("="))


def aligned_only(array: Array) -> Array:
    """Zeros for an array at an odd address."""
    return array if array.flags.aligned else np.zeros_like(array)


def one_step(array: Array) -> Array:
    """A stride of 0 is taken for 1: what is repeated counts once, and zeros follow."""
    if not array.size or array.strides[0] != 0 or array.shape[0] == 1:
        return array
    return np.concatenate([array[:1], np.zeros_like(array[1:])])


def forward_only(array: Array) -> Array:
    """A negative stride is taken for a positive one."""
    return array[..., ::-1] if array.strides[-1] < 0 else array


def gapless(array: Array) -> Array:
    """Rows follow each other without a gap: the next one begins where the last one ended."""
    if array.ndim < 2 or array.strides[-1] != array.itemsize or array.strides[-2] <= array.shape[-1] * array.itemsize:
        return array
    row = array.shape[-1] * array.itemsize
    return as_strided(array, strides=(*array.strides[:-2], row, array.itemsize), writeable=False)


def uncrossed(array: Array) -> Array:
    """Items that lie one after the other have their own axes in C order."""
    if array.ndim < 3 or array.flags.c_contiguous or not array.swapaxes(-1, -2).flags.c_contiguous:
        return array
    return array.swapaxes(-1, -2).reshape(array.shape)


def reading(read: Callable[[Array], Array]) -> Parts:
    """The right function over operands that are read so."""
    return replace(
        RIGHT,
        source=lambda x, layout: source(read(x), layout),
        kernel=lambda weight, channels, groups: kernel(read(weight), channels, groups),
        offsets=lambda bias, out_channels: offsets(read(bias), out_channels),
    )


MEMORY = "I16_memory"
KERNEL_IN_MEMORY_ORDER = replace(RIGHT, kernel=lambda weight, channels, groups: kernel(memory_order(weight), channels, groups))
SABOTEURS = (
    saboteur("base-order", "a view is read from the start of its base", reading(base_order), MEMORY),
    saboteur("memory-order", "arrays are read in memory order", reading(memory_order), MEMORY),
    saboteur("kernel-in-memory-order", "the kernel is read in memory order", KERNEL_IN_MEMORY_ORDER, MEMORY),
    saboteur("own-byte-order", "the byte order is ignored", reading(own_byte_order), MEMORY),
    saboteur("aligned-only", "arrays at odd addresses count as zeros", reading(aligned_only), MEMORY),
    saboteur("one-step", "what is repeated in memory counts once", reading(one_step), MEMORY),
    saboteur("gapless-rows", "a part of longer rows is read as if the rows were that short", reading(gapless), MEMORY),
    saboteur("uncrossed-axes", "channels and samples that change places in memory do so in the result", reading(uncrossed), MEMORY),
    saboteur("forward-only", "arrays that run backwards are read forwards", reading(forward_only), MEMORY),
)
