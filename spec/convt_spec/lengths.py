"""Every reading of the output's length, in whole samples.

`length` is L_in, `kernel` K, `stride` s, `dilation` d, `padding` p as in SPEC.md; a window is the part of the scattered sum that
is kept: how many samples are cropped from the start (None where the reading does not say) and how many are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Window(NamedTuple):
    left: int | None
    length: int


def extent(kernel: int, dilation: int) -> int:
    """Samples that the dilated kernel spans."""
    return dilation * (kernel - 1) + 1


def full_length(length: int, kernel: int, stride: int, dilation: int) -> int:
    """[S1] Samples of the whole scattered sum, which VALID keeps."""
    return (length - 1) * stride + extent(kernel, dilation)


def printed_length(length: int, kernel: int, stride: int, dilation: int, padding: int) -> int:
    """[R1] The printed formula; may be zero or negative."""
    return full_length(length, kernel, stride, dilation) - 2 * padding


def conv1d_length(length: int, kernel: int, stride: int, dilation: int, padding: int) -> int:
    """[N3] Output length of the forward convolution over `length` samples."""
    return (length + 2 * padding - extent(kernel, dilation)) // stride + 1


def ceil_div(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)


def same_as_printed(length: int, kernel: int, stride: int, dilation: int) -> Window:
    """[S3] The printed quotient, rounded down."""
    return Window(None, (length + stride - 1) // stride)


def same_as_printed_up(length: int, kernel: int, stride: int, dilation: int) -> Window:
    """[S3] The printed quotient, rounded up."""
    return Window(None, ceil_div(length + stride - 1, stride))


def same_forward_on_input(length: int, kernel: int, stride: int, dilation: int) -> Window:
    """[S3] The padding that the forward rule gives for an input of this length, cropped from the full length."""
    total = max((ceil_div(length, stride) - 1) * stride + extent(kernel, dilation) - length, 0)
    return Window(total // 2, full_length(length, kernel, stride, dilation) - total)


def same_inverse_end(length: int, kernel: int, stride: int, dilation: int) -> Window:
    """[S3] The inverse of the forward rule, the larger crop at the end."""
    return Window(max(extent(kernel, dilation) - stride, 0) // 2, length * stride)


def same_inverse_start(length: int, kernel: int, stride: int, dilation: int) -> Window:
    """[S3] The inverse of the forward rule, the larger crop at the start."""
    return Window(ceil_div(max(extent(kernel, dilation) - stride, 0), 2), length * stride)


def same_for_asked_length(length: int, kernel: int, stride: int, dilation: int, asked: int) -> Window | None:
    """[S3] `inverse-any-length`: the crop for an asked length, None unless the forward rule maps it back to `length`."""
    if asked < 1 or ceil_div(asked, stride) != length:
        return None
    return Window(max(full_length(length, kernel, stride, dilation) - asked, 0) // 2, asked)


SAME_READINGS: dict[str, Callable[[int, int, int, int], Window]] = {
    "inverse-end": same_inverse_end,
    "inverse-start": same_inverse_start,
    "inverse-any-length": same_inverse_end,
    "forward-on-input": same_forward_on_input,
    "as-printed": same_as_printed,
    "as-printed-up": same_as_printed_up,
}
