"""What infers lengths only is held by the laws on lengths, shapes and refusals, and by no other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from in_process import InProcess

import convt_impl
from convt_conformance import panel
from convt_conformance.adapters.bundled import BundledAdapter
from convt_conformance.comparison import compared
from convt_conformance.laws import all_laws
from convt_conformance.outcomes import NO_NUMBERS, Computed
from convt_conformance.program import Program
from convt_conformance.protocol import (
    LENGTHS,
    Description,
    description_from_message,
    description_message,
    outcome_from_message,
    outcome_message,
)
from convt_conformance.results import Result
from convt_conformance.session import Session
from convt_spec import clauses
from convt_spec.case import Case
from convt_spec.problem import Problem

LAWS = {each.name: each for each in all_laws()}
CASE = Case.parse("N2,C2,M3,L5,K3,stride=2,bias,float32,int:1")


class Inferring:
    """The bundled implementation's shapes, as `shape` words them."""

    imports = ("import convt_impl",)

    def __init__(self, shape: str) -> None:
        self.bundled = BundledAdapter(convt_impl, np)
        self.namespace, self.shape = self.bundled.namespace, shape

    def description(self) -> Description:
        told = self.bundled.description()
        return replace(told, supports=(*told.supports, LENGTHS))

    def program(self, problem: Problem, dtype: str) -> Program:
        return Program((*self.bundled.program(problem, dtype).lines, f"y = {self.shape}"))


def inferring(shape: str = "y.shape") -> InProcess:
    return InProcess(Inferring(shape))


def held(name: str, implementation: InProcess) -> Result:
    return Session(implementation=implementation, seed=1, examples=10).hold(LAWS[name])


@pytest.mark.parametrize("name", sorted(LAWS))
def test_a_law_is_about_lengths_or_says_why_it_is_not(name: str) -> None:
    """The numbers are all wrong, being none, so a law that looked at them would fail."""
    result = held(name, inferring())
    if clauses.find(LAWS[name].clause).kind in ("length", "shape", "rejections"):
        assert (result.verdict, result.judged > 0) == ("conforms", True), result
    else:
        assert (result.verdict, result.judged, result.reason) == ("unsupported", 0, NO_NUMBERS.reason)


@pytest.mark.parametrize("name", [each for each in LAWS if each.startswith(("test_R1_", "test_S1_", "test_S5_", "test_V6_", "test_A21_"))])
def test_a_wrong_shape_is_seen(name: str) -> None:
    longer, flat = held(name, inferring("(*y.shape[:2], y.shape[2] + 1)")), held(name, inferring("y.shape[1:]"))
    assert (longer.verdict, longer.kind) == ("deviates", "length")
    assert (flat.verdict, flat.kind) == ("deviates", "layout")


def test_a_negative_length_is_no_refusal() -> None:
    outcome = inferring("(1, 1, -1)").run(CASE)
    assert str(outcome) == "a result of type shape (1, 1, -1), which is no array"


def test_a_shape_has_no_numbers_anywhere() -> None:
    outcome = inferring().run(CASE)
    assert isinstance(outcome, Computed)
    assert str(outcome) == "shape (2, 3, 11)"
    assert compared(CASE, outcome, {}).fits
    assert panel.answer(inferring(), CASE)["outcome"] == "unsupported"


def test_it_crosses_the_process_border() -> None:
    told, outcome = Inferring("y.shape").description(), inferring().run(CASE)
    assert description_from_message(description_message(told)) == told
    assert isinstance(outcome, Computed)
    found: Any = outcome_from_message(outcome_message(outcome))
    assert found.only_lengths
