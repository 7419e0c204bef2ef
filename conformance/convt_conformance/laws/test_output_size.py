"""output_padding and output_size: both move the right end."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import strategies as st

from convt_conformance.law import law
from convt_conformance.strategies import Strategy, Supports, asked, calls, in_company, ordinary_cases, small_cases, unpadded, varied
from convt_conformance.telling import all_cases, grid, telling_cases
from convt_conformance.trial import Trial
from convt_spec.case import Case
from convt_spec.lengths import SAME_READINGS, full_length, printed_length
from convt_spec.problem import OMITTED, plain

SIZES = st.tuples(st.integers(1, 5), st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))
"""length, kernel_size, stride, dilation"""


def by_stride(cases: Callable[..., Strategy]) -> Strategy:
    """Cases with an output_padding below their stride; half of them with a wide stride, and more added than any other law draws."""

    def wide(stride: int) -> Strategy:
        return cases(stride, output_padding=st.integers(stride // 2, stride - 1), length=st.integers(17, 60))

    small = st.integers(2, 5).flatmap(lambda stride: cases(stride, output_padding=st.integers(1, stride - 1)))
    return small | st.integers(12, 16).flatmap(wide)


def added_cases(supports: Supports) -> Strategy:
    return by_stride(lambda stride, **others: ordinary_cases(supports, stride=stride, **others))


@law("O1", added_cases, free=("O2",))
def test_O1_output_padding(trial: Trial, case: Case) -> None:
    """output_padding adds as many samples at the end, and leaves those before as they are."""
    trial.judge(case)


def uncovered_cases(supports: Supports) -> Strategy:
    pins = {"padding": st.integers(1, 3), "kernel_size": st.integers(7, 9), "bias": True, "bias_attr": OMITTED}
    return by_stride(lambda stride, **others: ordinary_cases(supports, stride=stride, **pins, **others))


UNCOVERED_GRID = {"length": (1, 2), "kernel_size": (2, 3, 4), "stride": (2,), "padding": (1,), "output_padding": (1,), "bias": (True,)}


@law("O2", uncovered_cases, first=partial(telling_cases, "O2", grid(**UNCOVERED_GRID)))
def test_O2_added_samples(trial: Trial, case: Case) -> None:
    """The added samples are uncovered from the crop, or hold the bias only, or nothing."""
    trial.judge(case)


def bordering_cases(supports: Supports) -> Strategy:
    """An output_padding around the stride; with a crop, whose added samples have readings of their own, only one beyond it."""

    def bordering(s: tuple[int, int, int, int]) -> Strategy:
        sizes = {"length": s[0], "kernel_size": s[1], "stride": s[2], "dilation": s[3]}
        pins = {"call": calls(supports), **varied(supports), **sizes}
        most = (full_length(*s) - 1) // 2 if "padding" in supports else 0
        uncropped = small_cases(supports, **pins, padding=unpadded(supports), output_padding=st.integers(s[2] - 1, s[2] + 2))
        cropped = small_cases(supports, **pins, padding=st.integers(1, max(most, 1)), output_padding=st.integers(s[2] + 1, s[2] + 2))
        return uncropped | cropped if most else uncropped

    return SIZES.flatmap(bordering)


RANGE_GRID = {"length": (1,), "kernel_size": (1, 2), "stride": (1, 2, 3), "dilation": (1, 2, 3), "output_padding": (0, 1, 2, 3, 4)}


@law("O3", bordering_cases, first=partial(all_cases, grid(**RANGE_GRID)))
def test_O3_output_padding_range(trial: Trial, case: Case) -> None:
    """output_padding reaches up to the stride, or to one less, or is not bounded."""
    trial.judge(case)


def asked_cases(supports: Supports) -> Strategy:
    """Calls with an output_size from the printed length on, less than a stride beyond, also with a crop."""
    paddings = st.sampled_from([OMITTED, 1, "VALID"] if "padding" in supports else ["VALID"])
    return st.tuples(SIZES, paddings).flatmap(
        lambda drawn: small_cases(
            supports,
            call=calls(supports),
            length=drawn[0][0] + 2, kernel_size=drawn[0][1], stride=drawn[0][2], dilation=drawn[0][3], padding=drawn[1],
            output_size=st.integers(0, drawn[0][2] - 1).map(lambda more: shortest(drawn[0], drawn[1]) + more),
            **varied(supports),
        )
    )  # fmt: skip


def shortest(sizes: tuple[int, int, int, int], padding: Any) -> int:
    """L' of an input two samples longer than `sizes` says."""
    return printed_length(sizes[0] + 2, *sizes[1:], 1 if padding == 1 else 0)


