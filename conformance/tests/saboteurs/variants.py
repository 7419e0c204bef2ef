"""Right implementations that compute otherwise, some of which also read ambiguous clauses otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from saboteurs.layer import LayerParts
from saboteurs.of_lengths import Windows, for_same
from saboteurs.readings import (
    HALF_OPEN,
    UNBOUNDED,
    any_length,
    empty_too,
    filled_batch,
    forward_on_input,
    left_right,
    no_list,
    without_dilation,
)
from saboteurs.right import READERS, RIGHT, Arguments, Array, Parts, Window, extent, result, scatter
from saboteurs.saboteur import layered

OneGroup = Callable[[Array, Array, Arguments, int], Array]


def by_groups(one_group: OneGroup) -> Callable[[Array, Array, Arguments], Array]:
    """A scatter out of one for a single group; the last argument is the full length."""

    def full(x: Array, weight: Array, a: Arguments) -> Array:
        length = (x.shape[2] - 1) * a.stride + extent(weight.shape[2], a.dilation)
        pairs = zip(np.split(x, a.groups, axis=1), np.split(weight, a.groups), strict=True)
        return np.concatenate([one_group(*pair, a, length) for pair in pairs], axis=1)

    return full


def gathered(x: Array, weight: Array, a: Arguments, length: int) -> Array:
    """Each output sample looks up the inputs that reach it, one tap after the other."""
    full = np.zeros((x.shape[0], weight.shape[1], length), x.dtype)
    for k in range(weight.shape[2]):
        i, rest = np.divmod(np.arange(length) - k * a.dilation, a.stride)
        reached = (rest == 0) & (i >= 0) & (i < x.shape[2])
        full[..., reached] += np.matmul(weight[..., k].T, x[..., i[reached]])
    return full


def multiplied(x: Array, weight: Array, a: Arguments, length: int) -> Array:
    """One dense matrix from all input samples to all output samples."""
    operator = np.zeros((*x.shape[1:], weight.shape[1], length), x.dtype)
    reach = extent(weight.shape[2], a.dilation)
    for i in range(x.shape[2]):
        operator[:, i, :, i * a.stride : i * a.stride + reach : a.dilation] = weight
    rows, columns = x.shape[1] * x.shape[2], weight.shape[1] * length
    return (x.reshape(x.shape[0], rows) @ operator.reshape(rows, columns)).reshape(x.shape[0], weight.shape[1], length)


def convolved(x: Array, weight: Array, a: Arguments, length: int) -> Array:
    """An input with zeros between its samples, convolved with a kernel with holes; summed in float64, rounded once."""
    stuffed = np.zeros((*x.shape[:2], (x.shape[2] - 1) * a.stride + 1))
    stuffed[..., :: a.stride] = x
    holed = np.zeros((*weight.shape[:2], extent(weight.shape[2], a.dilation)))
    holed[..., :: a.dilation] = weight
    full = np.zeros((x.shape[0], weight.shape[1], length))
    for n, m, c in np.ndindex(x.shape[0], weight.shape[1], x.shape[1]):
        full[n, m] += np.convolve(stuffed[n, c], holed[c, m])
    return full.astype(x.dtype)


def in_blocks(x: Array, weight: Array, a: Arguments) -> Array:
    """Blocks of 64 samples, their overlaps added."""
    full = np.zeros_like(scatter(x, weight, a))
    for start in range(0, x.shape[2], 64):
        part = scatter(x[..., start : start + 64], weight, a)
        full[..., start * a.stride : start * a.stride + part.shape[2]] += part
    return full


def contiguous(y: Array, x: Array, a: Arguments) -> Array:
    """A result in C order, in either layout."""
    return np.ascontiguousarray(result(y, x, a))


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A right implementation, and the readings that it follows where they are not ours."""

    parts: Parts | LayerParts
    follows: dict[str, str] = field(default_factory=dict)


def narrow_padding(value: Any) -> Any:
    """[A18 A19] Two paddings, and the strings in any case."""
    return left_right(value.upper() if isinstance(value, str) else value)


def same_by(changed: Windows, parts: Parts) -> Parts:
    """A function with another window for SAME."""
    return replace(parts, window=for_same(changed).window)


def no_dilation(a: Arguments, length: int, taps: int) -> Window:
    """[S3 S4] Any length that conv1d maps back, without dilation."""
    without_dilation(a, length, taps)
    return any_length(a, length, taps)


NARROW = replace(
    same_by(forward_on_input, HALF_OPEN),
    readers={**READERS, "stride": no_list("stride"), "dilation": no_list("dilation"), "padding": narrow_padding},
    kept=empty_too,
    scatter=by_groups(gathered),
)
WIDE = replace(same_by(no_dilation, UNBOUNDED), source=filled_batch, scatter=by_groups(multiplied))
VARIANTS = {
    "function": Variant(parts=RIGHT),
    "layer": Variant(parts=LayerParts()),
    "double": Variant(parts=replace(RIGHT, scatter=by_groups(convolved)), follows={"V8": "spread"}),
    "blocks": Variant(parts=layered(replace(RIGHT, scatter=in_blocks, result=contiguous))),
    "gather": Variant(
        parts=NARROW,
        follows={
            "A12": "refused", "A16": "refused", "A18": "left-right", "A19": "any-case", "R2": "empty", "O3": "half-open", "O5": "half-open",
            "S3": "forward-on-input",
        },
    ),
    "matrix": Variant(
        parts=layered(WIDE),
        follows={"O3": "unbounded", "O5": "unbounded", "I15": "refused", "S3": "inverse-any-length", "S4": "refused", "V8": "spread"},
    ),
}  # fmt: skip
"""By name. The last two also follow readings that are not ours."""
