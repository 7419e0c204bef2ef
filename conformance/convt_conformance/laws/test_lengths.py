"""How many samples come out."""

from __future__ import annotations

from functools import partial

from hypothesis import strategies as st

from convt_conformance.judge import SHAPE
from convt_conformance.law import law
from convt_conformance.requirements import required
from convt_conformance.strategies import LONG, Strategy, Supports, also_asked, calls, ordinary_cases, plain, small_cases, widely
from convt_conformance.telling import grid, telling_cases
from convt_conformance.trial import Trial
from convt_spec.case import Case
from convt_spec.interpretation import Answer
from convt_spec.lengths import conv1d_length, full_length
from convt_spec.problem import OMITTED


def long_cases(supports: Supports) -> Strategy:
    padding = st.integers(0, 1) if "padding" in supports else "VALID"
    return widely(supports, {**LONG, "groups": OMITTED, "padding": padding}, output_padding=OMITTED)


@law("R1", long_cases, aspects=SHAPE)
def test_R1_length(trial: Trial, case: Case) -> None:
    """The length is what the printed formula gives."""
    trial.judge(case)


def empty_cases(supports: Supports) -> Strategy:
    """An even full length and a padding of half of it."""
    sizes = st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 3), st.just(1)).filter(lambda s: full_length(*s) % 2 == 0)
    return sizes.flatmap(
        lambda s: small_cases(supports, call=calls(supports), length=s[0], kernel_size=s[1], stride=s[2], padding=full_length(*s) // 2)
    )


@law("R2", empty_cases, first=partial(telling_cases, "R2", grid(length=(1, 2), kernel_size=(1, 2), padding=(1, 2))))
def test_R2_length_zero(trial: Trial, case: Case) -> None:
    """A call whose length comes out as 0 is refused, or gives an empty result."""
    trial.judge(case)


def negative_cases(supports: Supports) -> Strategy:
    """At most 5 samples, and a padding that takes at least 6."""
    sizes = {"length": st.integers(1, 3), "kernel_size": st.integers(1, 3)}
    return small_cases(supports, call=calls(supports), padding=st.integers(3, 6), **sizes)


@law("R3", negative_cases)
def test_R3_negative_length(trial: Trial, case: Case) -> None:
    """A call whose length comes out below 0 is refused."""
    trial.judge(case)


@law("N3", lambda supports: also_asked(supports, ordinary_cases(supports)))
def test_N3_conv1d_maps_back(trial: Trial, case: Case) -> None:
    """conv1d with the same arguments maps the output's length back to that of the input, where less than a stride is added."""
    wanted = required(case, ())
    result = trial.compute(case)
    if result is None or not isinstance(wanted, Answer) or wanted.added >= wanted.stride:
        return
    problem = case.problem
    padding = plain(problem.padding, 0)
    back = conv1d_length(result.shape[2], problem.kernel_size, plain(problem.stride), plain(problem.dilation), padding)
    trial.effective += 1
    observed, expected = f"{result.shape[2]} samples, which conv1d maps to {back}", f"a length that conv1d maps to {problem.length}"
    trial.require(case, back == problem.length, observed, expected)
