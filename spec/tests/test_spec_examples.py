"""Every number that SPEC.md shows, computed again; each is also looked up in the clause's text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from convt_spec.case import Case, Literal
from convt_spec.clauses import find, rulings, specification
from convt_spec.forward import conv1d
from convt_spec.interpretation import Answer, interpret
from convt_spec.lengths import conv1d_length
from convt_spec.oracle import exact
from convt_spec.problem import Items, Problem

FULL = [1, 10, 102, 20, 203, 30, 304, 40, 405, 50, 500]


def result(choices: dict[str, str], *, x: tuple[int, ...] = (1, 2, 3, 4, 5), bias: tuple[int, ...] = (), **arguments: Any) -> list[int]:
    """The samples of the specification's running example: W = [1, 10, 100], s = 2, the rest as given."""
    problem = Problem(**{"length": len(x), "kernel_size": 3, "stride": 2, "bias": bool(bias), **arguments})
    answer = interpret(problem, {**rulings(), **choices})
    assert isinstance(answer, Answer), answer
    samples: list[int] = exact(Case(problem=problem, data=Literal(x, (1, 10, 100), bias)), answer).values[0, 0].tolist()
    return samples


def assert_shown(clause: str, text: str, reading: str = "") -> None:
    """The clause says so, under the reading where one is named."""
    shown = find(clause).text.split("\n\nRuling: ")[0]
    if reading:
        shown = shown.split(f"\n* `{reading}`: ")[1].split("\n* `")[0]
    assert text in " ".join(shown.split()), (clause, reading, text)


SAME = {"padding": "SAME"}
SHOWN: list[tuple[str, dict[str, str], dict[str, Any], list[int]]] = [
    ("A2", {}, {"stride": 1}, [1, 12, 123, 234, 345, 450, 500]),
    ("A18", {"A18": "left-right"}, {"padding": Items("list", (1, 0))}, FULL[1:]),
    ("V3", {}, {"x": (-1,)}, [-1, -10, -100]),
    ("V3", {"V3": "relu"}, {"x": (-1,)}, [0, 0, 0]),
    ("V11", {}, {"x": (0, 2, 0, 4, 5)}, [0, 0, 2, 20, 200, 0, 4, 40, 405, 50, 500]),
    ("B1", {}, {"bias": (7,)}, [8, 17, 109, 27, 210, 37, 311, 47, 412, 57, 507]),
    ("D1", {}, {"stride": 1, "dilation": 2}, [1, 2, 13, 24, 135, 240, 350, 400, 500]),
    ("P1", {}, {"padding": 1}, FULL[1:10]),
    ("P1", {"P1": "zeros-on-input"}, {"padding": 1}, [0, 0, *FULL, 0, 0]),
    ("S3", {}, SAME, FULL[:10]),
    ("S3", {"S3": "inverse-start"}, SAME, FULL[1:]),
    ("S3", {"S3": "inverse-any-length"}, {**SAME, "output_size": 9}, FULL[1:10]),
    ("S3", {"S3": "forward-on-input"}, SAME, FULL[1:10]),
    ("S4", {}, {**SAME, "dilation": 2}, [0, 12, 0, 123, 0, 234, 0, 345, 0, 450]),
    ("S4", {"S4": "dilation-reset"}, {**SAME, "dilation": 2}, FULL[:10]),
    ("S5", {}, {**SAME, "stride": 1}, [12, 123, 234, 345, 450]),
    ("N2", {}, {"x": (0, 2, 0, 0, 0)}, [0, 0, 2, 20, 200, 0, 0, 0, 0, 0, 0]),
]


@pytest.mark.parametrize(("clause", "choices", "arguments", "samples"), SHOWN, ids=[f"{row[0]}-{at}" for at, row in enumerate(SHOWN)])
def test_samples_shown_in(clause: str, choices: dict[str, str], arguments: dict[str, Any], samples: list[int]) -> None:
    assert result(choices, **arguments) == samples
    assert_shown(clause, str(samples), {**rulings(), **choices}[clause] if find(clause).has_readings else "")


def test_the_running_example() -> None:
    assert result({}) == FULL
    assert f"full = {FULL}, 11 samples" in " ".join(specification().split())


@pytest.mark.parametrize(("reading", "last"), [("uncovered", [507, 7]), ("bias-only", [7, 7]), ("zero", [0, 0])])
def test_O2_added_samples_shown(reading: str, last: list[int]) -> None:
    samples = result({"O2": reading}, padding=1, bias=(7,), output_padding=2)
    assert samples == [*result({}, padding=1, bias=(7,)), *last]
    assert samples[8] == 57
    assert_shown("O2", f"{last[0]}, {last[1]}.", reading)


def test_E1_documented_example_and_W3_its_reversal() -> None:
    problem = Problem(in_channels=2, length=4, kernel_size=2, call="layer")
    answer = interpret(problem, rulings())
    assert isinstance(answer, Answer)
    for clause, weight, samples in (("E1", (7, 0, 4, 2), [60, 16, 99, 75, 4]), ("W3", (0, 7, 2, 4), [16, 60, 18, 103, 57])):
        found = exact(Case(problem=problem, data=Literal((4, 0, 9, 7, 8, 0, 9, 2), weight)), answer).values
        assert found.shape == (1, 1, 5)
        assert found[0, 0].tolist() == samples
        assert_shown(clause, str(samples))


def test_N1_both_sums_of_the_example() -> None:
    ones = np.ones((1, 1, 11), np.int64)
    back = conv1d(ones, np.array([[[1, 10, 100]]]), length=5, stride=2, dilation=1, left=0, groups=1)
    assert (sum(result({})), int((back * [[[1, 2, 3, 4, 5]]]).sum())) == (1665, 1665)
    assert_shown("N1", "1665")


def test_O3_and_N3_lengths_that_go_back() -> None:
    assert [conv1d_length(length, 3, 2, 1, 0) for length in (11, 12, 13)] == [5, 5, 6]
    assert_shown("O3", "11 and 12 samples go back to 5, 13 go back to 6")


def test_S3_printed_length_is_not_undone_by_the_forward_rule() -> None:
    answer = interpret(Problem(length=5, kernel_size=3, stride=2, padding="SAME"), {**rulings(), "S3": "as-printed"})
    assert isinstance(answer, Answer)
    assert (answer.length, -(-answer.length // 2)) == (3, 2)
    assert_shown("S3", "gives 3, and conv1d with SAME takes 3 samples to 2, not to 5")
