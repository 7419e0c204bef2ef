"""How many samples come out."""

from __future__ import annotations

from functools import partial
from typing import Any

from hypothesis import strategies as st

from convt_conformance.judge import SHAPE
from convt_conformance.law import law
from convt_conformance.requirements import required
from convt_conformance.strategies import (
    LONG,
    Strategy,
    Supports,
    also_asked,
    calls,
    forms,
    in_company,
    ordinary_cases,
    small_cases,
    varied,
    widely,
)
from convt_conformance.telling import grid, telling_cases
from convt_conformance.trial import Trial
from convt_spec.case import Case
from convt_spec.interpretation import Answer
from convt_spec.lengths import conv1d_length, full_length
from convt_spec.problem import OMITTED, plain


def long_cases(supports: Supports) -> Strategy:
    padding = st.integers(0, 1) if "padding" in supports else "VALID"
    return widely(supports, {**LONG, "groups": OMITTED, "padding": padding}, output_padding=OMITTED)


@law("R1", long_cases, aspects=SHAPE)
def test_R1_length(trial: Trial, case: Case) -> None:
    """The length is what the printed formula gives."""
    trial.judge(case)


def sizes(supports: Supports) -> st.SearchStrategy[tuple[int, int, int, int]]:
    """length, kernel_size, stride, dilation"""
    dilations = st.integers(1, 2) if "dilation" in supports else st.just(1)
    return st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 3), dilations)


def named(sizes: tuple[int, int, int, int]) -> dict[str, Any]:
    """The sizes as attributes; the dilation is left out where it is 1."""
    length, kernel_size, stride, dilation = sizes
    return {"length": length, "kernel_size": kernel_size, "stride": stride, "dilation": dilation if dilation > 1 else OMITTED}


def empty_cases(supports: Supports) -> Strategy:
    """An even full length and a padding of half of it."""
    return (
        sizes(supports)
        .filter(lambda s: full_length(*s) % 2 == 0)
        .flatmap(lambda s: small_cases(supports, call=calls(supports), padding=full_length(*s) // 2, **named(s), **varied(supports)))
    )


@law("R2", empty_cases, first=partial(telling_cases, "R2", grid(length=(1, 2), kernel_size=(1, 2), padding=(1, 2))))
def test_R2_length_zero(trial: Trial, case: Case) -> None:
    """A call whose length comes out as 0 is refused, or gives an empty result."""
    trial.judge(case)


def negative_cases(supports: Supports) -> Strategy:
    """A padding that takes more than there is, and nothing added."""

    def cropped(drawn: tuple[Case, int, int]) -> Case:
        case, more, form = drawn
        problem = case.problem
        full = full_length(problem.length, problem.kernel_size, plain(problem.stride), plain(problem.dilation))
        return case.with_(padding=forms(full // 2 + 1 + more)[form])

    cases = in_company(supports, stride=st.integers(1, 3), padding=0, output_padding=st.sampled_from([OMITTED, 0]))
    return st.tuples(cases, st.integers(0, 3), st.integers(0, 2)).map(cropped)


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
