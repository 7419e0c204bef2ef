"""Saboteurs of the output's length and of the stretch of the scatter that it covers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from saboteurs.right import RIGHT, Arguments, Array, Parts, Window, added, biased, cut, extent, require, window
from saboteurs.saboteur import Saboteur


def is_same(arguments: Arguments) -> bool:
    return arguments.padding == "SAME"


class Filled(str):
    __slots__ = ()


def undilated_window(arguments: Arguments, length: int, taps: int) -> Window:
    """[R1] The length without the kernel's holes."""
    return window(arguments if is_same(arguments) else replace(arguments, dilation=1), length, taps)


def left_window(arguments: Arguments, length: int, taps: int) -> Window:
    """[P1] The whole crop on the left."""
    found = window(arguments, length, taps)
    return found if is_same(arguments) else Window(2 * found.left, found.length)


def one_stride_more(arguments: Arguments, length: int, taps: int) -> Window:
    """[N3] Room for one more input sample."""
    found = window(arguments, length, taps)
    return found if is_same(arguments) else Window(found.left, found.length + arguments.stride)


def alternating_same(arguments: Arguments, length: int, taps: int) -> Window:
    """[S3] The larger part of an odd crop at the end for even lengths, at the start for odd ones."""
    found = window(arguments, length, taps)
    odd = max(extent(taps, arguments.dilation) - arguments.stride, 0) % 2
    return Window(found.left + (odd and length % 2), found.length) if is_same(arguments) else found


def longer_same(arguments: Arguments, length: int, taps: int) -> Window:
    """[S3] A length that nobody lists, one more than L*stride."""
    found = window(arguments, length, taps)
    return Window(found.left, found.length + (arguments.stride > 1)) if is_same(arguments) else found


def dilation_up_to_2(arguments: Arguments, length: int, taps: int) -> Window:
    """[S4] SAME counts a dilation up to 2, and as 2 beyond."""
    return window(replace(arguments, dilation=min(arguments.dilation, 2)) if is_same(arguments) else arguments, length, taps)


def even_crop(arguments: Arguments, length: int, taps: int) -> Window:
    """[S5] SAME with stride 1 crops the same amount at both ends, so an odd crop leaves a sample too many."""
    found = window(arguments, length, taps)
    odd = (extent(taps, arguments.dilation) - 1) % 2
    return Window(found.left, found.length + odd) if is_same(arguments) and arguments.stride == 1 else found


def filled_kept(length: int, plain: int) -> int:
    """[R2] A result of nothing gets one sample."""
    require(plain >= 0, "the length must not be negative", length=length)
    return max(length, 1)


def negative_kept(length: int, plain: int) -> int:
    """[R3] A negative length is an empty result, a length of 0 is refused."""
    require(length != 0, "the result must have a sample", length=length)
    return max(length, 0)


def inconsistent_range(arguments: Arguments, plain: int) -> int:
    """[O3 O5] Up to the stride without dilation, any number with it."""
    more = arguments.output_padding if arguments.output_size is None else arguments.output_size - plain
    require(0 <= more and (more <= arguments.stride or arguments.dilation > 1), "the length is out of range", added=more)
    return more


def odd_range(arguments: Arguments, plain: int) -> int:
    """[O3 O5] Up to the stride where L' is even, one less where it is odd."""
    more = arguments.output_padding if arguments.output_size is None else arguments.output_size - plain
    require(0 <= more <= arguments.stride - plain % 2, "the length is out of range", added=more)
    return more


def doubled_added(arguments: Arguments, plain: int) -> int:
    """[O1] Twice the output_padding."""
    more = added(arguments, plain)
    return 2 * more if arguments.output_size is None else more


def cut_allowed(arguments: Arguments, plain: int) -> int:
    """[O6] An output_size below L' is accepted, and cuts."""
    if arguments.output_size is not None and arguments.output_size < plain:
        return arguments.output_size - plain
    return added(arguments, plain)


def size_less_one(arguments: Arguments, plain: int) -> int:
    """[O4] An output_size above L' gives one sample less."""
    more = added(arguments, plain)
    return max(more - 1, 0) if arguments.output_size is not None else more


