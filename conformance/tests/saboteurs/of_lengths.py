"""Saboteurs of the output's length and of the stretch of the scatter that it covers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from saboteurs.right import READERS, RIGHT, Arguments, Array, Parts, Window, added, biased, cut, extent, padding, require, window
from saboteurs.saboteur import biasing, family, saboteur, windowed

Windows = Callable[[Arguments, int, int], Window]


def unless_same(changed: Windows) -> Parts:
    """The right function with another window for everything but SAME."""
    return windowed(lambda a, length, taps: (window if a.padding == "SAME" else changed)(a, length, taps))


def for_same(changed: Windows) -> Parts:
    """The right function with another window for SAME."""
    return windowed(lambda a, length, taps: (changed if a.padding == "SAME" else window)(a, length, taps))


def for_valid(changed: Windows) -> Parts:
    """The right function with another window for VALID, which otherwise is padding 0."""

    def found(a: Arguments, length: int, taps: int) -> Window:
        return changed(replace(a, padding=(0, 0)), length, taps) if a.padding == "VALID" else window(a, length, taps)

    readers = {**READERS, "padding": lambda value: "VALID" if value == "VALID" else padding(value)}
    return replace(RIGHT, readers=readers, window=found)


def without_holes(a: Arguments, length: int, taps: int) -> Window:
    """[R1] The length without the kernel's holes."""
    return window(replace(a, dilation=1), length, taps)


def left_crop(a: Arguments, length: int, taps: int) -> Window:
    """[P1] The whole crop on the left."""
    found = window(a, length, taps)
    return Window(2 * found.left, found.length)


def one_stride_more(a: Arguments, length: int, taps: int) -> Window:
    """[N3] Room for one more input sample."""
    found = window(a, length, taps)
    return Window(found.left, found.length + a.stride)


def filled_kernel(a: Arguments, length: int, taps: int) -> Window:
    """[S1] A kernel shorter than the stride is filled up to it."""
    found = window(a, length, taps)
    return Window(found.left, found.length + max(a.stride - extent(taps, a.dilation), 0))


def one_sample_late(a: Arguments, length: int, taps: int) -> Window:
    """[S2] The first sample is cropped, and a 0 comes after the last."""
    return Window(1, window(a, length, taps).length)


def odd_crops(a: Arguments, length: int, taps: int) -> Window:
    """[S3] The larger part of an odd crop at the end for inputs of even length, at the start for odd ones."""
    found = window(a, length, taps)
    return Window(found.left + (max(extent(taps, a.dilation) - a.stride, 0) % 2 and length % 2), found.length)


def one_sample_more(a: Arguments, length: int, taps: int) -> Window:
    """[S3] A length that no reading lists, L*stride + 1."""
    found = window(a, length, taps)
    return Window(found.left, found.length + (a.stride > 1))


def dilation_up_to_2(a: Arguments, length: int, taps: int) -> Window:
    """[S4] A dilation above 2 counts as 2."""
    return window(replace(a, dilation=min(a.dilation, 2)), length, taps)


def even_crop(a: Arguments, length: int, taps: int) -> Window:
    """[S5] With stride 1 the same crop at both ends, so that an odd crop leaves a sample too many."""
    found = window(a, length, taps)
    return Window(found.left, found.length + (a.stride == 1) * (extent(taps, a.dilation) - 1) % 2)


def one_sample_at_least(length: int, plain: int) -> int:
    """[R2] A result of nothing gets one sample."""
    require(plain >= 0, "the length must not be negative", length=length)
    return max(length, 1)


def empty_below_zero(length: int, plain: int) -> int:
    """[R3] A negative length is an empty result, a length of 0 is refused."""
    require(length != 0, "the result must have a sample", length=length)
    return max(length, 0)


def asked(a: Arguments, plain: int) -> int:
    return a.output_padding if a.output_size is None else a.output_size - plain


def ranged(limit: Callable[[Arguments, int], float]) -> Parts:
    """[O3 O5] The right function with another end of the range."""

    def more(a: Arguments, plain: int) -> int:
        require(0 <= asked(a, plain) <= limit(a, plain), "the length is out of range", plain=plain)
        return asked(a, plain)

    return replace(RIGHT, added=more)


