"""How the arrays lie in memory, which decides nothing."""

from __future__ import annotations

from hypothesis import strategies as st

from convt_conformance.law import law
from convt_conformance.strategies import Strategy, Supports, ordinary_cases
from convt_conformance.trial import Trial
from convt_spec.case import Case
from convt_spec.memory import FORMS


def arranged_cases(supports: Supports) -> Strategy:
    """Every form of the arrays, the usual views more often, and plain ones, so that a refusal of some forms leaves something to judge."""
    forms = [*FORMS, "cropped", "crossed", *["plain"] * ("memory" in supports)]
    sizes = {"length": st.integers(1, 20), "kernel_size": st.integers(1, 6), "in_per_group": st.integers(1, 4)}
    return ordinary_cases(supports, memory=st.sampled_from(forms), **sizes)


@law("I16", arranged_cases)
def test_I16_memory(trial: Trial, case: Case) -> None:
    """Arrays in any arrangement are refused, or give what plain ones with the same numbers give."""
    trial.judge(case)
