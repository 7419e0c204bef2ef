"""Numbers at the rims of the dtype: not finite, subnormal, large, zeros of either sign."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import strategies as st

from convt_conformance.judge import Mismatch
from convt_conformance.law import law
from convt_conformance.strategies import Strategy, Supports, ordinary_cases
from convt_conformance.trial import Refutation, Trial
from convt_spec.case import Case, Special, SpecialKind

SHORT = {"length": st.integers(1, 12), "kernel_size": st.integers(1, 5)}


def special_cases(supports: Supports, kind: SpecialKind, **pins: Any) -> Strategy:
    """Short calls over numbers of one special kind."""
    assert kind in get_args(SpecialKind)
    data = st.integers(0, 2**16 - 1).map(lambda seed: Special(kind, seed))
    return ordinary_cases(supports, data=data, **{**SHORT, **pins})


def judge_by_width(trial: Trial, case: Case, narrow: str, wide: str) -> None:
    """Judge a case where `wide` allows all that `narrow` does: it counts as refuted until something is seen that only it allows."""
    held = trial.fits[narrow]
    trial.judge(case)
    if not {narrow, wide} <= set(trial.readings):
        return
    if narrow in trial.refuted:
        trial.refuted.pop(wide, None)
    elif trial.fits[narrow] > held:
        trial.effective += 1
        if wide not in trial.refuted or case.size < trial.refuted[wide].case.size:
            seen = Mismatch(
                verdict="deviates", kind="value", observed=f"what {narrow} asks for", required=f"a sample as only {wide} allows"
            )
            trial.refuted[wide] = Refutation(case=case, found=seen)


@law("V8", lambda supports: special_cases(supports, "nonfinite"))
def test_V8_not_finite(trial: Trial, case: Case) -> None:
    """NaN and infinities come out where they go in, and perhaps in other samples of the same item."""
    judge_by_width(trial, case, "local", "spread")


def tiny_cases(supports: Supports) -> Strategy:
    """Items with subnormal results, alone or beside items with ordinary ones, where a bias would be lost; and small normal results.

    The first in float32, where a transform in double has room: one of float64 rounds to the steps of the subnormal numbers in each stage.
    """
    dtype = "float32" if "float32" in supports else "float64"
    subnormal = special_cases(supports, "subnormal", batch=st.sampled_from([1, 2, 3]), bias=False, bias_attr=False, dtype=dtype)
    return subnormal | special_cases(supports, "tiny")


@law("V9", tiny_cases)
def test_V9_subnormal(trial: Trial, case: Case) -> None:
    """Subnormal results are right, or some of them 0; the others are right, however small."""
    judge_by_width(trial, case, "kept", "flushed")


def large_cases(supports: Supports) -> Strategy:
    """Results near the overflow of the dtype, and whole numbers of one sign whose sums are beyond that of integers."""
    sizes = {"length": st.integers(3, 9), "kernel_size": st.integers(3, 5), "stride": st.integers(1, 2)}
    dtype = "float64" if "float64" in supports else "float32"
    return special_cases(supports, "large") | special_cases(supports, "wide", dtype=dtype, **sizes)


@law("V10", large_cases)
def test_V10_large(trial: Trial, case: Case) -> None:
    """Results near the overflow are as exact as small ones."""
    trial.judge(case)


@law("V11", lambda supports: special_cases(supports, "zeros"))
def test_V11_zeros(trial: Trial, case: Case) -> None:
    """Zeros of either sign, anywhere in the arrays, add nothing."""
    trial.judge(case)
