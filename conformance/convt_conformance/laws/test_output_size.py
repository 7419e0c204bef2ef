"""output_padding and output_size: both move the right end."""

from __future__ import annotations

from functools import partial

from hypothesis import strategies as st

from convt_conformance.law import Trial, law
from convt_conformance.strategies import Strategy, Supports, calls, ordinary_cases, plain, small_cases
from convt_conformance.telling import all_cases, grid, telling_cases
from convt_spec.case import Case
from convt_spec.lengths import full_length
from convt_spec.problem import OMITTED

SIZES = st.tuples(st.integers(1, 5), st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))
"""length, kernel_size, stride, dilation"""


def added_cases(supports: Supports) -> Strategy:
    return st.integers(2, 5).flatmap(lambda stride: ordinary_cases(supports, stride=stride, output_padding=st.integers(1, stride - 1)))


@law("O1", added_cases)
def test_O1_output_padding(trial: Trial, case: Case) -> None:
    """output_padding adds as many samples at the end."""
    trial.judge(case)


def uncovered_cases(supports: Supports) -> Strategy:
    return st.integers(2, 5).flatmap(
        lambda stride: ordinary_cases(
            supports,
            stride=stride,
            output_padding=st.integers(1, stride - 1),
            padding=st.integers(1, 3),
            kernel_size=st.integers(7, 9),
            bias=True,
            bias_attr=OMITTED,
        )
    )


UNCOVERED_GRID = {"length": (1, 2), "kernel_size": (2, 3, 4), "stride": (2,), "padding": (1,), "output_padding": (1,), "bias": (True,)}


@law("O2", uncovered_cases, first=partial(telling_cases, "O2", grid(**UNCOVERED_GRID)))
def test_O2_added_samples(trial: Trial, case: Case) -> None:
    """The added samples are uncovered from the crop, or hold the bias only, or nothing."""
    trial.judge(case)


def output_padding_range_cases(supports: Supports) -> Strategy:
    padding = OMITTED if "padding" in supports else "VALID"
    return SIZES.flatmap(
        lambda s: small_cases(
            supports,
            call=calls(supports),
            length=s[0], kernel_size=s[1], stride=s[2], dilation=s[3], padding=padding,
            output_padding=st.integers(max(s[2] - 1, 0), s[2] + 2),
        )
    )  # fmt: skip


RANGE_GRID = {"length": (1,), "kernel_size": (1, 2), "stride": (1, 2, 3), "dilation": (1, 2, 3), "output_padding": (0, 1, 2, 3, 4)}


@law("O3", output_padding_range_cases, first=partial(all_cases, grid(**RANGE_GRID)))
def test_O3_output_padding_range(trial: Trial, case: Case) -> None:
    """output_padding reaches up to the stride, or to one less, or is not bounded."""
    trial.judge(case)


def asked_cases(supports: Supports, low: int, high: int) -> Strategy:
    """Calls with an output_size from `low` to `high` samples beyond the printed length, counted in strides for a `high` of 0."""
    padding = OMITTED if "padding" in supports else "VALID"
    return SIZES.flatmap(
        lambda s: small_cases(
            supports,
            call=st.sampled_from(["function", "layer"] if "layer" in supports else ["function"]),
            length=s[0], kernel_size=s[1], stride=s[2], dilation=s[3], padding=padding,
            output_size=st.integers(low if high else 0, high or s[2] - 1).map(lambda more: full_length(*s) + more),
        )
    )  # fmt: skip


@law("O4", lambda supports: asked_cases(supports, 0, 0))
def test_O4_output_size(trial: Trial, case: Case) -> None:
    """output_size chooses the length, and moves the right end only."""
    trial.judge(case)


def output_size_range_cases(supports: Supports) -> Strategy:
    padding = OMITTED if "padding" in supports else "VALID"
    return SIZES.flatmap(
        lambda s: small_cases(
            supports,
            call=calls(supports),
            length=s[0], kernel_size=s[1], stride=s[2], dilation=s[3], padding=padding,
            output_size=st.integers(s[2] - 1, s[2] + 2).map(lambda more: full_length(*s) + more),
        )
    )  # fmt: skip


SIZE_GRID = {"call": ("function", "layer"), "length": (1, 2), "kernel_size": (1, 2), "stride": (1, 2, 3), "output_size": tuple(range(1, 9))}


def output_size_borders() -> list[Case]:
    """Small calls with an output_size from L' on."""

    def shortest(case: Case) -> int:
        return full_length(case.problem.length, case.problem.kernel_size, plain(case.problem.stride), 1)

    return [case for case in all_cases(grid(**SIZE_GRID)) if plain(case.problem.output_size) >= shortest(case)]


@law("O5", output_size_range_cases, first=output_size_borders)
def test_O5_output_size_range(trial: Trial, case: Case) -> None:
    """output_size reaches up to L' + stride, or to one less, or is not bounded."""
    trial.judge(case)


def short_cases(supports: Supports) -> Strategy:
    padding = OMITTED if "padding" in supports else "VALID"
    return SIZES.filter(lambda s: full_length(*s) > 1).flatmap(
        lambda s: small_cases(
            supports,
            call=calls(supports),
            length=s[0], kernel_size=s[1], stride=s[2], dilation=s[3], padding=padding,
            output_size=st.integers(1, full_length(*s) - 1),
        )
    )  # fmt: skip


@law("O6", short_cases)
def test_O6_output_size_too_small(trial: Trial, case: Case) -> None:
    """An output_size below L' is refused."""
    trial.judge(case)


def layer_size_cases(supports: Supports) -> Strategy:
    return SIZES.flatmap(
        lambda s: small_cases(
            supports,
            call="layer",
            length=s[0], kernel_size=s[1], stride=s[2], dilation=s[3],
            output_size=st.integers(0, s[2] - 1).map(lambda more: full_length(*s) + more),
        )
    )  # fmt: skip


@law("O7", layer_size_cases)
def test_O7_output_size_in_the_call(trial: Trial, case: Case) -> None:
    """The layer takes output_size where it is called, or not at all."""
    trial.judge(case)
