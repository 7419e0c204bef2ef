"""Saboteurs with a memory of other calls: caches keyed wrongly, shared buffers, parameters that do not follow."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from saboteurs.layer import LayerParts, Parameter
from saboteurs.right import RIGHT, Arguments, Array, Parts, extent, require, result, scatter
from saboteurs.right import added as right_added
from saboteurs.saboteur import layered, saboteur, scattered

Key = Callable[[Array, Array, Arguments], Any]
WHILE = 1e-4
"""Seconds for which a call lets go of the interpreter, so that calls of other threads meet it."""


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


def kernels(key: Callable[[Array], Any]) -> Parts:
    """Each kernel is copied once for its key."""
    kept: dict[Any, Array] = {}

    def full(x: Array, weight: Array, a: Arguments) -> Array:
        return scatter(x, kept.setdefault((key(weight), weight.shape, weight.dtype.name), weight.copy()), a)

    return scattered(full)


def in_turn(count: int) -> Parts:
    """Results of one shape share so many buffers, which take turns."""
    rings: dict[Any, list[Array]] = {}

    def finished(y: Array, x: Array, a: Arguments) -> Array:
        found = result(y, x, a)
        ring = rings.setdefault((found.shape, found.dtype.name), [np.empty_like(found) for _ in range(count)])
        ring.append(ring.pop(0))
        ring[-1][...] = found
        return ring[-1]

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
            time.sleep(WHILE)
            require(len(running) == 1, "one call at a time", running=len(running))
            return scatter(x, weight, a)
        finally:
            running.pop()

    return scattered(full)


def flipped_in_place(x: Array, weight: Array, a: Arguments) -> Array:
    """The kernel is turned round where it lies, and back again after the sums."""
    if not weight.flags.writeable:
        return scatter(x, weight, a)
    own = weight.copy()
    weight[...] = own[..., ::-1]
    full = scatter(x, weight[..., ::-1], a)
    weight[...] = own
    return full


def last_size() -> Parts:
    """An output_size is taken for the calls that follow, where they can have it."""
    sizes: list[int] = []

    def added(a: Arguments, plain: int) -> int:
        if a.output_size is not None:
            sizes[:] = [a.output_size]
        elif sizes and a.output_padding == 0 and 0 <= sizes[0] - plain <= a.stride:
            return sizes[0] - plain
        return right_added(a, plain)

    return replace(RIGHT, added=added)


def one_plan() -> Parts:
    """The arguments of the call under way are kept in one place."""
    plan: list[Arguments] = []

    def full(x: Array, weight: Array, a: Arguments) -> Array:
        plan[:] = [a]
        time.sleep(WHILE)
        return scatter(x, weight, plan[0])

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
BEGINNING = kernels(lambda weight: weight.tobytes()[:64])
SUM = kernels(lambda weight: float(np.nan_to_num(weight).sum(dtype=np.float64)))
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
    saboteur("kernel-by-its-beginning", "a kernel is kept by its first numbers", BEGINNING, AFTER),
    saboteur("kernel-by-its-sum", "a kernel is kept by the sum of its numbers", SUM, AFTER),
    saboteur("last-size", "an output_size is taken for the next call too", last_size(), AFTER),
    saboteur("size-of-the-last", "a layer keeps the output_size of its last call", layered(last_size()), AGAIN),
    saboteur("one-buffer", "results of one shape share a buffer", in_turn(1), "I17_result_kept"),
    saboteur("three-buffers", "results of one shape share three buffers", in_turn(3), "I17_result_kept"),
    saboteur("one-scratch", "calls at the same time share their scratch space", one_scratch(), THREADS),
    saboteur("one-plan", "calls at the same time share their arguments", one_plan(), THREADS),
    saboteur("flipped-in-place", "the kernel is turned round and back in its place", scattered(flipped_in_place), THREADS),
    saboteur("one-at-a-time", "a call is refused while another one runs", one_at_a_time(), THREADS),
)