def head_first(full: Array, view: Window, length: int) -> Array:
    """[O1] Added samples come at the head."""
    more = length - view.length
    padded = np.concatenate([np.zeros((*full.shape[:2], more), full.dtype), full], axis=2) if more > view.left else full
    start = view.left if more > view.left else view.left - more
    return cut(padded, Window(start, view.length), length)


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


def valid_marked() -> dict[str, Any]:
    """Readers that tell VALID from 0: VALID stays a string."""
    return {**RIGHT.readers, "padding": lambda value: Filled("VALID") if value == "VALID" else RIGHT.readers["padding"](value)}


def filled_valid(arguments: Arguments, length: int, taps: int) -> Window:
    """[S1] VALID fills a kernel shorter than the stride up to it."""
    if arguments.padding != "VALID":
        return window(arguments, length, taps)
    found = window(replace(arguments, padding=(0, 0)), length, taps)
    return Window(0, found.length + max(arguments.stride - extent(taps, arguments.dilation), 0))


def shifted_valid(arguments: Arguments, length: int, taps: int) -> Window:
    """[S2] VALID begins one sample late."""
    if arguments.padding != "VALID":
        return window(arguments, length, taps)
    return Window(1, window(replace(arguments, padding=(0, 0)), length, taps).length)


def windowed(found: Any) -> Parts:
    return replace(RIGHT, window=found)


def of_valid(found: Any) -> Parts:
    return replace(RIGHT, readers=valid_marked(), window=found)


def length(name: str, wrong: str, parts: Parts, *laws: str) -> Saboteur:
    return Saboteur(name=name, wrong=wrong, parts=parts, laws=laws)


RANGES = ("test_O3_output_padding_range", "test_O5_output_size_range")
SABOTEURS = (
    length("undilated-length", "the length counts no holes in the kernel", windowed(undilated_window), "test_R1_length", "test_S1_valid_length"),
    length("left-crop", "the whole crop is taken on the left", windowed(left_window), "test_P1_padding"),
    length("one-stride-more", "there is room for one more input", windowed(one_stride_more), "test_N3_conv1d_maps_back", "test_R1_length"),
    length("one-blank-sample", "a result of nothing gets one sample", replace(RIGHT, kept=filled_kept), "test_R2_length_zero"),
    length("negative-is-empty", "a negative length gives an empty result", replace(RIGHT, kept=negative_kept), "test_R3_negative_length"),
    length("filled-valid", "VALID fills a short kernel up to the stride", of_valid(filled_valid), "test_S1_valid_length", "test_S2_valid_is_no_padding"),
    length("shifted-valid", "VALID begins one sample late", of_valid(shifted_valid), "test_S2_valid_is_no_padding"),
    length("alternating-same", "SAME splits odd crops by the input's length", windowed(alternating_same), "test_S3_same"),
    length("longer-same", "SAME has one sample more than any reading", windowed(longer_same), "test_S3_same"),
    length("dilation-up-to-2", "SAME counts dilation up to 2", windowed(dilation_up_to_2), "test_S4_same_with_dilation"),
    length("even-crop", "SAME leaves a sample of an odd crop", windowed(even_crop), "test_S5_same_with_stride_one"),
    length("head-first", "output_padding lengthens the head", replace(RIGHT, cut=head_first), "test_O1_output_padding"),
    length("doubled-tail", "output_padding adds twice as many", replace(RIGHT, added=doubled_added), "test_O1_output_padding"),
    length("repeated-tail", "added samples repeat the last one", replace(RIGHT, cut=repeated_tail), "test_O2_added_samples"),
    length("tail-biased-twice", "added samples get the bias twice", replace(RIGHT, biased=twice_biased_tail), "test_O2_added_samples"),
    length("range-by-dilation", "the range is open with dilation", replace(RIGHT, added=inconsistent_range), *RANGES),
    length("range-by-parity", "the range ends at the stride or before", replace(RIGHT, added=odd_range), *RANGES),
    length("size-less-one", "output_size gives one sample less", replace(RIGHT, added=size_less_one), "test_O4_output_size"),
    length("sized-head", "output_size lengthens the head", replace(RIGHT, cut=head_first), "test_O4_output_size"),
    length("size-cuts", "an output_size below L' cuts the result", replace(RIGHT, added=cut_allowed), "test_O6_output_size_too_small"),
)
