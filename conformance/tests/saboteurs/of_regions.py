"""Saboteurs of lengths and sums, each wrong in a region that a single law draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from saboteurs.of_lengths import for_same, for_valid
from saboteurs.of_rims import reversed_where
from saboteurs.right import (
    RIGHT,
    Arguments,
    Array,
    Window,
    added,
    cut,
    kept,
    window,
)
from saboteurs.saboteur import family, saboteur, scattering, windowed


def patterned(array: Array) -> bool:
    """Nine samples or more of which every other is 0, all of them finite."""
    return array.shape[2] > 8 and not array[..., 1::2].any() and bool(np.isfinite(array).all())


def rounded_length(wrong: Callable[[Arguments], bool]) -> Callable[[Arguments, int, int], Window]:
    """[R1 S1] Lengths beyond 24000 are rounded down to a multiple of four."""

    def found(a: Arguments, length: int, taps: int) -> Window:
        right = window(a, length, taps)
        return Window(right.left, right.length // 4 * 4) if wrong(a) and right.length > 24000 else right

    return found


def short_wide_tail(a: Arguments, plain: int) -> int:
    """[O1] Without padding, at most 5 samples are added to a long result."""
    more = added(a, plain)
    return min(more, 5) if a.output_size is None and a.padding == (0, 0) and plain > 30 * a.stride else more


def blank_wide_tail(full: Array, view: Window, length: int) -> Array:
    """[O2] In long results, more than 5 added samples are 0."""
    y = cut(full, view, length)
    if length - view.length > 5 and full.shape[2] > 560:
        y[..., view.length :] = 0
    return y


def barely_negative(length: int, plain: int) -> int:
    """[R3] A length below -1 is an empty result."""
    return 0 if length < -1 else kept(length, plain)


def first_samples(x: Array, weight: Array, a: Arguments) -> tuple[Array, Array]:
    """[V1] With groups, samples beyond 200 count as 0."""
    return np.where((np.arange(x.shape[2]) < 200) | (a.groups == 1), x, np.zeros_like(x)), weight


def cut_padding(a: Arguments, length: int, taps: int) -> Window:
    """[P1] For 10 to 60 samples and over 32 taps, a padding beyond 8 crops 8 at the start."""
    found = window(a, length, taps)
    return Window(min(found.left, 8), found.length) if a.padding != "SAME" and 9 < length < 61 and taps > 32 else found


def unsplit(a: Arguments, length: int, taps: int) -> Window:
    """[S5] With stride 1 a kernel of more than 8 taps leaves a sample too many."""
    found = window(a, length, taps)
    return Window(found.left, found.length + (a.stride == 1 and taps > 8))


def long_uncropped(a: Arguments, length: int, taps: int) -> Window:
    """[O4] For more than 12 samples, with output_size the left end is not cropped."""
    found = window(a, length, taps)
    return found if a.output_size is None or a.padding == "SAME" or length < 13 else Window(0, found.length)


def late_valid(a: Arguments, length: int, taps: int) -> Window:
    """[S2] VALID begins one sample late for long inputs and kernels."""
    found = window(a, length, taps)
    return Window(int(16 < length < 61 and taps > 20), found.length)


LONG_SUMS = reversed_where(lambda x, w, a: a.groups > 1 and x.shape[2] > 1 and w.shape[0] // a.groups * w.shape[2] > 400)
LONG_INTS, LONG_VALID = (
    windowed(rounded_length(lambda a: a.padding != "SAME" and a.padding[0] > 0)),
    for_valid(rounded_length(lambda a: True)),
)
MANY_TAPS = reversed_where(lambda x, w, a: 40 < w.shape[2] < 63 and x.shape[2] < 17 and a.groups == 1)
SABOTEURS = (
    *family(
        "geometry",
        saboteur("barely-negative", "a length below -1 is 0", replace(RIGHT, kept=barely_negative), "R3_negative_length"),
        saboteur("first-samples", "samples beyond 200 count as 0 with groups", scattering(first_samples), "V1_values_of_long_inputs"),
        saboteur("many-taps", "41 to 62 taps run backwards over up to 16 samples", MANY_TAPS, "V1_values_of_large_sizes"),
        saboteur("long-uncropped", "output_size drops the left crop of over 12 samples", windowed(long_uncropped), "O4_output_size"),
        saboteur("long-sums", "wrong beyond 400 products in a sum with groups", LONG_SUMS, "N1_adjoint_of_conv1d"),
        saboteur(
            "wide-kernel",
            "dilations beyond 8 are wrong from 5 taps on",
            reversed_where(lambda x, w, a: a.dilation > 8 and w.shape[2] > 4),
            "D1_dilation",
        ),
        saboteur(
            "wide-steps",
            "strides beyond 8 are wrong from 21 samples on",
            reversed_where(lambda x, w, a: a.stride > 8 and x.shape[2] > 20 and not a.output_padding and a.padding == (0, 0)),
            "N2_one_to_many",
        ),
        saboteur(
            "one-sample-kernel",
            "an input of ones meets over 80 taps backwards",
            reversed_where(lambda x, w, a: bool((x == 1).all()) and w.shape[2] > 80),
            "W3_kernel_not_reversed",
        ),
        saboteur(
            "holes-in-kernel",
            "a kernel with 0 at every other tap runs backwards",
            reversed_where(lambda x, w, a: patterned(w)),
            "D1_kernel_with_holes",
        ),
        saboteur(
            "holes-in-input",
            "an input with 0 at every other sample meets the kernel backwards",
            reversed_where(lambda x, w, a: patterned(x) and bool(np.isfinite(w).all())),
            "N2_input_with_zeros",
        ),
        saboteur("padding-up-to-8", "a padding beyond 8 crops 8 at the start", windowed(cut_padding), "P1_padding"),
        saboteur("rounded-lengths", "lengths beyond 24000 are multiples of 4 with padding", LONG_INTS, "R1_length"),
        saboteur("rounded-valid-lengths", "lengths beyond 24000 are multiples of 4 with VALID", LONG_VALID, "S1_valid_length"),
        saboteur("late-long-valid", "VALID begins a sample late for over 20 taps", for_valid(late_valid), "S2_valid_is_no_padding"),
        saboteur("unsplit-same", "SAME leaves a sample too many beyond 8 taps", for_same(unsplit), "S5_same_with_stride_one"),
    ),
    *family(
        "tail",
        saboteur(
            "short-wide-tail", "at most 5 samples are added to long results", replace(RIGHT, added=short_wide_tail), "O1_output_padding"
        ),
        saboteur(
            "blank-wide-tail", "more than 5 added samples are 0 in long results", replace(RIGHT, cut=blank_wide_tail), "O2_added_samples"
        ),
    ),
    *family(
        "groups",
        saboteur(
            "many-long-groups",
            "over 4 groups are wrong from 17 samples on",
            reversed_where(lambda x, w, a: a.groups > 4 and x.shape[2] > 16),
            "G1_groups",
        ),
    ),
)