def long_asked_cases(supports: Supports) -> Strategy:
    """The same with more samples and taps, every argument passed."""
    passed: dict[str, Any] = {
        "stride": st.integers(1, 5),
        "dilation": st.integers(1, 4),
        "groups": st.integers(1, 3),
        "padding": st.integers(1, 4),
    }
    pins = {name: drawn if name in (*supports, "stride") else OMITTED for name, drawn in passed.items()}
    pins["padding"] = pins["padding"] if "padding" in supports else "VALID"
    return ordinary_cases(supports, length=st.integers(13, 60), kernel_size=st.integers(5, 9), dtype="float32", **pins).map(asked)


@law("O4", lambda supports: asked_cases(supports) | long_asked_cases(supports), every=True)
def test_O4_output_size(trial: Trial, case: Case) -> None:
    """output_size chooses the length, and moves the right end only."""
    trial.judge(case)


SIZE_GRID = {"call": ("function", "layer"), "length": (1, 2), "kernel_size": (1, 2), "stride": (1, 2, 3), "output_size": tuple(range(1, 9))}


def output_size_borders() -> list[Case]:
    """Small calls with an output_size from L' on."""

    def shortest(case: Case) -> int:
        return full_length(case.problem.length, case.problem.kernel_size, plain(case.problem.stride), 1)

    return [case for case in all_cases(grid(**SIZE_GRID)) if plain(case.problem.output_size) >= shortest(case)]


@law("O5", lambda supports: bordering_cases(supports).map(asked), first=output_size_borders)
def test_O5_output_size_range(trial: Trial, case: Case) -> None:
    """output_size reaches up to L' + stride, or to one less, or is not bounded."""
    trial.judge(case)


def least(case: Case) -> int:
    """The smallest length that some reading gives a call."""
    problem = case.problem
    sizes = (problem.length, problem.kernel_size, plain(problem.stride), plain(problem.dilation))
    if problem.padding == "SAME":
        return min(reading(*sizes[:3], dilation).length for reading in SAME_READINGS.values() for dilation in (1, sizes[3]))
    return printed_length(*sizes, plain(problem.padding, 0))


@st.composite
def short_cases(draw: st.DrawFn, /, supports: Supports) -> Case:
    """Any crop, and a length below that of all readings."""
    padding = {"padding": "SAME"} if "SAME" in supports and draw(st.integers(0, 3)) == 0 else {}
    case = draw(in_company(supports, stride=st.integers(1, 4), output_padding=OMITTED, **padding))
    return case.with_(output_size=draw(st.integers(-1, max(least(case), 1) - 1)))


@law("O6", short_cases)
def test_O6_output_size_too_small(trial: Trial, case: Case) -> None:
    """An output_size below L' is refused."""
    trial.judge(case)


def layer_size_cases(supports: Supports) -> Strategy:
    """Every attribute, and a length that all readings of the range allow."""

    def asking(drawn: tuple[Case, int]) -> Case:
        case, more = asked(drawn[0]), drawn[1]
        return case.with_(output_size=plain(case.problem.output_size) + more % plain(case.problem.stride))

    cases = ordinary_cases(supports, call="layer", length=st.integers(1, 9), output_padding=OMITTED)
    return st.tuples(cases, st.integers(0, 59)).map(asking)


@law("O7", layer_size_cases)
def test_O7_output_size_in_the_call(trial: Trial, case: Case) -> None:
    """The layer takes output_size where it is called, or not at all."""
    trial.judge(case)
