"""Implementations that read ambiguous clauses otherwise than we do, one for each listed reading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from right.sums import by_groups
from right.transforms import fft

from saboteurs.layer import LayerParts
from saboteurs.of_lengths import asked, for_same, ranged
from saboteurs.right import (
    READERS,
    RIGHT,
    Arguments,
    Array,
    Parts,
    Window,
    biased,
    cut,
    extent,
    output_size,
    padding,
    require,
    scatter,
    source,
)
from saboteurs.right import window as right_window
from saboteurs.saboteur import finishing, layered, reading, scattered


def no_list(name: str) -> Callable[[Any], Any]:
    """[A12 A16] An argument without its list form."""

    def read(value: Any) -> Any:
        require(not isinstance(value, list), f"{name} must not be a list", value=value)
        return READERS[name](value)

    return read


def left_right(value: Any) -> Any:
    """[A18] Two paddings are left and right."""
    if isinstance(value, list | tuple) and len(value) == 2:
        return tuple(padding(each)[0] for each in value)
    return padding(value)


def any_case(value: Any) -> Any:
    """[A19] The two strings in any case."""
    return padding(value.upper() if isinstance(value, str) else value)


def no_output_size(value: Any) -> None:
    """[O7] A call without output_size."""
    require(output_size(value) is None, "there is no output_size", output_size=value)


def out_in(weight: Array, channels: int, groups: int) -> Array:
    """[W1 W2] A kernel with the axes (C_out, C_in/groups, K)."""
    fits = weight.ndim == 3 and weight.shape[1] * groups == channels and weight.shape[0] % groups == 0
    require(fits, "the kernel's axes must be (C_out, C_in/groups, K)", shape=weight.shape)
    blocks = weight.reshape(groups, weight.shape[0] // groups, *weight.shape[1:])
    return blocks.swapaxes(1, 2).reshape(channels, -1, weight.shape[2])


def undivided(weight: Array, channels: int, groups: int) -> Array:
    """[W2] A kernel with the axes (C_in, C_out, K), of which each group uses its own block of columns."""
    rows, columns = channels // groups, weight.shape[1] // groups
    return np.concatenate([weight[j * rows : (j + 1) * rows, j * columns : (j + 1) * columns] for j in range(groups)])


def zeros(a: Arguments) -> int:
    """[P1] The zeros at each end of the input."""
    return 0 if isinstance(a.padding, str) else a.padding[0]


def extended_window(a: Arguments, length: int, taps: int) -> Window:
    """[P1] The whole scatter of the extended input."""
    return right_window(a if a.padding == "SAME" else replace(a, padding=(0, 0)), length + 2 * zeros(a), taps)


def extended(x: Array, weight: Array, a: Arguments) -> Array:
    """[P1] The scatter of an input with zeros at both ends."""
    return scatter(np.pad(x, ((0, 0), (0, 0), (zeros(a), zeros(a)))), weight, a)


def empty_too(length: int, plain: int) -> int:
    """[R2] A result of nothing is a result."""
    require(plain >= 0, "the length must not be negative", length=length)
    return length


def blank_tail(full: Array, view: Window, length: int) -> Array:
    """[O2] Zeros in the added samples."""
    return cut(cut(full, view, view.length), Window(0, view.length), length)


def bias_before_tail(y: Array, bias: Array, plain: int) -> Array:
    """[O2] The bias on all but the added samples."""
    return np.concatenate([biased(y[..., :plain], bias, plain), y[..., plain:]], axis=2)


def spreading(x: Array, weight: Array, a: Arguments) -> Array:
    """[V8] Each item meets 0 times all of its samples, and 0 times all taps."""
    return scatter(x, weight, a) + (0 * x).sum(axis=(1, 2), keepdims=True) + (0 * weight).sum()


def flushed(y: Array, x: Array, a: Arguments) -> Array:
    """[V9] Subnormal results are 0."""
    return np.where(abs(y) < np.finfo(y.dtype).tiny, np.zeros_like(y), y)


def filled_batch(x: Array, layout: str) -> Array:
    """[I15] A batch of at least one."""
    require(x.shape[0] > 0, "the batch must not be empty", shape=x.shape)
    return source(x, layout)


def ceil_div(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)


def inverse_start(a: Arguments, length: int, taps: int) -> Window:
    return Window(ceil_div(max(extent(taps, a.dilation) - a.stride, 0), 2), length * a.stride)


def any_length(a: Arguments, length: int, taps: int) -> Window:
    size = length * a.stride if a.output_size is None else a.output_size
    require(ceil_div(size, a.stride) == length, "conv1d with SAME must map the length back", output_size=size)
    return Window(max((length - 1) * a.stride + extent(taps, a.dilation) - size, 0) // 2, size)


def forward_on_input(a: Arguments, length: int, taps: int) -> Window:
    total = max((ceil_div(length, a.stride) - 1) * a.stride + extent(taps, a.dilation) - length, 0)
    return Window(total // 2, (length - 1) * a.stride + extent(taps, a.dilation) - total)


def printed(a: Arguments, length: int, taps: int) -> Window:
    return Window(0, (length + a.stride - 1) // a.stride)


def printed_up(a: Arguments, length: int, taps: int) -> Window:
    return Window(min(taps - 1, 1), ceil_div(length + a.stride - 1, a.stride))


def undilated(a: Arguments) -> Arguments:
    return replace(a, dilation=1) if a.padding == "SAME" else a


def without_dilation(a: Arguments, length: int, taps: int) -> Window:
    """[S4] SAME refuses dilation."""
    require(a.dilation == 1, "SAME must come without dilation", dilation=a.dilation)
    return right_window(a, length, taps)


RESET = replace(
    RIGHT,
    window=lambda a, length, taps: right_window(undilated(a), length, taps),
    scatter=lambda x, weight, a: scatter(x, weight, undilated(a)),
)
UNDIVIDED = LayerParts(parts=replace(RIGHT, kernel=undivided), weight_shape=lambda rows, columns, groups: (rows, columns))
HALF_OPEN, UNBOUNDED = ranged(lambda a, plain: a.stride - 1), ranged(asked)

FOLLOWERS: dict[tuple[str, str], Parts | LayerParts] = {
    ("A12", "refused"): reading(stride=no_list("stride")),
    ("A16", "refused"): reading(dilation=no_list("dilation")),
    ("A18", "left-right"): reading(padding=left_right),
    ("A19", "any-case"): reading(padding=any_case),
    ("W1", "out-in"): replace(RIGHT, kernel=out_in),
    ("W2", "out-in"): replace(RIGHT, kernel=out_in),
    ("W2", "undivided"): UNDIVIDED,
    ("V7", "transform"): replace(RIGHT, scatter=by_groups(fft(float))),
    ("V3", "relu"): finishing(lambda y, x, a: np.maximum(y, 0)),
    ("V8", "spread"): scattered(spreading),
    ("V9", "flushed"): finishing(flushed),
    ("P1", "zeros-on-input"): replace(RIGHT, window=extended_window, scatter=extended),
    ("R2", "empty"): replace(RIGHT, kept=empty_too),
    ("O2", "bias-only"): replace(RIGHT, cut=blank_tail),
    ("O2", "zero"): replace(RIGHT, cut=blank_tail, biased=bias_before_tail),
    ("O3", "half-open"): HALF_OPEN,
    ("O3", "unbounded"): UNBOUNDED,
    ("O5", "half-open"): HALF_OPEN,
    ("O5", "unbounded"): UNBOUNDED,
    ("O7", "absent"): layered(reading(output_size=no_output_size)),
    ("I15", "refused"): replace(RIGHT, source=filled_batch),
    ("S3", "inverse-start"): for_same(inverse_start),
    ("S3", "inverse-any-length"): for_same(any_length),
    ("S3", "forward-on-input"): for_same(forward_on_input),
    ("S3", "as-printed"): for_same(printed),
    ("S3", "as-printed-up"): for_same(printed_up),
    ("S4", "dilation-reset"): RESET,
    ("S4", "refused"): for_same(without_dilation),
}
"""By clause and reading; the layer where only a layer can tell."""
