"""Saboteurs that accept what means nothing, each through the repair that a careless implementation would make."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from saboteurs.right import (
    READERS,
    RIGHT,
    Arguments,
    Array,
    Reader,
    Window,
    conv1d_transpose,
    kernel,
    offsets,
    padding,
    result,
    scatter,
    source,
    window,
)
from saboteurs.saboteur import family, reading, saboteur


def at_least(name: str, minimum: int) -> Reader:
    """The reader of an argument that lifts a number up to the smallest one allowed."""
    return lambda value: READERS[name](max(value, minimum) if isinstance(value, int) else value)


def unsigned(name: str) -> Reader:
    """The reader of an argument that drops a minus sign."""
    return lambda value: READERS[name](abs(value) if isinstance(value, int) else value)


def rounded(name: str) -> Reader:
    """[I12] The reader of an argument that rounds a fraction up."""
    return lambda value: READERS[name](int(np.ceil(value)) if isinstance(value, float) else value)


def signed_padding(value: Any) -> Any:
    """[I10] A negative padding is let through, and lengthens the result."""
    return (value, value) if isinstance(value, int) and value < 0 else padding(value)


def unsigned_window(arguments: Arguments, length: int, taps: int) -> Window:
    found = window(arguments, length, taps)
    return Window(max(found.left, 0), found.length)


def one_zero_tap(weight: Array, channels: int, groups: int) -> Array:
    """[I3] A kernel without taps is one of a zero."""
    return kernel(weight if weight.shape[2] else np.zeros((*weight.shape[:2], 1), weight.dtype), channels, groups)


def undivided(channels: int, groups: int) -> int:
    """[I5] Groups that do not divide the channels."""
    return groups


def whole_groups(x: Array, weight: Array, arguments: Arguments) -> Array:
    """[I5] The scatter over as many channels as the groups can share."""
    channels = x.shape[1] // arguments.groups * arguments.groups
    return scatter(x[:, :channels], weight[:channels], arguments)


def surplus_rows(weight: Array, channels: int, groups: int) -> Array:
    """[I6] A kernel with too many input channels is cut."""
    return kernel(weight[:channels], channels, groups)


def kernel_of_a_group(weight: Array, channels: int, groups: int) -> Array:
    """[I6] A kernel for the input channels of one group serves all of them."""
    shared = weight.ndim == 3 and groups > 1 and weight.shape[0] * groups == channels
    return kernel(np.concatenate([weight] * groups) if shared else weight, channels, groups)


def flat_image(x: Array, layout: str) -> Array:
    """[I7] An image one pixel high is a signal."""
    return source(x[:, :, 0] if x.ndim == 4 and x.shape[2] == 1 else x, layout)


def flat_kernel(weight: Array, channels: int, groups: int) -> Array:
    """[I8] A kernel one pixel high is one of a signal."""
    return kernel(weight[:, :, 0] if weight.ndim == 4 and weight.shape[2] == 1 else weight, channels, groups)


def any_rank(x: Array, layout: str) -> Array:
    """[I7] An input of rank 2 is a batch of one, one of rank 4 loses its first axis."""
    return source(x[None] if x.ndim == 2 else x[0] if x.ndim == 4 else x, layout)


def batch_of_one(x: Array, layout: str) -> Array:
    """[I7] An input of rank 2 is a batch of one."""
    return source(x[None] if x.ndim == 2 else x, layout)


def shared_kernel(weight: Array, channels: int, groups: int) -> Array:
    """[I8] A kernel of rank 2 is shared by all input channels."""
    return kernel(np.broadcast_to(weight, (channels, *weight.shape)) if weight.ndim == 2 else weight, channels, groups)


def surplus_bias(bias: Array, out_channels: int) -> Array:
    """[I9] A bias of more numbers is cut."""
    return bias[:out_channels]


def repeated_bias(bias: Array, out_channels: int) -> Array:
    """[I9] A bias whose length divides the output channels is repeated."""
    fits = bias.ndim == 1 and len(bias) > 1 and out_channels % len(bias) == 0
    return offsets(np.resize(bias, out_channels) if fits else bias, out_channels)


def filled_bias(bias: Array, out_channels: int) -> Array:
    """[I9] The last number of a bias may be missing."""
    return offsets(np.append(bias, bias.dtype.type(0)) if bias.shape == (out_channels - 1,) else bias, out_channels)


def flat_bias(bias: Array, out_channels: int) -> Array:
    """[I9] A bias may have any axes."""
    return offsets(bias.reshape(-1) if bias.ndim > 1 else bias, out_channels)


def plain_bias(bias: Array, out_channels: int) -> Array:
    """[I9] A bias without axes is one for all channels."""
    return offsets(np.full(out_channels, bias) if bias.ndim == 0 else bias, out_channels)


def outweighed(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
    """[I10] With an output_padding, a negative padding is 0."""
    crop = given.get("padding")
    negative = isinstance(crop, int) and crop < 0 and given.get("output_padding") == 1
    return conv1d_transpose(x, weight, bias, **{**given, "padding": 0} if negative else given)


def cut_in(kind: type, name: str) -> Reader:
    """[I12] The reader of an argument that cuts off a fraction in a list or tuple."""
    return lambda value: READERS[name](kind(map(int, value)) if isinstance(value, kind) else value)


def one_blank_item(y: Array, x: Array, arguments: Arguments) -> Array:
    """[I15] An empty batch gives one item of zeros."""
    return result(y if y.shape[0] else np.zeros((1, *y.shape[1:]), y.dtype), x, arguments)


RAGGED = replace(RIGHT, divided=undivided, scatter=whole_groups)
NEGATIVE = replace(reading(padding=signed_padding), window=unsigned_window)
NEGATIVE_TAIL = reading(output_padding=at_least("output_padding", 0))
WHOLE = "I12_whole_numbers"
ROUNDED = ("stride", "padding", "dilation", "output_padding", "groups")
SABOTEURS = family(
    "arguments",
    saboteur("stride-0-is-1", "a stride below 1 is 1", reading(stride=at_least("stride", 1)), "I1_stride_below_one"),
    saboteur("unsigned-stride", "a stride of -2 is 2", reading(stride=unsigned("stride")), "I1_stride_below_one"),
    saboteur("dilation-0-is-1", "a dilation below 1 is 1", reading(dilation=at_least("dilation", 1)), "I2_dilation_below_one"),
    saboteur("unsigned-dilation", "a dilation of -2 is 2", reading(dilation=unsigned("dilation")), "I2_dilation_below_one"),
    saboteur("no-taps", "a kernel without taps is accepted", replace(RIGHT, kernel=one_zero_tap), "I3_no_kernel"),
    saboteur("groups-0-is-1", "groups below 1 are 1", reading(groups=at_least("groups", 1)), "I4_groups_below_one"),
    saboteur("ragged-groups", "channels that no group gets are dropped", RAGGED, "I5_groups_divide"),
    saboteur("surplus-rows", "a kernel for more input channels is cut", replace(RIGHT, kernel=surplus_rows), "I6_channels_match"),
    saboteur("kernel-of-a-group", "a kernel is shared by all groups", replace(RIGHT, kernel=kernel_of_a_group), "I6_channels_match"),
    saboteur("flat-image", "an input of shape (N, C, 1, L) is accepted", replace(RIGHT, source=flat_image), "I7_input_rank"),
    saboteur("flat-kernel", "a kernel of shape (C, M, 1, K) is accepted", replace(RIGHT, kernel=flat_kernel), "I8_kernel_rank"),
    saboteur("repeated-bias", "a bias is repeated for each group", replace(RIGHT, offsets=repeated_bias), "I9_bias_length"),
    saboteur("filled-bias", "a bias of one number less is accepted", replace(RIGHT, offsets=filled_bias), "I9_bias_length"),
    saboteur("flat-bias", "a bias of two axes is accepted", replace(RIGHT, offsets=flat_bias), "I9_bias_length"),
    saboteur("plain-bias", "a bias without axes is accepted", replace(RIGHT, offsets=plain_bias), "I9_bias_length"),
    saboteur("outweighed-padding", "with an output_padding a negative padding is 0", outweighed, "I10_negative_padding"),
    saboteur("cut-in-list", "padding=[1.5] is 1", reading(padding=cut_in(list, "padding")), WHOLE),
    saboteur("cut-in-tuple", "stride=(1.5,) is 1", reading(stride=cut_in(tuple, "stride")), WHOLE),
    saboteur("any-rank", "inputs of rank 2 and 4 are accepted", replace(RIGHT, source=any_rank), "I7_input_rank"),
    saboteur("batch-of-one", "an input of rank 2 is accepted", replace(RIGHT, source=batch_of_one), "I7_input_rank"),
    saboteur("shared-kernel", "a kernel of rank 2 is accepted", replace(RIGHT, kernel=shared_kernel), "I8_kernel_rank"),
    saboteur("surplus-bias", "a bias of more numbers is cut", replace(RIGHT, offsets=surplus_bias), "I9_bias_length"),
    saboteur("negative-padding", "a negative padding lengthens the result", NEGATIVE, "I10_negative_padding"),
    saboteur("negative-tail", "a negative output_padding is 0", NEGATIVE_TAIL, "I11_negative_output_padding"),
    *(saboteur(f"rounded-{name}", f"fractions as {name} are rounded", reading(**{name: rounded(name)}), WHOLE) for name in ROUNDED),
    saboteur("one-blank-item", "an empty batch gives an item of zeros", replace(RIGHT, result=one_blank_item), "I15_empty_batch"),
)
