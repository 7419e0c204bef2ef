"""Lengths: the printed formula against the forward one, and every way to write SAME."""

from __future__ import annotations

from itertools import product

import pytest

from convt_spec.lengths import (
    SAME_READINGS,
    Window,
    ceil_div,
    conv1d_length,
    extent,
    full_length,
    printed_length,
    same_for_asked_length,
)

GRID = list(product(range(1, 8), range(1, 6), range(1, 6), range(1, 4)))
"""Length, kernel, stride and dilation."""


def test_extent_counts_the_samples_between_the_first_and_the_last_tap() -> None:
    for kernel, dilation in product(range(1, 7), range(1, 5)):
        taps = [k * dilation for k in range(kernel)]
        assert extent(kernel, dilation) == len(range(taps[0], taps[-1] + 1))


def test_S1_full_length_ends_at_the_last_tap_of_the_last_input() -> None:
    for length, kernel, stride, dilation in GRID:
        reached = max(i * stride + k * dilation for i in range(length) for k in range(kernel))
        assert full_length(length, kernel, stride, dilation) == reached + 1


@pytest.mark.parametrize(
    ("call", "expected"),
    [((5, 3, 2, 1, 0), 11), ((5, 3, 2, 1, 1), 9), ((5, 1, 2, 1, 0), 9), ((4, 3, 2, 2, 1), 9), ((1, 2, 1, 1, 1), 0), ((1, 1, 1, 1, 1), -1)],
)
def test_R1_printed_length_golden(call: tuple[int, int, int, int, int], expected: int) -> None:
    assert printed_length(*call) == expected


def test_N3_forward_maps_the_lengths_below_one_stride_more_back() -> None:
    """From L' to L' + s - 1 the forward length is L; at L' + s, the printed range's closed end, it is L + 1."""
    for (length, kernel, stride, dilation), padding in product(GRID, range(4)):
        printed = printed_length(length, kernel, stride, dilation, padding)
        back = [conv1d_length(printed + more, kernel, stride, dilation, padding) for more in range(-1, stride + 1)]
        assert back == [length - 1] + [length] * stride + [length + 1], (length, kernel, stride, dilation, padding)


@pytest.mark.parametrize("numerator", [-7, -6, -1, 0, 1, 5, 6, 7])
def test_ceil_div_rounds_up(numerator: int) -> None:
    quotient = ceil_div(numerator, 3)
    assert 3 * (quotient - 1) < numerator <= 3 * quotient


SAME = {
    # length, kernel, stride, dilation: (left, length) for inverse-end, inverse-start, forward-on-input; printed down, printed up
    (5, 3, 2, 1): ((0, 10), (1, 10), (1, 9), 3, 3),
    (4, 3, 2, 1): ((0, 8), (1, 8), (0, 8), 2, 3),
    (5, 4, 2, 1): ((1, 10), (1, 10), (1, 9), 3, 3),
    (5, 2, 2, 1): ((0, 10), (0, 10), (0, 9), 3, 3),
    (5, 1, 3, 1): ((0, 15), (0, 15), (0, 13), 2, 3),
    (6, 2, 4, 1): ((0, 24), (0, 24), (0, 22), 2, 3),
    (5, 3, 2, 2): ((1, 10), (2, 10), (2, 9), 3, 3),
    (7, 4, 3, 3): ((3, 21), (4, 21), (4, 19), 3, 3),
    (3, 6, 2, 1): ((2, 6), (2, 6), (2, 5), 2, 2),
    (5, 4, 1, 1): ((1, 5), (2, 5), (1, 5), 5, 5),
    (1, 3, 2, 1): ((0, 2), (1, 2), (1, 1), 1, 1),
}


@pytest.mark.parametrize("call", SAME)
def test_S3_same_windows_golden(call: tuple[int, int, int, int]) -> None:
    end, start, forward, down, up = SAME[call]
    assert {reading: tuple(rule(*call)) for reading, rule in SAME_READINGS.items()} == {
        "inverse-end": end,
        "inverse-start": start,
        "inverse-any-length": end,
        "forward-on-input": forward,
        "as-printed": (None, down),
        "as-printed-up": (None, up),
    }


def test_S5_all_same_readings_agree_in_length_at_stride_1() -> None:
    for length, kernel, _, dilation in GRID:
        assert {rule(length, kernel, 1, dilation).length for rule in SAME_READINGS.values()} == {length}


def test_S3_inverse_lengths_are_the_longest_that_the_forward_rule_maps_back() -> None:
    for (length, kernel, stride, dilation), reading in product(GRID, ("inverse-end", "inverse-start")):
        found = SAME_READINGS[reading](length, kernel, stride, dilation).length
        assert (ceil_div(found, stride), ceil_div(found + 1, stride)) == (length, length + 1)


def test_S3_inverse_crops_where_the_forward_rule_pads() -> None:
    """The forward rule pads max((L-1)*s + ext - L_out, 0) samples, half of them at the start, the odd one at the end or at the start."""
    for length, kernel, stride, dilation in GRID:
        padded = max((length - 1) * stride + extent(kernel, dilation) - length * stride, 0)
        end, start = (SAME_READINGS[reading](length, kernel, stride, dilation).left for reading in ("inverse-end", "inverse-start"))
        assert end is not None
        assert start is not None
        assert end + start == padded
        assert 0 <= start - end <= 1


def test_S3_forward_on_input_crops_what_the_forward_rule_pads_for_the_input() -> None:
    for length, kernel, stride, dilation in GRID:
        kept = len(range(0, length, stride))
        padded = max((kept - 1) * stride + extent(kernel, dilation) - length, 0)
        found = SAME_READINGS["forward-on-input"](length, kernel, stride, dilation)
        assert found == Window(padded // 2, full_length(length, kernel, stride, dilation) - padded)
        assert found.length >= 1


def test_S3_an_asked_length_is_accepted_where_the_forward_rule_maps_it_back() -> None:
    for length, kernel, stride, dilation in GRID:
        accepted = [n for n in range(-2, length * stride + 3) if same_for_asked_length(length, kernel, stride, dilation, n) is not None]
        assert accepted == list(range((length - 1) * stride + 1, length * stride + 1))


def test_S3_an_asked_length_of_all_inputs_is_the_inverse() -> None:
    for length, kernel, stride, dilation in GRID:
        asked = same_for_asked_length(length, kernel, stride, dilation, length * stride)
        assert asked == SAME_READINGS["inverse-end"](length, kernel, stride, dilation)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ((5, 3, 2, 1, 9), Window(1, 9)),
        ((5, 3, 2, 1, 10), Window(0, 10)),
        ((5, 3, 2, 1, 11), None),
        ((5, 3, 2, 1, 8), None),
        ((3, 4, 3, 2, 7), Window(3, 7)),
        ((3, 4, 3, 2, 8), Window(2, 8)),
        ((2, 1, 4, 1, 7), Window(0, 7)),
        ((1, 3, 2, 1, 0), None),
        ((0, 3, 2, 1, 0), None),
    ],
)
def test_S3_an_asked_length_golden(call: tuple[int, int, int, int, int], expected: Window | None) -> None:
    assert same_for_asked_length(*call) == expected
