"""Saboteurs that remember earlier calls, each under a key that lacks something; others count their calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import current_thread, main_thread
from typing import Any

import numpy as np

from saboteurs.right import RIGHT, Arguments, Array, Parts, conv1d_transpose, result
from saboteurs.saboteur import family, finishing, saboteur, scattering

Given = dict[str, Any]
Key = Callable[[Array, Array, "Array | None", Given], object]


def whole_key(x: Array, weight: Array, bias: Array | None, given: Given) -> object:
    """All that a result depends on."""
    return held(x), held(weight), held(bias), said(given)


def for_long_kernels(key: Key) -> Callable[..., Array]:
    """The right function with a cache whose key lacks something from 6 taps on."""
    return remembering(lambda x, weight, bias, given: (key if weight.shape[-1] > 5 else whole_key)(x, weight, bias, given))


def remembering(key: Key) -> Callable[..., Array]:
    """The right function with a cache of its results."""
    results: dict[object, Array] = {}

    def call(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
        under = key(x, weight, bias, given)
        if under not in results:
            results[under] = conv1d_transpose(x, weight, bias, **given)
        return results[under].copy()

    return call


def held(array: Array | None) -> object:
    """An array as a part of a key."""
    return None if array is None else (array.shape, array.dtype.str, array.tobytes())


def said(given: Given, *forgotten: str) -> object:
    """The arguments as a part of a key, without those that are forgotten."""
    return repr(sorted((name, value) for name, value in given.items() if name not in forgotten))


def without_kernel(x: Array, weight: Array, bias: Array | None, given: Given) -> object:
    """[V2] The kernel counts by its shape where there is more than one sample."""
    return held(x), weight.shape if x.shape[1:] > (1, 1) and x.shape[-1] > 1 else held(weight), held(bias), said(given)


def without_input(x: Array, weight: Array, bias: Array | None, given: Given) -> object:
    """[V2] The input of a batch counts by its shape."""
    return x.shape if x.shape[0] > 1 and x.size > 2 else held(x), held(weight), held(bias), said(given)


def by_first_item(x: Array, weight: Array, bias: Array | None, given: Given) -> object:
    """[V4] A batch counts by its first item."""
    return held(x[:1]), held(weight), held(bias), said(given)


def by_first_group(x: Array, weight: Array, bias: Array | None, given: Given) -> object:
    """[G1] Groups count by the data of the first one."""
    groups = given.get("groups", 1)
    length = x.shape[1 if given.get("data_format") == "NLC" else -1]
    if x.ndim != 3 or length < 3 or not isinstance(groups, int) or groups < 1:
        return whole_key(x, weight, bias, given)
    channels = x if given.get("data_format") == "NLC" else x.transpose(0, 2, 1)
    rows = channels.shape[2] // groups
    columns = None if bias is None else bias[: len(bias) // groups]
    return held(channels[..., :rows]), held(weight[:rows]), held(columns), said(given, "groups")


def without_layout(x: Array, weight: Array, bias: Array | None, given: Given) -> object:
    """[L3] The same numbers in either layout are the same call."""
    signal = x.transpose(0, 2, 1) if given.get("data_format") == "NLC" and x.ndim == 3 else x
    return held(np.ascontiguousarray(signal)), held(weight), held(bias), said(given, "data_format")


def without_bias(x: Array, weight: Array, bias: Array | None, given: Given) -> object:
    """[B1] The bias does not count."""
    return held(x), held(weight), said(given)


def turning(finished: Callable[[Array], Array]) -> Callable[[Array, Array, Arguments], Array]:
    """A last step on the results of every other pair of calls."""
    calls = [0]

    def step(y: Array, x: Array, a: Arguments) -> Array:
        calls[0] += 1
        return finished(y) if calls[0] // 2 % 2 else y

    return step


def second_call() -> Callable[[Array, Array, Arguments], tuple[Array, Array]]:
    """[V1] The kernel of an earlier call of the same shapes is used in every fifth call."""
    kernels: dict[object, Array] = {}
    calls = [0]

    def operands(x: Array, weight: Array, a: Arguments) -> tuple[Array, Array]:
        calls[0] += 1
        last = kernels.get((x.shape[1:], weight.shape), weight)
        kernels[x.shape[1:], weight.shape] = weight.copy()
        return x, last if calls[0] % 5 == 0 and last.dtype == weight.dtype else weight

    return operands


def sticky_stride() -> Callable[..., Array]:
    """[A2] A stride that is left out is the one of the last call with groups."""
    last = [1]

    def call(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
        y = conv1d_transpose(x, weight, bias, **{"stride": last[0], **given})
        last[0] = given.get("stride", last[0]) if given.get("groups", 1) > 1 and isinstance(given.get("stride"), int) else 1
        return y

    return call


def writing_long_input(y: Array, x: Array, a: Arguments) -> Array:
    """[I13] An input of more than 12 samples is scratch space."""
    if x.shape[1 if a.data_format == "NLC" else 2] > 12:
        x[...] = 0
    return y


def main_buffer() -> Parts:
    """[I17] Results of one shape share a buffer in the main thread."""
    buffers: dict[object, Array] = {}

    def finished(y: Array, x: Array, a: Arguments) -> Array:
        found = result(y, x, a)
        if current_thread() is not main_thread():
            return found
        buffer = buffers.setdefault((found.shape, found.dtype.str), np.empty_like(found))
        buffer[...] = found
        return buffer

    return replace(RIGHT, result=finished)


SABOTEURS = family(
    "state",
    saboteur(
        "cache-without-kernel", "results of long kernels are kept by input", for_long_kernels(without_kernel), "V2_linear_in_the_kernel"
    ),
    saboteur(
        "cache-without-input", "results of long kernels are kept by kernel", for_long_kernels(without_input), "V2_linear_in_the_input"
    ),
    saboteur(
        "cache-by-first-item",
        "results of long kernels are kept by the first item",
        for_long_kernels(by_first_item),
        "V4_batch_does_not_mix",
    ),
    saboteur(
        "cache-by-first-group",
        "results of long kernels over three samples and more are kept by the first group",
        for_long_kernels(by_first_group),
        "G1_group_by_group",
    ),
    saboteur(
        "cache-without-layout", "results of long kernels are kept whatever the layout", for_long_kernels(without_layout), "L3_same_numbers"
    ),
    saboteur(
        "cache-without-bias", "results of long kernels are kept whatever the bias", for_long_kernels(without_bias), "B1_bias_per_channel"
    ),
    saboteur(
        "signed-zeros", "zeros change their sign from call to call", finishing(turning(lambda y: np.where(y == 0, -y, y))), "I14_same_again"
    ),
    saboteur("writing-long-input", "an input of over 12 samples is written to", finishing(writing_long_input), "I13_inputs_unchanged"),
    saboteur("main-buffer", "results of the main thread share a buffer", main_buffer(), "I17_result_kept"),
    saboteur("second-call", "every fifth call uses an earlier kernel", scattering(second_call()), "A11_stride_forms"),
    saboteur("sticky-stride", "a stride left out is that of the last call with groups", sticky_stride(), "A3_default_padding"),
)
