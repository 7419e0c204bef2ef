"""What a call does beside returning a result: nothing."""

from __future__ import annotations

from convt_conformance.law import Trial, law
from convt_conformance.outcomes import Computed
from convt_conformance.strategies import ordinary_cases
from convt_spec.case import Case


@law("I13", ordinary_cases)
def test_I13_inputs_unchanged(trial: Trial, case: Case) -> None:
    """Input, kernel and bias hold the same bytes after the call."""
    outcome = trial.run(case)
    if isinstance(outcome, Computed):
        trial.effective += 1
        trial.require(case, not outcome.changed_input, "an argument was written to", "untouched arguments", kind="changes-input")


@law("I14", ordinary_cases)
def test_I14_same_again(trial: Trial, case: Case) -> None:
    """The same call a second time, with another between, gives the same bytes."""
    first, _, second = trial.run(case), trial.run(case.with_(length=case.problem.length + 1)), trial.run(case)
    if not isinstance(first, Computed) or first.array is None:
        return
    trial.effective += 1
    same = isinstance(second, Computed) and second.array is not None and first.array.tobytes() == second.array.tobytes()
    trial.require(case, same, f"{second} the second time", str(first), kind="not-deterministic")
