"""Where the bias goes."""

from __future__ import annotations

from hypothesis import strategies as st

from convt_conformance.law import law
from convt_conformance.strategies import Strategy, Supports, widely
from convt_conformance.trial import Trial
from convt_spec.case import Case
from convt_spec.problem import OMITTED


def biased_cases(supports: Supports) -> Strategy:
    attributes = {"out_per_group": st.integers(2, 4), "bias": True, "bias_attr": OMITTED, "stride": st.integers(1, 5)}
    return widely(supports, {"length": st.integers(400, 600), "stride": st.integers(4, 6), "kernel_size": st.integers(1, 4)}, **attributes)


@law("B1", biased_cases)
def test_B1_bias_per_channel(trial: Trial, case: Case) -> None:
    """Each output channel gets its own bias, on every sample, also where no input sample reaches."""
    without = case.with_(bias=False) if case.problem.call == "function" else case.with_(bias_attr=False)
    trial.added_bias(case, without)


def unbiased_cases(supports: Supports) -> Strategy:
    return widely(supports, {"batch": st.integers(13, 64), "length": st.integers(1, 5)}, call="layer", bias_attr=False)


@law("B2", unbiased_cases)
def test_B2_no_bias(trial: Trial, case: Case) -> None:
    """A layer with bias_attr=False adds nothing."""
    trial.judge(case)
