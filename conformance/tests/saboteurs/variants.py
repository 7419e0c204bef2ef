"""Right implementations that compute otherwise, and ones that read ambiguous clauses otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from saboteurs.layer import LayerParts
from saboteurs.right import DEFAULTS, READERS, RIGHT, Arguments, Array, Parts, Window, biased, cut, extent, output_size, padding, require, result, scatter, source
from saboteurs.right import window as right_window


def by_groups(one_group: Callable[[Array, Array, Arguments, int], Array]) -> Callable[[Array, Array, Arguments], Array]:
    """A scatter out of one for a single group; the last argument is the full length."""

    def scattered(x: Array, weight: Array, arguments: Arguments) -> Array:
        length = (x.shape[2] - 1) * arguments.stride + extent(weight.shape[2], arguments.dilation)
        pairs = zip(np.split(x, arguments.groups, axis=1), np.split(weight, arguments.groups), strict=True)
        return np.concatenate([one_group(*pair, arguments, length) for pair in pairs], axis=1)

    return scattered


def gathered(x: Array, weight: Array, arguments: Arguments, length: int) -> Array:
    """Each output sample looks up the inputs that reach it."""
    full = np.zeros((x.shape[0], weight.shape[1], length), x.dtype)
    for u in range(length):
        for k in range(weight.shape[2]):
            i, rest = divmod(u - k * arguments.dilation, arguments.stride)
            if rest == 0 and 0 <= i < x.shape[2]:
                full[..., u] += x[..., i] @ weight[..., k]
    return full


def multiplied(x: Array, weight: Array, arguments: Arguments, length: int) -> Array:
    """One dense matrix from all input samples to all output samples."""
    operator = np.zeros((x.shape[1], x.shape[2], weight.shape[1], length), x.dtype)
    for i in range(x.shape[2]):
        start = i * arguments.stride
        operator[:, i, :, start : start + extent(weight.shape[2], arguments.dilation) : arguments.dilation] = weight
    flat = x.reshape(x.shape[0], x.shape[1] * x.shape[2]) @ operator.reshape(x.shape[1] * x.shape[2], weight.shape[1] * length)
    return flat.reshape(x.shape[0], weight.shape[1], length)


def convolved(x: Array, weight: Array, arguments: Arguments, length: int) -> Array:
    """An input with zeros between its samples, convolved with a kernel with holes, in float64."""
    stuffed = np.zeros((*x.shape[:2], (x.shape[2] - 1) * arguments.stride + 1))
    stuffed[..., :: arguments.stride] = x
    holed = np.zeros((*weight.shape[:2], extent(weight.shape[2], arguments.dilation)))
    holed[..., :: arguments.dilation] = weight
    full = np.zeros((x.shape[0], weight.shape[1], length))
    for n, m, c in np.ndindex(x.shape[0], weight.shape[1], x.shape[1]):
        full[n, m] += np.convolve(stuffed[n, c], holed[c, m])
    return full.astype(x.dtype)


def in_blocks(x: Array, weight: Array, arguments: Arguments) -> Array:
    """Blocks of 64 samples, their overlaps added."""
    full = scatter(np.zeros_like(x), weight, arguments)
    for start in range(0, x.shape[2], 64):
        part = scatter(x[..., start : start + 64], weight, arguments)
        at = start * arguments.stride
        full[..., at : at + part.shape[2]] += part
    return full


def last_axis_kept(y: Array, x: Array, arguments: Arguments) -> Array:
    """A result that is contiguous in memory in either layout."""
    return np.ascontiguousarray(result(y, x, arguments))


VARIANTS: dict[str, Parts | LayerParts] = {
    "gather": replace(RIGHT, scatter=by_groups(gathered)),
    "matrix": replace(RIGHT, scatter=by_groups(multiplied)),
    "double": replace(RIGHT, scatter=by_groups(convolved)),
    "blocks": replace(RIGHT, scatter=in_blocks, result=last_axis_kept),
}


def range_to(limit: Callable[[int, int], int]) -> Callable[[Arguments, int], int]:
    """[O3 O5] Added samples up to a limit made of the stride and of what is asked for."""

    def more(arguments: Arguments, plain: int) -> int:
        asked = arguments.output_padding if arguments.output_size is None else arguments.output_size - plain
        require(0 <= asked <= limit(arguments.stride, asked), "the length is out of range", added=asked)
        return asked

    return more


def no_list(name: str) -> Callable[[Any], Any]:
    """[A12 A16] An argument without its list form."""

    def read(value: Any) -> Any:
        require(not isinstance(value, list), f"{name} must not be a list", value=value)
        return READERS[name](value)

    return read


def left_right(value: Any) -> Any:
    """[A18] Two paddings are left and right."""
    return padding(value) if not isinstance(value, list | tuple) or len(value) != 2 else tuple(padding(each)[0] for each in value)


def any_case(value: Any) -> Any:
    """[A19] The two strings in any case."""
    return padding(value.upper() if isinstance(value, str) else value)


def same_window(found: Callable[[Arguments, int, int], Window]) -> Callable[[Arguments, int, int], Window]:
    """[S3] Another window for SAME, from the arguments, the length and the extent."""

    def window(arguments: Arguments, length: int, taps: int) -> Window:
        if arguments.padding != "SAME":
            return right_window(arguments, length, taps)
        return found(arguments, length, extent(taps, arguments.dilation))

    return window


def ceil_div(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)


def inverse_start(a: Arguments, length: int, reach: int) -> Window:
    return Window(ceil_div(max(reach - a.stride, 0), 2), length * a.stride)


def any_length(a: Arguments, length: int, reach: int) -> Window:
    asked = length * a.stride if a.output_size is None else a.output_size
    require(ceil_div(asked, a.stride) == length, "conv1d with SAME must map the length back", output_size=asked)
    return Window(max((length - 1) * a.stride + reach - asked, 0) // 2, asked)


def forward_on_input(a: Arguments, length: int, reach: int) -> Window:
    total = max((ceil_div(length, a.stride) - 1) * a.stride + reach - length, 0)
    return Window(total // 2, (length - 1) * a.stride + reach - total)


def as_printed(a: Arguments, length: int, reach: int) -> Window:
    return Window(0, (length + a.stride - 1) // a.stride)


def as_printed_up(a: Arguments, length: int, reach: int) -> Window:
    return Window(1 if reach > 1 else 0, ceil_div(length + a.stride - 1, a.stride))


def kept_if_any(length: int, plain: int) -> int:
    """[R2] A result of nothing is a result."""
    require(plain >= 0 and length >= 0, "the length must not be negative", length=length)
    return length


def undilated(arguments: Arguments) -> Arguments:
    return replace(arguments, dilation=1) if arguments.padding == "SAME" else arguments


def reset(parts: Parts) -> Parts:
    """[S4] SAME resets dilation to 1."""
    return replace(
        parts,
        window=lambda arguments, length, taps: parts.window(undilated(arguments), length, taps),
        scatter=lambda x, weight, arguments: parts.scatter(x, weight, undilated(arguments)),
    )


def undilated_only(arguments: Arguments, length: int, taps: int) -> Window:
    """[S4] SAME refuses dilation."""
    require(arguments.padding != "SAME" or arguments.dilation == 1, "SAME must come without dilation", dilation=arguments.dilation)
    return right_window(arguments, length, taps)


def filled_batch(x: Array, layout: str) -> Array:
    """[I15] A batch of at least one."""
    require(x.shape[0] > 0, "the batch must not be empty", shape=x.shape)
    return source(x, layout)


def blank_tail(full: Array, view: Window, length: int) -> Array:
    """[O2] Zeros in the added samples."""
    return cut(cut(full, view, view.length), Window(0, length), length)


def bias_before_tail(y: Array, bias: Array, plain: int) -> Array:
    """[O2] The bias on all but the added samples."""
    return np.concatenate([biased(y[..., :plain], bias, plain), y[..., plain:]], axis=2)


def zeros_amount(arguments: Arguments) -> int:
    return 0 if isinstance(arguments.padding, str) else arguments.padding[0]


def extended_window(arguments: Arguments, length: int, taps: int) -> Window:
    """[P1] The whole scatter of an input with zeros at both ends."""
    return right_window(replace(arguments, padding=(0, 0)), length + 2 * zeros_amount(arguments), taps)


def extended_scatter(x: Array, weight: Array, arguments: Arguments) -> Array:
    zeros = zeros_amount(arguments)
    return scatter(np.pad(x, ((0, 0), (0, 0), (zeros, zeros))), weight, arguments)


def out_in_kernel(weight: Array, channels: int, groups: int) -> Array:
    """[W1 W2] A kernel with the axes (C_out, C_in/groups, K)."""
    require(weight.ndim == 3 and weight.shape[1] * groups == channels and weight.shape[0] % groups == 0, "(C_out, C_in/groups, K)", shape=weight.shape)
    blocks = weight.reshape(groups, weight.shape[0] // groups, *weight.shape[1:])
    return blocks.swapaxes(1, 2).reshape(channels, -1, weight.shape[2])


def undivided_kernel(weight: Array, channels: int, groups: int) -> Array:
    """[W2] A kernel with the axes (C_in, C_out, K), of which each group uses its own block of columns."""
    rows, columns = channels // groups, weight.shape[1] // groups
    return np.concatenate([weight[j * rows : (j + 1) * rows, j * columns : (j + 1) * columns] for j in range(groups)])


def read_by(**readers: Callable[[Any], Any]) -> Parts:
    return replace(RIGHT, readers={**READERS, **readers})


def no_output_size(value: Any) -> None:
    require(output_size(value) is None, "there is no output_size", output_size=value)


HALF_OPEN = range_to(lambda stride, asked: stride - 1)
UNBOUNDED = range_to(lambda stride, asked: asked)
FOLLOWERS: dict[tuple[str, str], Parts | LayerParts] = {
    ("A12", "refused"): read_by(stride=no_list("stride")),
    ("A16", "refused"): read_by(dilation=no_list("dilation")),
    ("A18", "left-right"): read_by(padding=left_right),
    ("A19", "any-case"): read_by(padding=any_case),
    ("W1", "out-in"): replace(RIGHT, kernel=out_in_kernel),
    ("W2", "out-in"): replace(RIGHT, kernel=out_in_kernel),
    ("W2", "undivided"): LayerParts(parts=replace(RIGHT, kernel=undivided_kernel), weight_shape=lambda c, m, groups: (c, m)),
    ("V3", "relu"): replace(RIGHT, result=lambda y, x, arguments: result(np.maximum(y, 0), x, arguments)),
    ("P1", "zeros-on-input"): replace(RIGHT, window=extended_window, scatter=extended_scatter),
    ("R2", "empty"): replace(RIGHT, kept=kept_if_any),
    ("O2", "bias-only"): replace(RIGHT, cut=blank_tail),
    ("O2", "zero"): replace(RIGHT, cut=blank_tail, biased=bias_before_tail),
    ("O3", "half-open"): replace(RIGHT, added=HALF_OPEN),
    ("O3", "unbounded"): replace(RIGHT, added=UNBOUNDED),
    ("O5", "half-open"): replace(RIGHT, added=HALF_OPEN),
    ("O5", "unbounded"): replace(RIGHT, added=UNBOUNDED),
    ("O7", "absent"): LayerParts(parts=read_by(output_size=no_output_size)),
    ("I15", "refused"): replace(RIGHT, source=filled_batch),
    ("S3", "inverse-start"): replace(RIGHT, window=same_window(inverse_start)),
    ("S3", "inverse-any-length"): replace(RIGHT, window=same_window(any_length)),
    ("S3", "forward-on-input"): replace(RIGHT, window=same_window(forward_on_input)),
    ("S3", "as-printed"): replace(RIGHT, window=same_window(as_printed)),
    ("S3", "as-printed-up"): replace(RIGHT, window=same_window(as_printed_up)),
    ("S4", "dilation-reset"): reset(RIGHT),
    ("S4", "refused"): replace(RIGHT, window=undilated_only),
}
assert DEFAULTS
