"""The documented example."""

from __future__ import annotations

from typing import Any

from convt_conformance.judge import EVERYTHING
from convt_conformance.law import law
from convt_conformance.strategies import Strategy, Supports
from convt_conformance.trial import Trial
from convt_spec.case import Case, Literal
from convt_spec.problem import Problem

DATA = Literal((4, 0, 9, 7, 8, 0, 9, 2), (7, 0, 4, 2))
"""The numbers of the document's input (1, 2, 4) and kernel (2, 1, 2); they give 60, 16, 99, 75, 4."""


def example_cases(supports: Supports) -> Strategy | list[Case]:
    sizes: dict[str, Any] = {"in_channels": 2, "out_channels": 1, "length": 4, "kernel_size": 2}
    variants = [Problem(**sizes), Problem(call="layer", **sizes), Problem(padding="VALID", data_format="NLC", **sizes)]
    wanted = [problem for problem in variants if problem.call in supports and (problem.padding != "VALID" or "padding" not in supports)]
    return [Case(problem=problem, data=DATA) for problem in wanted]


@law("E1", example_cases, every=True, aspects=EVERYTHING)
def test_E1_documented_numbers(trial: Trial, case: Case) -> None:
    """The example's input and kernel give exactly the numbers that the document prints, as float32."""
    trial.judge(case)
