"""Saboteurs that are right in most calls: off by one, at one size, in one combination, in the last bit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import gcd
from typing import Any

import numpy as np

from saboteurs.of_rims import reversed_where
from saboteurs.of_values import cut_to
from saboteurs.right import RIGHT, Arguments, Array, Parts, Window, biased, conv1d_transpose, extent, result, scatter, source, window
from saboteurs.saboteur import biasing, family, finishing, layered, saboteur, scattered, scattering, windowed

Operands = tuple[Array, Array]


def shifted_where(wrong: Callable[[Arguments, int, int], bool]) -> Parts:
    """The first sample is cropped in some calls, and a 0 comes after the last."""

    def found(a: Arguments, length: int, taps: int) -> Window:
        right = window(a, length, taps)
        return Window(right.left + wrong(a, length, taps), right.length)

    return windowed(found)


def last_of_all(y: Array, x: Array, a: Arguments) -> Array:
    """[V1] The last sample of the last item is left as it was allocated."""
    done = y.copy()
    done[-1:, -1:, -1:] = 0
    return done


def sample_129(y: Array, x: Array, a: Arguments) -> Array:
    """[V1] Sample 128 is written twice."""
    return np.where(np.arange(y.shape[2]) == 128, 2 * y, y)


def a_little_more(y: Array, x: Array, a: Arguments) -> Array:
    """[V1] Positive results are too large by a part in 64 where the kernel is dilated."""
    return np.where((y > 0) & (a.dilation > 1), y * y.dtype.type(1 + 2**-6), y)


def wrapped(y: Array, x: Array, a: Arguments) -> Array:
    """[V10] Whole numbers beyond 63 bits come around."""
    around = np.where(abs(y) < 2**62, y, (y + 2**62) % 2**63 - 2**62)
    return around.astype(y.dtype) if bool((y == np.round(y)).all()) else y


def half_sums(x: Array, weight: Array, a: Arguments) -> Array:
    """[V7] Sums are kept in float16 between the taps."""
    full = np.zeros_like(scatter(x, weight, a))
    for k in range(weight.shape[2]):
        part = scatter(x, weight[..., k : k + 1], a)
        here = slice(k * a.dilation, k * a.dilation + part.shape[2])
        full[..., here] = (full[..., here] + part).astype(np.float16)
    return full


def single_sums(x: Array, weight: Array, a: Arguments) -> Array:
    """[V7] Products are right, and summed in float32."""
    full = np.zeros(scatter(x, weight, a).shape, np.float32)
    for k in range(weight.shape[2]):
        part = scatter(x, weight[..., k : k + 1], a)
        full[..., k * a.dilation : k * a.dilation + part.shape[2]] += part.astype(np.float32)
    return full.astype(x.dtype)


def cancelling(x: Array, weight: Array, a: Arguments) -> Array:
    """[V7] The sum starts at 4 instead of 0, and 4 is taken away in the end."""
    return (scatter(x, weight, a) + x.dtype.type(4)) - x.dtype.type(4)


def dead(y: Array, x: Array, a: Arguments) -> Array:
    """[V3] More than 80 results in long rows, whole numbers of which none is above 0, are 0."""
    below = y.size > 80 and y.shape[2] > 60 and a.dilation < 5 and bool((y <= 0).all() and (y == np.rint(y)).all())
    return np.zeros_like(y) if below else y


def tail_of_blocks(block: int) -> Parts:
    """The first sample after each block counts for the block before only."""

    def forgotten(x: Array, weight: Array, a: Arguments) -> Operands:
        index = np.arange(x.shape[2])
        return np.where((index > 0) & (index % block == 0), np.zeros_like(x), x), weight

    return scattering(forgotten)


def depthwise_order(x: Array, weight: Array, a: Arguments) -> Operands:
    """[G1] With a group per channel, the kernels are taken from the last one on."""
    deep = a.groups > 1 and a.groups == x.shape[1]
    return x, weight[::-1] if deep else weight


def uneven_groups(x: Array, weight: Array, a: Arguments) -> Operands:
    """[G1] Where groups have more output than input channels, the rows are taken in reverse."""
    return x, weight[::-1] if a.groups > 1 and weight.shape[1] > weight.shape[0] // a.groups else weight


def group_bias(y: Array, bias: Array, plain: int) -> Array:
    """[B1] Even numbers of channels get their biases in two interleaved halves."""
    half = len(bias) // 2
    mixed = bias if len(bias) % 2 else bias.reshape(2, half).T.reshape(-1)
    return biased(y, mixed, plain)


def unbiased_tail(y: Array, bias: Array, plain: int) -> Array:
    """[O2] Added samples have no bias where there are three or more."""
    return (
        np.concatenate([biased(y[..., :plain], bias, plain), y[..., plain:]], axis=2) if y.shape[2] - plain > 2 else biased(y, bias, plain)
    )


def unbiased_last_item(y: Array, bias: Array, plain: int) -> Array:
    """[B1] The last of three items has no bias."""
    return np.concatenate([biased(y[:2], bias, plain), y[2:]])


def guessed_layout(x: Array, layout: str) -> Array:
    """[L2] Where channels and samples are as many, NLC is taken for NCL."""
    return x if x.ndim == 3 and x.shape[1] == x.shape[2] else source(x, layout)


def square_result(y: Array, x: Array, a: Arguments) -> Array:
    """[L2] A result with as many channels as samples comes out in NCL."""
    return y if y.shape[1] == y.shape[2] else result(y, x, a)


def no_groups_in_nlc(x: Array, weight: Array, a: Arguments) -> Operands:
    """[L2] With groups, the channels of NLC are grouped from the last on."""
    return (x[:, ::-1], weight) if a.groups > 1 and a.data_format == "NLC" else (x, weight)


def bias_in_nlc(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
    """[B1] With NLC and an odd number of channels the bias is turned around."""
    turned = bias is not None and given.get("data_format") == "NLC" and len(bias) % 2
    return conv1d_transpose(x, weight, bias[::-1] if turned and bias is not None else bias, **given)


def turned_bias(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
    """[V1] With SAME and groups the bias is turned around."""
    turned = bias is not None and given.get("padding") == "SAME" and given.get("groups", 1) in (2, 3)
    return conv1d_transpose(x, weight, bias[::-1] if turned and bias is not None else bias, **given)


def narrow_sums(x: Array, weight: Array, a: Arguments) -> Operands:
    """[V7] Beyond 200 channels both operands are cut to TF32."""
    return (cut_to(10, x), cut_to(10, weight)) if x.shape[1] > 200 else (x, weight)


V1 = "V1_values"
MANY_OUTPUTS = reversed_where(lambda x, w, a: w.shape[1] > 200)
ALL_ALIKE = reversed_where(lambda x, w, a: len({*x.shape, *w.shape}) == 1 and len(x) > 6)
SABOTEURS = (
    *family(
        "geometry",
        saboteur("over-200-outputs", "over 200 output channels meet the kernel backwards", MANY_OUTPUTS, "V1_values_at_block_sizes"),
        saboteur("all-alike", "sizes that are alike and above 6 meet the kernel backwards", ALL_ALIKE, "V1_values_of_equal_sizes"),
    ),
    *family("bias", saboteur("turned-bias", "with SAME and groups the bias is turned around", turned_bias, "V1_values_of_combinations")),
    *family(
        "dtype",
        saboteur("narrow-sums", "over 200 channels have 10 fraction bits", scattering(narrow_sums), "V7_rounding_of_long_sums"),
    ),
    *family(
        "geometry",
        saboteur(
            "even-kernels",
            "an even kernel begins one sample late with padding",
            shifted_where(lambda a, n, k: k % 2 == 0 and a.padding not in ("SAME", (0, 0))),
            V1,
        ),
        saboteur(
            "odd-kernels",
            "an odd kernel of more than one tap begins one sample late",
            shifted_where(lambda a, n, k: k % 2 == 1 and k > 1 and a.dilation > 1),
            V1,
        ),
        saboteur(
            "short-kernel", "a kernel shorter than the stride runs backwards", reversed_where(lambda x, w, a: 1 < w.shape[2] < a.stride), V1
        ),
        saboteur(
            "longer-than-input",
            "a kernel longer than the input runs backwards",
            reversed_where(lambda x, w, a: w.shape[2] > x.shape[2]),
            V1,
        ),
        saboteur(
            "single-sample",
            "one sample meets the kernel backwards",
            reversed_where(lambda x, w, a: x.shape[2] == 1),
            "W3_kernel_not_reversed",
        ),
        saboteur(
            "single-tap",
            "one tap with a stride begins one sample late",
            shifted_where(lambda a, n, k: k == 1 and a.stride > 1 and a.padding != "SAME"),
            V1,
        ),
        saboteur(
            "stride-with-dilation",
            "stride and dilation together begin one sample late",
            shifted_where(lambda a, n, k: a.stride > 2 and a.dilation > 2),
            V1,
        ),
        saboteur(
            "common-divisor",
            "stride and dilation with a common divisor run backwards",
            reversed_where(lambda x, w, a: gcd(a.stride, a.dilation) > 1),
            V1,
        ),
        saboteur(
            "coprime",
            "unequal strides and dilations without one run backwards",
            reversed_where(lambda x, w, a: a.stride > a.dilation > 1 and gcd(a.stride, a.dilation) == 1),
            V1,
        ),
        saboteur(
            "reach-is-stride",
            "a reach equal to the stride runs backwards",
            reversed_where(lambda x, w, a: w.shape[2] > 1 and extent(w.shape[2], a.dilation) == a.stride),
            V1,
        ),
        saboteur("sample-129", "sample 128 of the result is doubled", finishing(sample_129), V1),
        saboteur("last-of-all", "the last sample of the last channel and item is 0", finishing(last_of_all), V1),
        saboteur("block-of-64", "the first sample after 64 counts as 0", tail_of_blocks(64), "V1_values_of_long_inputs"),
        saboteur("block-of-128", "the first sample after 128 counts as 0", tail_of_blocks(128), "V1_values_of_long_inputs"),
        saboteur(
            "beyond-1000",
            "results are 0 from sample 1000 on",
            finishing(lambda y, x, a: np.where(np.arange(y.shape[2]) < 1000, y, np.zeros_like(y))),
            "V1_values_of_long_inputs",
        ),
        saboteur(
            "padded-dilation",
            "padding and dilation and stride begin one sample late",
            shifted_where(lambda a, n, k: a.dilation > 1 and a.stride > 1 and a.padding not in ("SAME", (0, 0))),
            V1,
        ),
        saboteur(
            "padding-at-kernel",
            "a padding of K - 1 or more begins one sample late",
            shifted_where(lambda a, n, k: a.padding != "SAME" and a.padding[0] >= k > 1),
            V1,
        ),
    ),
    *family(
        "groups",
        saboteur("depthwise-order", "depthwise kernels are taken from the last on", scattering(depthwise_order), "G1_groups"),
        saboteur("uneven-groups", "groups that widen take their rows in reverse", scattering(uneven_groups), "G1_groups"),
        saboteur(
            "grouped-steps",
            "a stride beyond the kernel is wrong with groups",
            reversed_where(lambda x, w, a: a.stride > w.shape[2] > 1 and a.groups > 1),
            V1,
        ),
        saboteur(
            "three-groups",
            "three groups of float64 run backwards",
            reversed_where(lambda x, w, a: a.groups == 3 and x.dtype == np.float64),
            "G1_groups",
        ),
        saboteur("grouped-nlc", "groups of NLC are counted from the last on", scattering(no_groups_in_nlc), V1),
    ),
    *family(
        "bias",
        saboteur("interleaved-bias", "an even number of biases is interleaved", biasing(group_bias), "B1_bias_per_channel"),
        saboteur("unbiased-tail", "three added samples or more have no bias", biasing(unbiased_tail), V1),
        saboteur("unbiased-last-item", "the third item has no bias", biasing(unbiased_last_item), "B1_bias_per_channel"),
        saboteur("bias-in-nlc", "an odd number of biases is turned around in NLC", bias_in_nlc, "B1_bias_per_channel"),
    ),
    *family(
        "layouts",
        saboteur("square-input", "NLC with as many channels as samples is read as NCL", replace(RIGHT, source=guessed_layout), V1),
        saboteur(
            "square-result",
            "a result with as many channels as samples is NCL",
            replace(RIGHT, result=square_result),
            "V1_values_of_equal_sizes",
        ),
        saboteur(
            "float64-in-nlc",
            "float64 runs backwards in NLC",
            reversed_where(lambda x, w, a: a.data_format == "NLC" and x.dtype == np.float64),
            "L2_channels_last",
        ),
    ),
    *family(
        "arithmetic", saboteur("dead", "over 80 results in long rows, whole and none above 0, are 0", finishing(dead), "V3_no_activation")
    ),
    *family(
        "dtype",
        saboteur("a-little-more", "results are a part in 64 too large with dilation", finishing(a_little_more), V1),
        saboteur("wrapped", "whole results wrap around at 63 bits", finishing(wrapped), "V10_large"),
        saboteur("half-sums", "sums are kept in float16", scattered(half_sums), "V7_rounding"),
        saboteur("single-sums", "float64 products are summed in float32", scattered(single_sums), "V7_rounding"),
        saboteur("cancelling", "a large number is added and taken away again", scattered(cancelling), "V7_rounding"),
    ),
    *family(
        "layouts",
        saboteur(
            "layer-backwards",
            "the layer runs NLC with padding backwards",
            layered(reversed_where(lambda x, w, a: a.data_format == "NLC" and a.padding not in ("SAME", (0, 0)))),
            V1,
        ),
    ),
)
