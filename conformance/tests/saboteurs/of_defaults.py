"""Saboteurs of what is left out, each beside other arguments that few calls have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from saboteurs.right import (
    DEFAULTS,
    READERS,
    RIGHT,
    Arguments,
    Array,
    Parts,
    Window,
    added,
    cut,
    scatter,
    window,
)
from saboteurs.saboteur import family, saboteur


class LeftOut(int):
    """The default of an argument that knows it was left out."""


def left_out(name: str, otherwise: Callable[[Array, Array, Arguments], tuple[Array, Array, Arguments]]) -> Parts:
    """The right function whose path for an output_size beside more than 12 samples has another default."""

    def full(x: Array, weight: Array, a: Arguments) -> Array:
        right = scatter(x, weight, a)
        if not isinstance(getattr(a, name), LeftOut) or a.output_size is None or x.shape[2] < 13 or a.padding == "SAME":
            return right
        return cut(scatter(*otherwise(x, weight, a)), Window(0, right.shape[2]), right.shape[2])

    return reading_left_out(name, LeftOut(1), scatter=full)


def reading_left_out(name: str, default: LeftOut, **parts: Any) -> Parts:
    """The right function that knows where an argument was left out, with other parts."""

    def read(value: Any) -> Any:
        return value if isinstance(value, LeftOut) else READERS[name](value)

    return replace(RIGHT, defaults={**DEFAULTS, name: default}, readers={**READERS, name: read}, **parts)


def own_columns(x: Array, weight: Array, a: Arguments) -> tuple[Array, Array, Arguments]:
    """[A5] An input channel meets the output channels of its own number only."""
    rows, columns = np.arange(weight.shape[0])[:, None, None], np.arange(weight.shape[1])[:, None]
    return x, np.where(rows % weight.shape[1] == columns, weight, np.zeros_like(weight)), a


def guessed_padding() -> Parts:
    """[A3] With an output_size, a padding that is left out is centred."""

    def shifted(a: Arguments, length: int, taps: int) -> Window:
        found = window(replace(a, padding=(0, 0)) if a.padding == (-1, -1) else a, length, taps)
        return Window(1, found.length) if a.padding == (-1, -1) and a.output_size is not None and length > 12 else found

    def read(value: Any) -> Any:
        return (-1, -1) if value is None else READERS["padding"](value)

    return replace(RIGHT, defaults={**DEFAULTS, "padding": None}, readers={**READERS, "padding": read}, window=shifted)


def square(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
    """[A7] Without data_format, inputs of 10 to 14 channels and as many samples are taken as NLC."""
    full = RIGHT.compute(x, weight, bias, RIGHT.arguments(given))
    if "data_format" in given or x.shape[1] != x.shape[2] or not 10 <= x.shape[1] <= 14:
        return full
    return RIGHT.compute(x.transpose(0, 2, 1), weight, bias, RIGHT.arguments(given))


def wide_tail() -> Parts:
    """[A4] With a stride beyond 24, an output_padding that is left out is 1."""

    def more(a: Arguments, plain: int) -> int:
        return added(a, plain) + (isinstance(a.output_padding, LeftOut) and a.output_size is None and a.stride > 24)

    return reading_left_out("output_padding", LeftOut(0), added=more)


STRIDE_2 = left_out("stride", lambda x, w, a: (x, w, replace(a, stride=2)))
DILATION_2 = left_out("dilation", lambda x, w, a: (x, w, replace(a, dilation=2)))
SABOTEURS = (
    *family(
        "arguments",
        saboteur("own-stride", "a stride left out beside output_size is 2", STRIDE_2, "A2_default_stride"),
        saboteur("own-padding", "a padding left out beside output_size is 1", guessed_padding(), "A3_default_padding"),
        saboteur("own-dilation", "a dilation left out beside output_size is 2", DILATION_2, "A6_default_dilation"),
    ),
    *family(
        "tail",
        saboteur("wide-tail", "beyond stride 24 a tail left out is 1", wide_tail(), "A4_default_output_padding"),
    ),
    *family(
        "groups",
        saboteur(
            "own-groups", "groups left out beside output_size are one per channel", left_out("groups", own_columns), "A5_default_groups"
        ),
    ),
    *family(
        "layouts",
        saboteur("square-nlc", "square inputs of 10 to 14 are NLC by default", square, "A7_default_data_format"),
    ),
)
