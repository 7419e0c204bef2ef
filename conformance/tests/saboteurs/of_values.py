"""Saboteurs of the numbers: sums, kernel, layout, bias, groups, dilation, precision, purity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from saboteurs.layer import LayerParts
from saboteurs.right import RIGHT, Arguments, Array, Parts, Window, biased, cut, extent, kernel, require, result, scatter, source
from saboteurs.saboteur import Saboteur

Operands = Callable[[Array, Array, Arguments], tuple[Array, Array]]


def scattering(operands: Operands) -> Parts:
    """The right function over other operands."""
    return replace(RIGHT, scatter=lambda x, weight, arguments: scatter(*operands(x, weight, arguments), arguments))


def finishing(finished: Callable[[Array, Array, Arguments], Array]) -> Parts:
    """The right function with a last step on the result in NCL."""
    return replace(RIGHT, result=lambda y, x, arguments: result(finished(y, x, arguments), x, arguments))


def rounded_to(array: Array, bits: int) -> Array:
    """[V7] The numbers with a significand of 1 + `bits` bits, as a device with shorter operands sees them."""
    significand, power = np.frexp(array.astype(np.float64))
    return np.ldexp(np.round(significand * 2.0 ** (bits + 1)), power - bits - 1).astype(array.dtype)


def blocks_only(block: int) -> Callable[[Array, Array, Arguments], tuple[Array, Array]]:
    """[V1] Inputs whose last, incomplete block is forgotten once there is a complete one."""

    def operands(x: Array, weight: Array, _: Arguments) -> tuple[Array, Array]:
        kept = x.copy()
        if x.shape[2] > block:
            kept[..., x.shape[2] // block * block :] = 0
        return kept, weight

    return operands


def blocks_apart(x: Array, weight: Array, arguments: Arguments) -> Array:
    """[V1] Blocks of 64 samples, of which the later overwrites the overlap instead of adding to it."""
    full = scatter(x, weight, arguments)
    for start in range(64, x.shape[2], 64):
        part = scatter(x[..., start : start + 64], weight, arguments)
        at = start * arguments.stride
        full[..., at : at + part.shape[2]] = part
    return full


def with_dilation(off: Callable[[int], int]) -> Callable[[Array, Array, Arguments], Array]:
    """[D1] The taps at another spacing, in a scatter of the right length."""

    def scattered(x: Array, weight: Array, arguments: Arguments) -> Array:
        length = (x.shape[2] - 1) * arguments.stride + extent(weight.shape[2], arguments.dilation)
        return cut(scatter(x, weight, replace(arguments, dilation=off(arguments.dilation))), Window(0, length), length)

    return scattered


def single_precision_dilation(x: Array, weight: Array, arguments: Arguments) -> tuple[Array, Array]:
    """[D1] float64 knows no dilation."""
    require(arguments.dilation == 1 or x.dtype == np.float32, "dilation is for float32", dtype=x.dtype)
    return x, weight


def interleaved_rows(x: Array, weight: Array, arguments: Arguments) -> tuple[Array, Array]:
    """[G1] Group j reads every g-th input channel, from j on."""
    order = np.arange(x.shape[1]).reshape(-1, arguments.groups).T.reshape(-1)
    return x[:, order], weight


def interleaved_columns(x: Array, weight: Array, arguments: Arguments) -> Array:
    """[G1] Group j writes every g-th output channel, from j on."""
    full = scatter(x, weight, arguments)
    order = np.arange(full.shape[1]).reshape(arguments.groups, -1).T.reshape(-1)
    return full[:, order]


def first_group(x: Array, weight: Array, arguments: Arguments) -> tuple[Array, Array]:
    """[G1] Every group reads the first group's input channels."""
    return np.concatenate([x[:, : x.shape[1] // arguments.groups]] * arguments.groups, axis=1), weight


def leaking(x: Array, weight: Array, _: Arguments) -> tuple[Array, Array]:
    """[V4] Each item begins with the last sample of the item before."""
    mixed = x.copy()
    mixed[1:, :, 0] += x[:-1, :, -1]
    return mixed, weight


def zero_taps_filled(x: Array, weight: Array, _: Arguments) -> tuple[Array, Array]:
    """[E1] A zero in the kernel counts as missing, and reads as 1."""
    return x, np.where(weight == 0, np.ones_like(weight), weight)


def taps_of_one_stride(x: Array, weight: Array, arguments: Arguments) -> tuple[Array, Array]:
    """[N2] With a stride above 1 an input reaches the outputs up to its neighbour only."""
    short = weight.copy()
    if arguments.stride > 1:
        short[..., arguments.stride :] = 0
    return x, short


def stride_limited(x: Array, weight: Array, arguments: Arguments) -> tuple[Array, Array]:
    """[V1] Strides above 4 are refused."""
    require(arguments.stride <= 4, "stride must be at most 4", stride=arguments.stride)
    return x, weight


def either_axes(weight: Array, channels: int, groups: int) -> Array:
    """[W1 W2] A kernel with the output channels first is recognised by its shape."""
    if weight.shape[0] == channels:
        return kernel(weight, channels, groups)
    blocks = weight.reshape(groups, -1, *weight.shape[1:])
    return kernel(blocks.swapaxes(1, 2).reshape(channels, -1, weight.shape[2]), channels, groups)


def reversed_when_last(x: Array, weight: Array, arguments: Arguments) -> tuple[Array, Array]:
    """[L3] The kernel runs backwards in NLC."""
    return x, weight[..., ::-1] if arguments.data_format == "NLC" else weight


def long_zeros(y: Array, x: Array, arguments: Arguments) -> Array:
    """[V1] Results have zeros from sample 128 on."""
    y[..., 128:] = 0
    return y


def covered_only(y: Array, bias: Array, plain: int) -> Array:
    """[B1] The bias where there is something already."""
    return np.where(y == 0, y, biased(y, bias, plain))


def first_item_only(y: Array, bias: Array, plain: int) -> Array:
    """[B1] The bias on the first item of the batch."""
    return np.concatenate([biased(y[:1], bias, plain), y[1:]])


def writing(y: Array, x: Array, arguments: Arguments) -> Array:
    """[I13] The input is scratch space."""
    x[...] = 0
    return y


def uncleared() -> Callable[[Array, Array, Arguments], Array]:
    """[I14] A buffer per shape of the result that is added to and never cleared."""
    buffers: dict[tuple[int, ...], Array] = {}

    def scattered(x: Array, weight: Array, arguments: Arguments) -> Array:
        full = scatter(x, weight, arguments)
        buffers[full.shape] = (buffers.get(full.shape, 0) + full).astype(full.dtype)
        return buffers[full.shape].copy()

    return scattered


def alternating() -> Callable[[Array, Array, Arguments], Array]:
    """[I14] Two results take turns whose last bits differ."""
    calls = [0]

    def finished(y: Array, x: Array, arguments: Arguments) -> Array:
        calls[0] += 1
        return np.nextafter(y, y.dtype.type(np.inf)) if calls[0] % 4 == 3 else y

    return finished


def double_result(y: Array, x: Array, arguments: Arguments) -> Array:
    """[V5] Arithmetic and result in float64."""
    return y.astype(np.float64)


def channels_swapped_back(y: Array, x: Array, arguments: Arguments) -> Array:
    """[L2] NLC goes in, NCL comes out."""
    return y


def last_when_first(y: Array, x: Array, arguments: Arguments) -> Array:
    """[L1] The result is NLC whatever the input is."""
    return y.transpose(0, 2, 1)


def squeezed(y: Array, x: Array, arguments: Arguments) -> Array:
    """[V6] Axes of size 1 are dropped."""
    return result(y, x, arguments).squeeze()


def single_products(x: Array, weight: Array, arguments: Arguments) -> Array:
    """[V7] float64 is computed in float32."""
    return scatter(x.astype(np.float32), weight.astype(np.float32), arguments).astype(x.dtype)


ALL_VALUES = ("test_V1_values", "test_V1_values_of_long_inputs")
PRECISION = {"tf32-operands": 10, "float16-operands": 10, "bfloat16-operands": 7}


def value(name: str, wrong: str, parts: Any, *laws: str) -> Saboteur:
    return Saboteur(name=name, wrong=wrong, parts=parts, laws=laws)


SABOTEURS = (
    value("last-sample", "the last input sample is dropped", scattering(lambda x, w, _: (np.concatenate([x[..., :-1], 0 * x[..., -1:]], 2), w)), *ALL_VALUES),
    value("stride-limit", "strides above 4 are refused", scattering(stride_limited), "test_V1_values"),
    value("short-buffer", "results are zero from sample 128 on", finishing(long_zeros), "test_V1_values_of_long_inputs"),
    value("blocks-only", "the last block of 64 is forgotten if incomplete", scattering(blocks_only(64)), "test_V1_values_of_long_inputs"),
    value("blocks-apart", "blocks of 64 overwrite their overlap", replace(RIGHT, scatter=blocks_apart), "test_V1_values_of_long_inputs"),
    value("clamped-input", "inputs beyond 12 are cut off", scattering(lambda x, w, _: (x.clip(-12, 12), w)), "test_V2_linear_in_the_input"),
    value("clamped-kernel", "taps beyond 12 are cut off", scattering(lambda x, w, _: (x, w.clip(-12, 12))), "test_V2_linear_in_the_kernel"),
    value("leaky-relu", "negative results are halved", finishing(lambda y, x, _: np.where(y < 0, y / 2, y)), "test_V3_no_activation"),
    value("leaking-batch", "an item begins with the end of the one before", scattering(leaking), "test_V4_batch_does_not_mix"),
    value("always-double", "the result is float64", finishing(double_result), "test_V5_dtype"),
    value("always-single", "the result is float32", finishing(lambda y, x, _: y.astype(np.float32)), "test_V5_dtype"),
    value("squeezed", "axes of size 1 are dropped", replace(RIGHT, result=squeezed), "test_V6_three_axes"),
    value("tf32-operands", "operands have 10 fraction bits", scattering(lambda x, w, _: (rounded_to(x, 10), rounded_to(w, 10))), "test_V7_rounding"),
    value("bfloat16-operands", "operands have 7 fraction bits", scattering(lambda x, w, _: (rounded_to(x, 7), rounded_to(w, 7))), "test_V7_rounding"),
    value("tf32-kernel", "the kernel has 10 fraction bits", scattering(lambda x, w, _: (x, rounded_to(w, 10))), "test_V7_rounding"),
    value("single-products", "float64 is computed in float32", replace(RIGHT, scatter=single_products), "test_V7_rounding"),
    value("nan-at-large", "sums beyond 60,000 are infinite, as in float16", finishing(lambda y, x, _: y.astype(np.float16).astype(y.dtype)), "test_V7_rounding"),
    value("bias-twice", "the bias is added twice", replace(RIGHT, biased=lambda y, b, plain: biased(y, 2 * b, plain)), "test_B1_bias_per_channel"),
    value("bias-covered", "the bias is added to covered samples only", replace(RIGHT, biased=covered_only), "test_B1_bias_per_channel"),
    value("bias-first-item", "the bias is added to the first item only", replace(RIGHT, biased=first_item_only), "test_B1_bias_per_channel"),
    value("bias-of-channel-0", "all channels get the first bias", replace(RIGHT, biased=lambda y, b, _: y + b[0]), "test_B1_bias_per_channel"),
    value("bias-dropped", "the layer forgets its bias", LayerParts(parts=replace(RIGHT, biased=lambda y, b, _: y)), "test_A9_bias_without_bias_attr"),
    value("rows-interleaved", "groups read every g-th input channel", scattering(interleaved_rows), "test_G1_groups", "test_G1_group_by_group"),
    value("columns-interleaved", "groups write every g-th output channel", replace(RIGHT, scatter=interleaved_columns), "test_G1_groups"),
    value("first-group", "all groups read the first group's channels", scattering(first_group), "test_G1_groups", "test_G1_group_by_group"),
    value("dilation-plus-one", "a dilation above 2 is one too many", replace(RIGHT, scatter=with_dilation(lambda d: d + (d > 2))), "test_D1_dilation"),
    value("dilation-ignored", "taps are neighbours in a result of the right length", replace(RIGHT, scatter=with_dilation(lambda d: 1)), "test_D1_kernel_with_holes"),
    value("dilation-float32", "dilation is refused in float64", scattering(single_precision_dilation), "test_D1_dilation_accepted"),
    value("taps-of-one-stride", "an input reaches no further than its neighbour", scattering(taps_of_one_stride), "test_N2_one_to_many", "test_N2_input_with_zeros"),
    value("mean-over-stride", "results are divided by the stride", finishing(lambda y, x, a: y / y.dtype.type(a.stride)), "test_N1_adjoint_of_conv1d"),
    value("zero-taps", "a zero in the kernel reads as 1", scattering(zero_taps_filled), "test_E1_documented_numbers"),
    value("reversed", "the kernel runs backwards", scattering(lambda x, w, _: (x, w[..., ::-1])), "test_W3_kernel_not_reversed", "test_E1_documented_numbers"),
    value("either-axes", "the kernel's axes are guessed from its shape", replace(RIGHT, kernel=either_axes), "test_W1_kernel_axes", "test_W2_grouped_kernel_axes"),
    value("ncl-out-as-nlc", "NCL comes out as NLC", replace(RIGHT, result=last_when_first), "test_L1_channels_first"),
    value("nlc-out-as-ncl", "NLC comes out as NCL", replace(RIGHT, result=channels_swapped_back), "test_L2_channels_last"),
    value("nlc-refused", "NLC is refused", replace(RIGHT, source=lambda x, layout: source(x, layout if layout == "NCL" else "")), "test_L2_channels_last"),
    value("nlc-reversed", "the kernel runs backwards in NLC", scattering(reversed_when_last), "test_L3_same_numbers"),
    value("in-channels-out", "no more channels come out than go in", finishing(lambda y, x, a: y[:, : min(y.shape[1], x.shape[1])]), "test_A21_out_channels"),
    value("writes-input", "the input is written to", replace(RIGHT, result=writing), "test_I13_inputs_unchanged"),
    value("uncleared-buffer", "the last result of the same shape is added", replace(RIGHT, scatter=uncleared()), "test_I14_same_again"),
    value("last-bit-alternates", "the last bit changes from call to call", finishing(alternating()), "test_I14_same_again"),
)
