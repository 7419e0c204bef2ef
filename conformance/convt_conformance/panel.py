"""The panel: a fixed list of cases that every implementation gets, a slow one its first part, to compare answers pair by pair."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from convt_conformance.isolation import Implementation, Isolated
from convt_conformance.outcomes import NO_NUMBERS, Computed, Crashed, Outcome, OutOfMemory, Rejected, TimedOut, Unsupported
from convt_spec import clauses
from convt_spec.case import Case, Integers
from convt_spec.interpretation import Answer, interpret
from convt_spec.lengths import SAME_READINGS, full_length
from convt_spec.problem import OMITTED, Items, Problem
from convt_spec.transforms import settled

SIZE = 300
FEWEST = 100
"""Cases for the slowest implementation, the first ones of the panel."""
Pick = Callable[..., Any]
NAMES: dict[type[Outcome], str] = {
    Computed: "computed",
    Rejected: "rejected",
    Unsupported: "unsupported",
    Crashed: "crashed",
    TimedOut: "timed-out",
    OutOfMemory: "out-of-memory",
}


def cases(share: float = 1.0) -> tuple[Case, ...]:
    """The panel, or its first part for an implementation that is judged on a share of a level's cases."""
    return every_case()[: max(FEWEST, round(share * SIZE))]


@cache
def every_case() -> tuple[Case, ...]:
    """Half calls that everybody can express, half of every sort, drawn once and for all from a plain generator."""
    stream = np.random.PCG64(20240501)

    def pick(*values: Any) -> Any:
        return values[int(stream.random_raw()) % len(values)]

    return tuple(dict.fromkeys(case for _ in range(SIZE // 2) for case in (plain_case(pick), rich_case(pick))))


def plain_case(pick: Pick) -> Case:
    """Sizes, stride and dilation only."""
    problem = Problem(
        batch=pick(1, 2),
        in_channels=pick(1, 2, 3),
        out_channels=pick(1, 2, 4),
        length=pick(1, 2, 3, 5, 8, 13),
        kernel_size=pick(1, 2, 3, 4, 7),
        stride=pick(1, 2, 3, 4),
        dilation=pick(OMITTED, 2, 3),
    )
    return Case(problem=problem, data=Integers(pick(*range(1000))))


def rich_case(pick: Pick) -> Case:
    """Any attribute, also where the readings differ."""
    length, kernel, stride, groups = pick(1, 2, 3, 5, 8), pick(1, 2, 3, 4), pick(1, 2, 3), pick(1, 1, 1, 2)
    dilation = pick(1, 1, 2)
    padding = pick(0, 1, 2, "VALID", "SAME", "SAME", Items("list", (1, 0)), "same")
    problem = Problem(
        batch=pick(1, 2),
        in_channels=groups * pick(1, 2),
        out_channels=groups * pick(1, 3),
        length=length,
        kernel_size=kernel,
        stride=stride,
        padding=padding,
        dilation=OMITTED if dilation == 1 else dilation,
        groups=OMITTED if groups == 1 else groups,
        output_padding=pick(OMITTED, OMITTED, stride - 1) if isinstance(padding, int) else OMITTED,
        data_format=pick(OMITTED, OMITTED, "NLC"),
        bias=pick(False, False, True),
    )
    reach = full_length(length, kernel, stride, dilation)
    if padding == "SAME":
        lengths = [reading(length, kernel, stride, dilation).length for reading in SAME_READINGS.values()]
        problem = problem.with_(output_size=pick(OMITTED, *lengths))
    elif padding == "VALID":
        problem = problem.with_(output_size=pick(OMITTED, reach + stride - 1, reach + stride))
    return Case(problem=problem, dtype=pick("float32", "float32", "float64"), data=Integers(pick(*range(1000))))


def answers(implementation: Isolated, cases: Sequence[Case]) -> list[dict[str, Any]]:
    """The record's lines for several cases, run together."""
    return [answer_line(case, outcome) for case, outcome in zip(cases, implementation.run_many(cases), strict=True)]


def answer(implementation: Implementation, case: Case) -> dict[str, Any]:
    """The record's line for one case."""
    return answer_line(case, implementation.run(case))


def answer_line(case: Case, outcome: Outcome) -> dict[str, Any]:
    """The kind of outcome, and for a result its shape and a digest of its numbers."""
    shape: list[int] = []
    digest = ""
    if isinstance(outcome, Computed) and outcome.only_lengths:
        outcome = NO_NUMBERS
    if isinstance(outcome, Computed) and outcome.array is not None:
        shape = list(outcome.array.shape)
        numbers = np.ascontiguousarray(without_rounding(outcome.array, case) + 0.0)
        digest = hashlib.sha256(numbers.tobytes()).hexdigest()[:16]
    return {"line": "answer", "case": str(case), "outcome": NAMES[type(outcome)], "shape": shape, "digest": digest}


def without_rounding(result: npt.NDArray[Any], case: Case) -> npt.NDArray[Any]:
    """The numbers of a result; what a transform's rounding moved counts as the whole number beside it."""
    if result.dtype.kind == "c":
        return result.astype(np.complex128)
    ours = interpret(case.problem, clauses.rulings())
    return settled(result, case, ours) if isinstance(ours, Answer) else result.astype(np.float64)
