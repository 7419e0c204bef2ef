"""Saboteurs with a memory of other calls: caches keyed wrongly, shared buffers, parameters that do not follow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from saboteurs.layer import LayerParts, Parameter
from saboteurs.right import RIGHT, Arguments, Array, Parts, extent, require, result, scatter
from saboteurs.saboteur import saboteur, scattered

Key = Callable[[Array, Array, Arguments], Any]


def cached(key: Key) -> Parts:
    """A function that keeps the scatter of each key."""
    kept: dict[Any, Array] = {}

    def full(x: Array, weight: Array, a: Arguments) -> Array:
        name = key(x, weight, a)
        if name not in kept:
            kept[name] = scatter(x, weight, a)
        return kept[name].copy()

    return scattered(full)


def numbers(array: Array) -> tuple[Any, ...]:
    return array.shape, array.dtype.name, array.tobytes()


def address(array: Array) -> tuple[Any, ...]:
    return array.shape, array.dtype.name, array.__array_interface__["data"][0]


def last_kernel(key: Callable[[Array], Any]) -> Parts:
    """The kernel is copied when its key differs from that of the last call's; addresses and ids of arrays that are gone come again."""
    kept: dict[Any, Array] = {}

    def full(x: Array, weight: Array, a: Arguments) -> Array:
        name = key(weight), weight.shape, weight.dtype.name
        if name not in kept:
            kept.clear()
        return scatter(x, kept.setdefault(name, weight.copy()), a)

    return scattered(full)


def one_buffer() -> Parts:
    """Results of one shape share a buffer."""
    buffers: dict[Any, Array] = {}

    def finished(y: Array, x: Array, a: Arguments) -> Array:
        found = result(y, x, a)
        buffer = buffers.setdefault((found.shape, found.dtype.name), np.empty_like(found))
        buffer[...] = found
        return buffer

    return replace(RIGHT, result=finished)


def one_scratch() -> Parts:
    """Calls with results of one shape add their taps in the same place."""
    places: dict[Any, Array] = {}

    def full(x: Array, weight: Array, a: Arguments) -> Array:
        span = (x.shape[2] - 1) * a.stride + 1
        shape = x.shape[0], weight.shape[1] * a.groups, span + extent(weight.shape[2], a.dilation) - 1
        place = places.setdefault((shape, x.dtype.name), np.zeros(shape, x.dtype))
        place[...] = 0
        for k in range(weight.shape[2]):
            one_tap = scatter(x, weight[..., k : k + 1], replace(a, dilation=1))
            place[..., k * a.dilation : k * a.dilation + span] += one_tap
        return place.copy()

    return scattered(full)


def one_at_a_time() -> Parts:
    """A call is refused while another one runs."""
    running: list[int] = []

    def full(x: Array, weight: Array, a: Arguments) -> Array:
        running.append(1)
        try:
            require(len(running) == 1, "one call at a time", running=len(running))
            return scatter(x, weight, a)
        finally:
            running.pop()

    return scattered(full)


class FirstValue(Parameter):
    """Numbers that can be set once."""

    def __init__(self, value: Array) -> None:
        super().__init__(value)
        self.open = True

    def set_value(self, value: Array) -> None:
        if self.open:
            super().set_value(value.copy())
        self.open = False


FIRST_KERNEL = LayerParts(weight=lambda shape: FirstValue(np.ones(shape, np.float32)))
AFTER, AGAIN, THREADS = "I14_after_other_calls", "I14_same_arrays_again", "I18_threads"
BY_SHAPE = cached(lambda x, weight, a: (x.shape, weight.shape, x.dtype.name, a))
WITHOUT_STRIDE = cached(lambda x, weight, a: (numbers(x), numbers(weight), replace(a, stride=0)))
WITHOUT_DILATION = cached(lambda x, weight, a: (numbers(x), numbers(weight), replace(a, dilation=0)))
WITHOUT_GROUPS = cached(lambda x, weight, a: (numbers(x), numbers(weight), replace(a, groups=0)))
BY_KERNEL = cached(lambda x, weight, a: (x.shape, x.dtype.name, numbers(weight), a))
BY_ADDRESS = cached(lambda x, weight, a: (address(x), address(weight), a))
SABOTEURS = (
    saboteur("cached-by-shape", "results are kept by the shapes", BY_SHAPE, AFTER),
    saboteur("cached-without-stride", "results are kept whatever the stride", WITHOUT_STRIDE, AFTER),
    saboteur("cached-without-dilation", "results are kept whatever the dilation", WITHOUT_DILATION, AFTER),
    saboteur("cached-without-groups", "results are kept whatever the groups", WITHOUT_GROUPS, AFTER),
    saboteur("cached-by-kernel", "results are kept by the kernel alone", BY_KERNEL, AFTER),
    saboteur("cached-by-address", "results are kept by the arrays' addresses", BY_ADDRESS, AGAIN),
    saboteur("kernel-by-address", "a kernel is copied once for its address", last_kernel(address), AGAIN),
    saboteur("kernel-by-identity", "a kernel is copied once for its id", last_kernel(id), AGAIN),
    saboteur("first-kernel", "a layer's kernel can be set once", FIRST_KERNEL, AGAIN),
    saboteur("one-buffer", "results of one shape share a buffer", one_buffer(), "I17_result_kept"),
    saboteur("one-scratch", "calls at the same time share their scratch space", one_scratch(), THREADS),
    saboteur("one-at-a-time", "a call is refused while another one runs", one_at_a_time(), THREADS),
)
