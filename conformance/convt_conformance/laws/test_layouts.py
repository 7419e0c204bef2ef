"""Where the axes of input and output stand."""

from __future__ import annotations

from hypothesis import strategies as st

from convt_conformance.judge import SHAPE
from convt_conformance.law import law
from convt_conformance.strategies import Strategy, Supports, calls, in_any_form, in_company, ordinary_cases, small_cases, widely
from convt_conformance.trial import Trial
from convt_spec.case import Case


def apart(supports: Supports, layout: str) -> Strategy:
    """No two sizes alike, so that a swapped axis shows; also blocks of many channels and samples."""
    sizes = {"batch": 1, "in_per_group": 2, "out_per_group": st.integers(3, 4), "length": st.integers(5, 9)}
    dtype = st.sampled_from(["float32", "float64"])
    pins = {"call": calls(supports), "data_format": layout, "stride": st.integers(1, 3), "dtype": dtype}
    wide = {**sizes, "in_per_group": st.integers(10, 40), "length": st.integers(10, 40)}
    return small_cases(supports, **pins, **sizes) | small_cases(supports, **pins, **wide)


@law("L1", lambda supports: apart(supports, "NCL"), every=True)
def test_L1_channels_first(trial: Trial, case: Case) -> None:
    """NCL input gives NCL output."""
    trial.judge(case)


@law("L2", lambda supports: apart(supports, "NLC"), every=True)
def test_L2_channels_last(trial: Trial, case: Case) -> None:
    """NLC input gives NLC output."""
    trial.judge(case)


@law("L3", lambda supports: in_any_form(ordinary_cases(supports, data_format="NCL")))
def test_L3_same_numbers(trial: Trial, case: Case) -> None:
    """The same call in both layouts gives the same numbers."""
    other = case.with_(data_format="NLC")
    first, last = trial.compute(case), trial.compute(other)
    if first is not None and last is not None:
        trial.equal(last, first, case, other)


OTHER_FORMATS = st.sampled_from(["LNC", "LCN", "CNL", "NHWC", "ABC"])


@law("L4", lambda supports: in_company(supports, data_format=OTHER_FORMATS))
def test_L4_other_formats(trial: Trial, case: Case) -> None:
    """Any other data_format is refused."""
    trial.judge(case)


def thin_cases(supports: Supports) -> Strategy:
    thin = {"in_per_group": st.integers(1, 2), "length": st.integers(1, 3)}
    return widely(supports, {"batch": st.integers(13, 64)}, batch=st.integers(1, 2), **thin)


@law("V6", thin_cases, aspects=SHAPE)
def test_V6_three_axes(trial: Trial, case: Case) -> None:
    """The output has three axes of the documented sizes, also where some of them are 1."""
    trial.judge(case)
