"""Saboteurs of the numbers: sums, kernel, layout, bias, groups, dilation, precision, purity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from saboteurs.right import RIGHT, Arguments, Array, Parts, Window, biased, cut, extent, kernel, require, result, scatter, source
from saboteurs.saboteur import biasing, family, finishing, layered, saboteur, scattered, scattering

Operands = tuple[Array, Array]


def last_forgotten(x: Array, weight: Array, a: Arguments) -> Operands:
    """[V1] The last input sample counts as 0."""
    return np.concatenate([x[..., :-1], np.zeros_like(x[..., -1:])], axis=2), weight


def small_strides(x: Array, weight: Array, a: Arguments) -> Operands:
    """[V1] Strides above 4 are refused."""
    require(a.stride <= 4, "stride must be at most 4", stride=a.stride)
    return x, weight


def whole_blocks(x: Array, weight: Array, a: Arguments) -> Operands:
    """[V1] Once there is a block of 64 samples, an incomplete one is forgotten."""
    whole = x.shape[2] // 64 * 64 or x.shape[2]
    return np.concatenate([x[..., :whole], np.zeros_like(x[..., whole:])], axis=2), weight


def overwriting_blocks(x: Array, weight: Array, a: Arguments) -> Array:
    """[V1] Blocks of 64 samples, of which the later overwrites the overlap instead of adding to it."""
    full = scatter(x, weight, a)
    for start in range(64, x.shape[2], 64):
        part = scatter(x[..., start : start + 64], weight, a)
        full[..., start * a.stride : start * a.stride + part.shape[2]] = part
    return full


def short_buffer(y: Array, x: Array, a: Arguments) -> Array:
    """[V1] Results are 0 from sample 128 on."""
    return np.where(np.arange(y.shape[2]) < 128, y, np.zeros_like(y))


def mixed_batch(x: Array, weight: Array, a: Arguments) -> Operands:
    """[V4] Each item begins with the last sample of the item before on top of its own."""
    mixed = x.copy()
    mixed[1:, :, 0] += x[:-1, :, -1]
    return mixed, weight


def cut_to(bits: int, array: Array) -> Array:
    """[V7] The numbers rounded to `bits` fraction bits."""
    significand, power = np.frexp(array.astype(np.float64))
    short: Array = np.ldexp(np.round(significand * 2.0 ** (bits + 1)), power - bits - 1)
    return short.astype(array.dtype)


def single_precision(x: Array, weight: Array, a: Arguments) -> Array:
    """[V7] float64 is computed in float32."""
    return scatter(x.astype(np.float32), weight.astype(np.float32), a).astype(x.dtype)


def aligned_tf32(x: Array, weight: Array, a: Arguments) -> Operands:
    """[V7] Both operands are cut to TF32 where the channels are a multiple of four."""
    return (cut_to(10, x), cut_to(10, weight)) if x.shape[1] % 4 == 0 else (x, weight)


def matrix_unit(x: Array, weight: Array, a: Arguments) -> Operands:
    """[V7] The kernel of a group is cut to TF32 where it has whole tiles of 8 x 8 channels, in float32."""
    whole = weight.shape[0] // a.groups % 8 == 0 and weight.shape[1] % 8 == 0 and weight.dtype == np.float32
    return x, cut_to(10, weight) if whole else weight


def running_sums(x: Array, weight: Array, a: Arguments) -> Array:
    """[V7] Equal taps, side by side, are one factor of the difference of two running sums."""
    taps = weight.shape[2]
    if taps < 3 or a.stride * a.dilation > 1 or (weight != weight[..., :1]).any():
        return scatter(x, weight, a)
    sums = np.cumsum(np.pad(x, ((0, 0), (0, 0), (0, taps - 1))), axis=2, dtype=x.dtype)
    sums[..., taps:] -= sums[..., :-taps].copy()
    return scatter(sums, weight[..., :1], a)


def summed_columns(x: Array, weight: Array, a: Arguments) -> Array:
    """[V7] Of each pair of output channels the second comes from the sum of both, less the first."""
    pairs = weight.shape[1] // 2
    if pairs < 2:
        return scatter(x, weight, a)
    first, second = weight[:, :pairs], weight[:, pairs : 2 * pairs]
    groups = [scatter(x, part, a).reshape(len(x), a.groups, part.shape[1], -1) for part in (first, first + second, weight[:, 2 * pairs :])]
    full = np.concatenate([groups[0], groups[1] - groups[0], groups[2]], axis=2)
    return full.reshape(len(x), -1, full.shape[3])


def covered_only(y: Array, bias: Array, plain: int) -> Array:
    """[B1] The bias where there is something already."""
    return np.where(y == 0, y, biased(y, bias, plain))


def first_item_only(y: Array, bias: Array, plain: int) -> Array:
    """[B1] The bias on the first item of the batch."""
    return np.concatenate([biased(y[:1], bias, plain), y[1:]])


def interleaved_rows(x: Array, weight: Array, a: Arguments) -> Operands:
    """[G1] Group j reads every g-th input channel, from j on."""
    return x[:, np.arange(x.shape[1]).reshape(-1, a.groups).T.reshape(-1)], weight


def interleaved_columns(x: Array, weight: Array, a: Arguments) -> Array:
    """[G1] Group j writes every g-th output channel, from j on."""
    full = scatter(x, weight, a)
    return full[:, np.arange(full.shape[1]).reshape(a.groups, -1).T.reshape(-1)]


def first_group(x: Array, weight: Array, a: Arguments) -> Operands:
    """[G1] Every group reads the first group's input channels."""
    return np.concatenate([x[:, : x.shape[1] // a.groups]] * a.groups, axis=1), weight


def spaced(spacing: Callable[[int], int]) -> Parts:
    """[D1] The taps at another spacing, in a scatter of the right length."""

    def full(x: Array, weight: Array, a: Arguments) -> Array:
        length = (x.shape[2] - 1) * a.stride + extent(weight.shape[2], a.dilation)
        return cut(scatter(x, weight, replace(a, dilation=spacing(a.dilation))), Window(0, length), length)

    return scattered(full)


def single_dilation(x: Array, weight: Array, a: Arguments) -> Operands:
    """[D1] Dilation is refused in float64."""
    require(a.dilation == 1 or x.dtype == np.float32, "dilation is for float32", dtype=x.dtype)
    return x, weight


def one_stride_of_taps(x: Array, weight: Array, a: Arguments) -> Operands:
    """[N2] With a stride above 1 an input sample reaches no further than its neighbour."""
    inside = (np.arange(weight.shape[2]) < a.stride) | (a.stride == 1)
    return x, np.where(inside, weight, np.zeros_like(weight))


def either_axes(weight: Array, channels: int, groups: int) -> Array:
    """[W1 W2] A kernel with the output channels first is recognised by its shape."""
    if weight.shape[0] != channels and weight.shape[1] * groups == channels:
        blocks = weight.reshape(groups, -1, *weight.shape[1:])
        weight = blocks.swapaxes(1, 2).reshape(channels, -1, weight.shape[2])
    return kernel(weight, channels, groups)


def ncl_only(x: Array, layout: str) -> Array:
    """[L2] NLC is refused."""
    require(layout == "NCL", "the layout must be NCL", layout=layout)
    return source(x, layout)


def reversed_in_nlc(x: Array, weight: Array, a: Arguments) -> Operands:
    """[L3] The kernel runs backwards in NLC."""
    return x, weight[..., ::-1] if a.data_format == "NLC" else weight


def writing_input(y: Array, x: Array, a: Arguments) -> Array:
    """[I13] The input is scratch space."""
    x[...] = 0
    return y


def writing_kernel(x: Array, weight: Array, a: Arguments) -> Array:
    """[I13] The kernel is reversed in place."""
    full = scatter(x, weight, a)
    weight[...] = weight[..., ::-1] + 1
    return full


def writing_bias(y: Array, bias: Array, plain: int) -> Array:
    """[I13] The bias is scratch space."""
    done = biased(y, bias, plain)
    bias[...] = 0
    return done


def uncleared() -> Callable[[Array, Array, Arguments], Array]:
    """[I14] A buffer for each shape that is added to and never cleared."""
    buffers: dict[tuple[int, ...], Array] = {}

    def full(x: Array, weight: Array, a: Arguments) -> Array:
        found = scatter(x, weight, a)
        buffers[found.shape] = (buffers.get(found.shape, 0) + found).astype(found.dtype)
        return buffers[found.shape].copy()

    return full


def alternating() -> Callable[[Array, Array, Arguments], Array]:
    """[I14] Every other pair of calls differs in the last bit."""
    calls = [0]

    def finished(y: Array, x: Array, a: Arguments) -> Array:
        calls[0] += 1
        return np.nextafter(y, y.dtype.type(np.inf)) if calls[0] // 2 % 2 else y

    return finished


LONG, PRECISION, BIAS, PURE = "V1_values_of_long_inputs", "V7_rounding", "B1_bias_per_channel", "I13_inputs_unchanged"
CUT = scattering(lambda x, w, a: (x.clip(-12, 12), w))
CUT_KERNEL = scattering(lambda x, w, a: (x, w.clip(-12, 12)))
FILLED = scattering(lambda x, w, a: (x, np.where(w == 0, np.ones_like(w), w)))
REVERSED = scattering(lambda x, w, a: (x, w[..., ::-1]))
TF32 = scattering(lambda x, w, a: (cut_to(10, x), cut_to(10, w)))
BF16 = scattering(lambda x, w, a: (cut_to(7, x), cut_to(7, w)))
TF32_KERNEL = scattering(lambda x, w, a: (x, cut_to(10, w)))
REACHING_LESS = scattering(one_stride_of_taps)
AVERAGED = finishing(lambda y, x, a: y / y.dtype.type(a.stride))
GUESSED = replace(RIGHT, kernel=either_axes)
SQUEEZED = replace(RIGHT, result=lambda y, x, a: result(y, x, a).squeeze())
FEWER = finishing(lambda y, x, a: y[:, : x.shape[2] if a.data_format == "NLC" else x.shape[1]])
SABOTEURS = (
    *family(
        "geometry",
        saboteur("last-forgotten", "the last input sample counts as 0", scattering(last_forgotten), "V1_values", LONG),
        saboteur("small-strides", "strides above 4 are refused", scattering(small_strides), "V1_values"),
        saboteur("short-buffer", "results are 0 from sample 128 on", finishing(short_buffer), LONG),
        saboteur("whole-blocks", "an incomplete block of 64 is forgotten", scattering(whole_blocks), LONG),
        saboteur("overwriting-blocks", "blocks of 64 overwrite their overlap", scattered(overwriting_blocks), LONG),
        saboteur("dilation-off-by-one", "dilations above 2 are one too many", spaced(lambda d: d + (d > 2)), "D1_dilation"),
        saboteur("dilation-ignored", "taps are neighbours, holes come last", spaced(lambda d: 1), "D1_kernel_with_holes"),
        saboteur("single-dilation", "dilation is refused in float64", scattering(single_dilation), "D1_dilation_accepted"),
        saboteur("one-stride-of-taps", "an input reaches its neighbour only", REACHING_LESS, "N2_one_to_many", "N2_input_with_zeros"),
        saboteur("reversed", "the kernel runs backwards", REVERSED, "W3_kernel_not_reversed", "E1_documented_numbers"),
    ),
    *family(
        "arithmetic",
        saboteur("cut-input", "inputs beyond 12 are 12", CUT, "V2_linear_in_the_input"),
        saboteur("cut-kernel", "taps beyond 12 are 12", CUT_KERNEL, "V2_linear_in_the_kernel"),
        saboteur("leaky", "negative results are halved", finishing(lambda y, x, a: np.where(y < 0, y / 2, y)), "V3_no_activation"),
        saboteur("averaged", "results are divided by the stride", AVERAGED, "N1_adjoint_of_conv1d"),
        saboteur("running-sums", "equal taps are differences of running sums", scattered(running_sums), PRECISION),
        saboteur("summed-columns", "output channels come from sums with other ones", scattered(summed_columns), PRECISION),
        saboteur("filled-taps", "a 0 in the kernel is a 1", FILLED, "E1_documented_numbers"),
    ),
    *family(
        "state",
        saboteur("mixed-batch", "items begin with the end of the one before", scattering(mixed_batch), "V4_batch_does_not_mix"),
        saboteur("writing-input", "the input is written to", finishing(writing_input), PURE),
        saboteur("writing-kernel", "the kernel is written to", scattered(writing_kernel), PURE),
        saboteur("writing-bias", "the bias is written to", biasing(writing_bias), PURE),
        saboteur("uncleared", "the last result of the same shape is added", scattered(uncleared()), "I14_same_again"),
        saboteur("alternating", "the last bit changes from call to call", finishing(alternating()), "I14_same_again"),
    ),
    *family(
        "dtype",
        saboteur("always-double", "the result is float64", finishing(lambda y, x, a: y.astype(np.float64)), "V5_dtype"),
        saboteur("always-single", "the result is float32", finishing(lambda y, x, a: y.astype(np.float32)), "V5_dtype"),
        saboteur("tf32", "operands have 10 fraction bits", TF32, PRECISION),
        saboteur("tf32-kernel", "the kernel has 10 fraction bits", TF32_KERNEL, PRECISION),
        saboteur("tf32-aligned", "operands of 4 channels have 10 fraction bits", scattering(aligned_tf32), PRECISION),
        saboteur("tf32-tiles", "the kernel has 10 fraction bits in whole tiles of 8 x 8 channels", scattering(matrix_unit), PRECISION),
        saboteur("bfloat16", "operands have 7 fraction bits", BF16, PRECISION),
        saboteur("bfloat16-bias", "the bias has 7 fraction bits", biasing(lambda y, b, plain: biased(y, cut_to(7, b), plain)), PRECISION),
        saboteur(
            "float16-result", "results pass through float16", finishing(lambda y, x, a: y.astype(np.float16).astype(y.dtype)), PRECISION
        ),
        saboteur("single-precision", "float64 is computed in float32", scattered(single_precision), PRECISION),
    ),
    *family(
        "layouts",
        saboteur("squeezed", "axes of size 1 are dropped", SQUEEZED, "V6_three_axes"),
        saboteur("either-axes", "the kernel's axes are guessed", GUESSED, "W1_kernel_axes", "W2_grouped_kernel_axes"),
        saboteur("ncl-out-as-nlc", "any result is NLC", replace(RIGHT, result=lambda y, x, a: y.transpose(0, 2, 1)), "L1_channels_first"),
        saboteur("nlc-out-as-ncl", "any result is NCL", replace(RIGHT, result=lambda y, x, a: y), "L2_channels_last"),
        saboteur("ncl-only", "NLC is refused", replace(RIGHT, source=ncl_only), "L2_channels_last"),
        saboteur("reversed-in-nlc", "the kernel runs backwards in NLC", scattering(reversed_in_nlc), "L3_same_numbers"),
        saboteur("fewer-channels", "no more channels come out than go in", FEWER, "A21_out_channels"),
    ),
    *family(
        "bias",
        saboteur("bias-twice", "the bias is added twice", biasing(lambda y, b, plain: biased(y, 2 * b, plain)), BIAS),
        saboteur("bias-covered", "the bias is added to covered samples only", biasing(covered_only), BIAS),
        saboteur("bias-first-item", "the bias is added to the first item only", biasing(first_item_only), BIAS),
        saboteur("first-bias", "all channels get the first bias", biasing(lambda y, b, plain: y + b[0]), BIAS),
        saboteur("bias-dropped", "the layer forgets its bias", layered(biasing(lambda y, b, plain: y)), "A9_bias_without_bias_attr"),
    ),
    *family(
        "groups",
        saboteur(
            "interleaved-rows", "groups read every g-th input channel", scattering(interleaved_rows), "G1_groups", "G1_group_by_group"
        ),
        saboteur("interleaved-columns", "groups write every g-th output channel", scattered(interleaved_columns), "G1_groups"),
        saboteur("first-group", "all groups read the first group's channels", scattering(first_group), "G1_groups", "G1_group_by_group"),
    ),
)
