"""Saboteurs that are right in the plainest call and wrong where an argument's form, or a flaw, meets another argument."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from saboteurs.of_arguments import refusing
from saboteurs.of_lengths import for_same
from saboteurs.right import RIGHT, Arguments, Array, Window, added, conv1d_transpose, cut, require, scatter, window
from saboteurs.saboteur import family, reading, saboteur, scattered

Given = dict[str, Any]
Call = Callable[..., Array]


def held(value: Any, *kinds: type) -> bool:
    """Whether an argument is a list or a tuple of one number, or only one of the two."""
    return isinstance(value, kinds or (list, tuple)) and len(value) == 1


def with_arguments(changed: Callable[[Given], Given]) -> Call:
    """The right function that reads some combinations of arguments as others."""
    return lambda x, weight, bias=None, **given: conv1d_transpose(x, weight, bias, **{**given, **changed(given)})


def with_arrays(changed: Callable[[Array, Array, Array | None, Given], tuple[Array, Array | None]]) -> Call:
    """The right function over another kernel and bias."""
    return lambda x, weight, bias=None, **given: conv1d_transpose(x, *changed(x, weight, bias, given), **given)


def exchanged(given: Given) -> Given:
    """[A11 A15] Stride and dilation in tuples take each other's place."""
    both = held(given.get("stride"), tuple) and held(given.get("dilation"), tuple)
    return {"stride": given["dilation"], "dilation": given["stride"]} if both else {}


def no_held_stride(given: Given) -> Given:
    """[A12] In NLC a stride in a list is 1."""
    return {"stride": 1} if held(given.get("stride"), list) and given.get("data_format") == "NLC" else {}


def no_held_padding(given: Given) -> Given:
    """[A13] With groups a padding in a list or tuple is 0."""
    return {"padding": 0} if held(given.get("padding")) and given.get("groups", 1) != 1 else {}


def lifted(name: str, least: int) -> Call:
    """[I1 I2 I10 I11] A number in a list or tuple that is too small is the least that has a meaning."""

    def changed(given: Given) -> Given:
        value = given.get(name)
        return {name: least} if value is not None and held(value) and value[0] < least else {}

    return with_arguments(changed)


def used_up(given: Given) -> Given:
    """[I13] The number of a list is taken out of it."""
    return {name: value.pop() for name, value in given.items() if name != "output_size" and held(value, list)}


def channels(x: Array, given: Given) -> int:
    return x.shape[2 if given.get("data_format") == "NLC" else 1]


def cut_rows(x: Array, weight: Array, bias: Array | None, given: Given) -> tuple[Array, Array | None]:
    """[I6] In NLC a kernel for more input channels is cut."""
    surplus = given.get("data_format") == "NLC" and x.ndim == weight.ndim == 3
    return weight[: channels(x, given)] if surplus else weight, bias


def cut_bias(x: Array, weight: Array, bias: Array | None, given: Given) -> tuple[Array, Array | None]:
    """[I9] With groups a longer bias is cut."""
    groups = given.get("groups", 1)
    grouped = isinstance(groups, int) and groups > 1 and weight.ndim == 3
    return weight, bias[: groups * weight.shape[1]] if grouped and bias is not None else bias


def short_if_padded(a: Arguments, plain: int) -> int:
    """[O6] With a padding an output_size below L' cuts the result."""
    short = a.output_size is not None and a.output_size < plain and a.padding not in ("SAME", (0, 0))
    return a.output_size - plain if short and a.output_size is not None else added(a, plain)


def little_dilation(a: Arguments, length: int, taps: int) -> Window:
    """[S4] SAME refuses a dilation beyond 2."""
    require(a.dilation < 3, "dilation must be at most 2 with SAME", dilation=a.dilation)
    return window(a, length, taps)


def turned_empty(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
    """[I15] In NLC an empty batch comes out as NCL."""
    y = conv1d_transpose(x, weight, bias, **given)
    return y.transpose(0, 2, 1) if not len(y) and given.get("data_format") == "NLC" else y


def same_at_the_head(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
    """[V1] With SAME, output_padding lengthens the head."""
    y = conv1d_transpose(x, weight, bias, **given)
    tail = given.get("output_padding", 0)
    more = tail[0] if isinstance(tail, list | tuple) else tail
    return np.roll(y, more, axis=1 if given.get("data_format") == "NLC" else 2) if given.get("padding") == "SAME" else y


def first_products(x: Array, weight: Array, a: Arguments) -> Array:
    """[V7] Of a sum of more than 4096 products those of the last channels are lost."""
    rows = weight.shape[0] // a.groups
    lost = np.arange(weight.shape[0]) % rows >= 4096 // weight.shape[2]
    return scatter(x, np.where(lost[:, None, None], np.zeros_like(weight), weight), a)


def first_samples(full: Array, view: Window, length: int) -> Array:
    """[V1] Positions in the result are kept in 16 bits: samples from 32768 on are 0."""
    y = cut(full, view, length)
    y[..., 2**15 :] = 0
    return y


PADDING_INT_ONLY = reading(padding=refusing(tuple, "padding"))
SABOTEURS = (
    *family(
        "arguments",
        saboteur("exchanged-tuples", "stride and dilation in tuples are exchanged", with_arguments(exchanged), "A11_stride_forms"),
        saboteur("nlc-stride-list", "in NLC stride=[2] is 1", with_arguments(no_held_stride), "A12_stride_list"),
        saboteur("padding-int-only", "padding=(1,) is refused", PADDING_INT_ONLY, "A13_padding_forms"),
        saboteur("grouped-padding-list", "with groups padding=[1] is 0", with_arguments(no_held_padding), "A13_padding_forms"),
        saboteur("stride-list-0", "stride=[0] is 1", lifted("stride", 1), "I1_stride_below_one"),
        saboteur("padding-list-below-0", "padding=[-1] is 0", lifted("padding", 0), "I10_negative_padding"),
        saboteur("used-up-list", "the caller's list is empty afterwards", with_arguments(used_up), "I13_inputs_unchanged"),
        saboteur("nlc-surplus-rows", "in NLC a kernel for more input channels is cut", with_arrays(cut_rows), "I6_channels_match"),
        saboteur("grouped-surplus-bias", "with groups a longer bias is cut", with_arrays(cut_bias), "I9_bias_length"),
        saboteur("nlc-empty-batch", "in NLC an empty batch comes out as NCL", turned_empty, "I15_empty_batch"),
    ),
    *family(
        "tail",
        saboteur(
            "short-if-padded",
            "with a padding an output_size below L' cuts the result",
            replace(RIGHT, added=short_if_padded),
            "O6_output_size_too_small",
        ),
        saboteur("same-at-the-head", "with SAME output_padding lengthens the head", same_at_the_head, "V1_values_of_combinations"),
    ),
    *family(
        "geometry",
        saboteur("same-little-dilation", "SAME refuses a dilation beyond 2", for_same(little_dilation), "S4_same_with_dilation"),
        saboteur("sixteen-bit-positions", "samples from 32768 on are 0", replace(RIGHT, cut=first_samples), "V1_values_of_long_inputs"),
    ),
    *family(
        "arithmetic",
        saboteur("first-products", "of more than 4096 products some are lost", scattered(first_products), "V7_rounding_of_long_sums"),
    ),
)
