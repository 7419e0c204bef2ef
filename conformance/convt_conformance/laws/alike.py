"""Two calls that mean the same: neither may be refused where the other is computed."""

from __future__ import annotations

from convt_conformance.outcomes import Computed, Rejected
from convt_conformance.trial import Trial
from convt_spec.case import Case


def require_accepted(trial: Trial, case: Case, other: Case) -> None:
    """Raise Deviation when `case` is refused although `other`, which asks for the same numbers, is computed."""
    outcome = trial.implementation.run(case)
    if isinstance(outcome, Rejected) and isinstance(trial.implementation.run(other), Computed):
        trial.require(case, False, str(outcome), f"a result, as for {other}", kind="rejects-valid")


def judge_like(trial: Trial, case: Case, other: Case) -> None:
    """Judge a case that asks for the same numbers as `other`, and may be refused only where that is refused too."""
    refusals = trial.refusals
    trial.judge(case)
    if trial.refusals > refusals:
        require_accepted(trial, case, other)
