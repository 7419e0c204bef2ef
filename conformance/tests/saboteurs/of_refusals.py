"""Saboteurs that accept what means nothing, each through the repair that a careless implementation would make."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from saboteurs.right import READERS, RIGHT, Arguments, Array, Reader, Window, kernel, padding, result, source, window
from saboteurs.saboteur import Saboteur, reading


def at_least(name: str, minimum: int) -> Reader:
    """The reader of an argument that lifts a number up to the smallest one allowed."""
    return lambda value: READERS[name](max(value, minimum) if isinstance(value, int) else value)


def rounded(name: str) -> Reader:
    """[I12] The reader of an argument that rounds a fraction up."""
    return lambda value: READERS[name](int(np.ceil(value)) if isinstance(value, float) else value)


def magnitude(name: str) -> Reader:
    """The reader of an argument that drops a minus sign."""
    return lambda value: READERS[name](abs(value) if isinstance(value, int) else value)


def unsigned_padding(value: Any) -> Any:
    """[I10] A negative padding lengthens both ends: it is let through, and the window starts at 0."""
    return (value, value) if isinstance(value, int) and value < 0 else padding(value)


def unsigned_window(arguments: Arguments, length: int, taps: int) -> Window:
    found = window(arguments, length, taps)
    return Window(max(found.left, 0), found.length)


def without_taps(weight: Array, channels: int, groups: int) -> Array:
    """[I3] A kernel without taps is one of a zero."""
    return weight if weight.shape[2] else np.zeros((*weight.shape[:2], 1), weight.dtype)


def undivided(channels: int, groups: int) -> int:
    """[I5] Groups that do not divide the channels."""
    return groups


def whole_groups(x: Array, weight: Array, arguments: Arguments) -> Array:
    """[I5] The scatter over as many channels as the groups can share."""
    channels = x.shape[1] // arguments.groups * arguments.groups
    return RIGHT.scatter(x[:, :channels], weight[:channels], arguments)


def surplus_rows(weight: Array, channels: int, groups: int) -> Array:
    """[I6] A kernel with too many input channels is cut."""
    return kernel(weight[:channels], channels, groups)


def any_rank(x: Array, layout: str) -> Array:
    """[I7] An input of rank 2 is a batch of one, one of rank 4 loses its first axis."""
    return source(x[None] if x.ndim == 2 else x[0] if x.ndim == 4 else x, layout)


def batch_of_one(x: Array, layout: str) -> Array:
    """[I7] An input of rank 2 is a batch of one."""
    return source(x[None] if x.ndim == 2 else x, layout)


def shared_kernel(weight: Array, channels: int, groups: int) -> Array:
    """[I8] A kernel of rank 2 is shared by all input channels."""
    return kernel(np.broadcast_to(weight, (channels, *weight.shape)) if weight.ndim == 2 else weight, channels, groups)


def one_blank_item(y: Array, x: Array, arguments: Arguments) -> Array:
    """[I15] An empty batch gives one item of zeros."""
    return result(y if y.shape[0] else np.zeros((1, *y.shape[1:]), y.dtype), x, arguments)


REFUSED = (
    Saboteur(name="stride-0-is-1", wrong="a stride below 1 counts as 1", parts=reading(stride=at_least("stride", 1)), laws=("test_I1_stride_below_one",)),
    Saboteur(name="negative-stride", wrong="a stride of -2 counts as 2", parts=reading(stride=magnitude("stride")), laws=("test_I1_stride_below_one",)),
    Saboteur(
        name="dilation-0-is-1", wrong="a dilation below 1 counts as 1", parts=reading(dilation=at_least("dilation", 1)), laws=("test_I2_dilation_below_one",)
    ),
    Saboteur(name="no-taps", wrong="a kernel without taps is accepted", parts=replace(RIGHT, kernel=without_taps), laws=("test_I3_no_kernel",)),
    Saboteur(name="groups-0-is-1", wrong="groups below 1 count as 1", parts=reading(groups=at_least("groups", 1)), laws=("test_I4_groups_below_one",)),
    Saboteur(
        name="ragged-groups",
        wrong="channels that no group gets are dropped",
        parts=replace(RIGHT, divided=undivided, scatter=whole_groups),
        laws=("test_I5_groups_divide",),
    ),
    Saboteur(name="surplus-rows", wrong="a kernel for more input channels is cut", parts=replace(RIGHT, kernel=surplus_rows), laws=("test_I6_channels_match",)),
    Saboteur(name="any-rank", wrong="inputs of rank 2 and 4 are accepted", parts=replace(RIGHT, source=any_rank), laws=("test_I7_input_rank",)),
    Saboteur(name="batch-of-one", wrong="an input of rank 2 is accepted", parts=replace(RIGHT, source=batch_of_one), laws=("test_I7_input_rank",)),
    Saboteur(name="shared-kernel", wrong="a kernel of rank 2 is accepted", parts=replace(RIGHT, kernel=shared_kernel), laws=("test_I8_kernel_rank",)),
    Saboteur(
        name="surplus-bias",
        wrong="a bias of more numbers is cut",
        parts=replace(RIGHT, offsets=lambda bias, out_channels: bias[:out_channels]),
        laws=("test_I9_bias_length",),
    ),
    Saboteur(
        name="negative-padding",
        wrong="a negative padding lengthens the result",
        parts=replace(reading(padding=unsigned_padding), window=unsigned_window),
        laws=("test_I10_negative_padding",),
    ),
    Saboteur(
        name="negative-output-padding",
        wrong="a negative output_padding counts as 0",
        parts=reading(output_padding=at_least("output_padding", 0)),
        laws=("test_I11_negative_output_padding",),
    ),
    *(
        Saboteur(name=f"rounded-{name}", wrong=f"a fraction as {name} is rounded", parts=reading(**{name: rounded(name)}), laws=("test_I12_whole_numbers",))
        for name in ("stride", "padding", "dilation", "output_padding", "groups")
    ),
    Saboteur(
        name="one-blank-item", wrong="an empty batch gives one item of zeros", parts=replace(RIGHT, result=one_blank_item), laws=("test_I15_empty_batch",)
    ),
)
SABOTEURS = REFUSED