def twice(a: Arguments, plain: int) -> int:
    """[O1] Twice the output_padding."""
    return added(a, plain) * (2 if a.output_size is None else 1)


def one_less(a: Arguments, plain: int) -> int:
    """[O4] An output_size above L' gives one sample less."""
    return added(a, plain) if a.output_size is None else max(added(a, plain) - 1, 0)


def shortening(a: Arguments, plain: int) -> int:
    """[O6] An output_size below L' is accepted, and cuts."""
    return asked(a, plain) if a.output_size is not None and a.output_size < plain else added(a, plain)


def at_the_head(full: Array, view: Window, length: int) -> Array:
    """[O1 O4] Added samples come before the first, where the crop or zeros are."""
    more = length - view.length
    return cut(np.pad(full, ((0, 0), (0, 0), (more, 0))), view, length)


def repeated_tail(full: Array, view: Window, length: int) -> Array:
    """[O2] Added samples repeat the last one."""
    y = cut(full, view, length)
    if 0 < view.length < length:
        y[..., view.length :] = y[..., view.length - 1 : view.length]
    return y


def twice_biased_tail(y: Array, bias: Array, plain: int) -> Array:
    """[O2] Added samples get the bias twice."""
    done = biased(y, bias, plain)
    done[..., plain:] += bias[:, None]
    return done


def changing(**parts: Any) -> Parts:
    return replace(RIGHT, **parts)


BY_DILATION = ranged(lambda a, plain: a.stride if a.dilation == 1 else np.inf)
BY_PARITY = ranged(lambda a, plain: a.stride - plain % 2)
RANGES = ("O3_output_padding_range", "O5_output_size_range")
SABOTEURS = (
    *family(
        "geometry",
        saboteur("without-holes", "the length counts no holes in the kernel", unless_same(without_holes), "R1_length", "S1_valid_length"),
        saboteur("left-crop", "the whole crop is on the left", unless_same(left_crop), "P1_padding"),
        saboteur("one-stride-more", "there is room for one more input", unless_same(one_stride_more), "N3_conv1d_maps_back", "R1_length"),
        saboteur("one-sample-at-least", "a result of nothing gets a sample", changing(kept=one_sample_at_least), "R2_length_zero"),
        saboteur("empty-below-zero", "a negative length gives an empty result", changing(kept=empty_below_zero), "R3_negative_length"),
        saboteur("filled-valid", "VALID fills a short kernel", for_valid(filled_kernel), "S1_valid_length", "S2_valid_is_no_padding"),
        saboteur("late-valid", "VALID begins one sample late", for_valid(one_sample_late), "S2_valid_is_no_padding"),
        saboteur("odd-crops", "SAME splits odd crops by the input's length", for_same(odd_crops), "S3_same"),
        saboteur("one-sample-more", "SAME is one sample longer than any reading", for_same(one_sample_more), "S3_same"),
        saboteur("dilation-up-to-2", "SAME counts dilation up to 2", for_same(dilation_up_to_2), "S4_same_with_dilation"),
        saboteur("even-crop", "SAME leaves a sample of an odd crop", for_same(even_crop), "S5_same_with_stride_one"),
    ),
    *family(
        "tail",
        saboteur("at-the-head", "added samples come first", changing(cut=at_the_head), "O2_added_samples", "O4_output_size"),
        saboteur("tail-twice", "output_padding adds twice as many", changing(added=twice), "O1_output_padding"),
        saboteur("repeated-tail", "added samples repeat the last one", changing(cut=repeated_tail), "O2_added_samples"),
        saboteur("tail-biased-twice", "added samples get the bias twice", biasing(twice_biased_tail), "O2_added_samples"),
        saboteur("range-by-dilation", "the range has no end with dilation", BY_DILATION, *RANGES),
        saboteur("range-by-parity", "the range ends at the stride, or one before", BY_PARITY, *RANGES),
        saboteur("one-less", "output_size gives one sample less", changing(added=one_less), "O4_output_size"),
        saboteur("shortening", "an output_size below L' cuts the result", changing(added=shortening), "O6_output_size_too_small"),
    ),
)
