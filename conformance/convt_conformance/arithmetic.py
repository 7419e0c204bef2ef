"""The arithmetic behind an outcome, as far as its errors tell."""

from __future__ import annotations

from collections import Counter

from convt_conformance.isolation import Implementation
from convt_conformance.judge import required_shape
from convt_conformance.outcomes import Computed, Outcome
from convt_conformance.requirements import required
from convt_conformance.strategies import natural
from convt_spec.bounds import rounding_errors
from convt_spec.case import DTYPES, Case, Reals
from convt_spec.fingerprint import fingerprint, traits
from convt_spec.interpretation import Answer, Refusal
from convt_spec.oracle import exact
from convt_spec.problem import Problem
from convt_spec.transforms import norms, transform_errors

SHOWING = tuple(
    Case(problem=Problem(in_channels=4, out_channels=3, length=60, kernel_size=5), dtype=each, data=Reals(1)) for each in DTYPES
)


def arithmetic(case: Case, outcome: Outcome, answer: Answer | Refusal) -> str:
    """The name of the arithmetic that a case over full-width numbers was computed with; empty where it does not show."""
    if not isinstance(outcome, Computed) or not isinstance(answer, Answer) or not isinstance(case.data, Reals):
        return ""
    array = outcome.array
    if array is None or array.dtype.kind != "f" or array.shape != required_shape(case, answer):
        return ""
    result, wanted = array.transpose(0, 2, 1) if case.layout == "NLC" else array, exact(case, answer)
    sums = rounding_errors(result, wanted, case.dtype).within
    transform = transform_errors(result, wanted, norms(case, answer), case.dtype).within
    return fingerprint(traits(result, wanted, case.dtype), case.dtype, sums=sums, transform=transform)


def shown(implementation: Implementation) -> Counter[str]:
    """[V7] The arithmetic in cases whose numbers show it in any event; nobody judges them."""
    supports = implementation.description.supports
    cases = [natural(each, supports) for each in SHOWING]
    return Counter(arithmetic(case, implementation.run(case), required(case, ())) for case in cases)
