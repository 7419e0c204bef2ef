"""The arithmetic behind an outcome, as far as its errors tell."""

from __future__ import annotations

from convt_conformance.judge import required_shape
from convt_conformance.outcomes import Computed, Outcome
from convt_spec.bounds import rounding_errors
from convt_spec.case import Case, Reals
from convt_spec.fingerprint import fingerprint, traits
from convt_spec.interpretation import Answer, Refusal
from convt_spec.oracle import exact
from convt_spec.transforms import norms, transform_errors


def arithmetic(case: Case, outcome: Outcome, required: Answer | Refusal) -> str:
    """The name of the arithmetic that a case over full-width numbers was computed with; empty where it does not show."""
    if not isinstance(outcome, Computed) or not isinstance(required, Answer) or not isinstance(case.data, Reals):
        return ""
    array = outcome.array
    if array is None or array.dtype.kind != "f" or array.shape != required_shape(case, required):
        return ""
    result, wanted = array.transpose(0, 2, 1) if case.layout == "NLC" else array, exact(case, required)
    sums = rounding_errors(result, wanted, case.dtype).within
    transform = transform_errors(result, wanted, norms(case, required), case.dtype).within
    return fingerprint(traits(result, wanted, case.dtype), case.dtype, sums=sums, transform=transform)
