"""The kernel's axes and orientation."""

from __future__ import annotations

from hypothesis import strategies as st

from convt_conformance.law import law
from convt_conformance.outcomes import Rejected
from convt_conformance.strategies import Strategy, Supports, calls, small_cases, widely
from convt_conformance.trial import Trial
from convt_spec.case import Case, Literal
from convt_spec.data import numbers
from convt_spec.problem import OMITTED


def axes_cases(supports: Supports) -> Strategy:
    """Unequal channels, so that the kernel's shape shows which axes it has."""
    sizes = {"in_per_group": st.integers(1, 2), "out_per_group": st.integers(3, 4)}
    return small_cases(supports, call=calls(supports), weight=st.sampled_from(["in-out", "out-in"]), **sizes)


def judge_axes(trial: Trial, case: Case) -> None:
    """Judge a case whose refusal may mean its axes, unless the call is refused whatever the axes."""
    axes = ("in-out", "out-in", "undivided") if case.problem.call == "layer" and case.problem.group_count > 1 else ("in-out", "out-in")
    outcomes = [trial.run(case.with_(weight=name)) for name in axes]
    refused = all(isinstance(outcome, Rejected) for outcome in outcomes)
    trial.require(case.with_(weight="in-out"), not refused, str(outcomes[0]), "a result under one of the axes", kind="rejects-valid")
    trial.judge(case)


@law("W1", axes_cases)
def test_W1_kernel_axes(trial: Trial, case: Case) -> None:
    """A kernel handed over with one reading's axes is accepted and used so; with the other's it is refused."""
    judge_axes(trial, case)


def grouped_axes_cases(supports: Supports) -> Strategy:
    """A function cannot know an undivided kernel from one of more output channels, so that one goes to the layer."""
    sizes = {"in_per_group": st.integers(1, 2), "out_per_group": st.integers(3, 4), "groups": st.integers(2, 3)}
    function = small_cases(supports, call="function", weight=st.sampled_from(["in-out", "out-in"]), **sizes)
    layer = small_cases(supports, call="layer", weight=st.sampled_from(["in-out", "out-in", "undivided"]), **sizes)
    return st.one_of([each for name, each in (("function", function), ("layer", layer)) if name in supports])


@law("W2", grouped_axes_cases)
def test_W2_grouped_kernel_axes(trial: Trial, case: Case) -> None:
    """As W1, with several groups: the output channels are divided, or the input channels, or neither."""
    judge_axes(trial, case)


def single_sample_cases(supports: Supports) -> Strategy:
    padding = OMITTED if "padding" in supports else "VALID"
    return widely(supports, {"kernel_size": st.integers(81, 300)}, kernel_size=st.integers(2, 7), length=1, padding=padding)


@law("W3", single_sample_cases)
def test_W3_kernel_not_reversed(trial: Trial, case: Case) -> None:
    """A single input sample of 1 brings out the kernel in its own order."""
    problem = case.problem
    count = problem.batch * problem.in_channels
    weight = tuple(int(number) for number in numbers(case).weight.reshape(-1))
    bias = (0,) * problem.out_channels if problem.has_bias else ()
    trial.judge(Case(problem=problem, dtype=case.dtype, data=Literal((1,) * count, weight, bias)))
