"""Every reading can be put in force, and every two readings of a clause differ on some small call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import combinations, product
from typing import Any

import pytest

from convt_spec.case import Case, Integers
from convt_spec.clauses import find, inventory, rulings
from convt_spec.interpretation import Answer, Refusal, interpret
from convt_spec.oracle import exact
from convt_spec.problem import OMITTED, Items, Problem

RULINGS = rulings()
SEVERAL = [clause.id for clause in inventory().values() if clause.has_readings]
PLAIN: dict[str, Any] = {"length": 2, "kernel_size": 2, "stride": 2}
FORMS = [Items(kind, values) for kind in ("list", "tuple") for values in ((1,), (2,), (1, 0))]
AXES = ("in-out", "out-in", "undivided")
GRIDS: list[dict[str, tuple[Any, ...]]] = [
    {"stride": (*FORMS, 2), "dilation": (OMITTED, FORMS[0])},
    {"dilation": (*FORMS, 2), "kernel_size": (1, 3)},
    {"padding": (1, *FORMS, "SAME", "same", "Valid", "FULL"), "kernel_size": (2, 4), "bias": (False, True)},
    {"length": (1, 2), "padding": (1, 2), "stride": (1, 3), "output_padding": (OMITTED, 1), "bias": (True,)},
    {"output_padding": (0, 1, 2, 3), "padding": (0, 1), "bias": (False, True)},
    {"output_size": (OMITTED, None, 2, 3, 4, 5, 6, 7), "padding": (0, "SAME")},
    {"padding": ("SAME",), "length": (3, 4), "stride": (1, 2, 3), "kernel_size": (1, 3, 4), "dilation": (1, 2)},
    {"padding": ("SAME",), "length": (3,), "kernel_size": (1, 3, 4), "output_size": (4, 5, 6)},
    {"weight": AXES, "groups": (1, 2), "in_channels": (4,), "out_channels": (6,)},
    {"batch": (0, 1)},
]


@cache
def problems() -> tuple[Problem, ...]:
    """A few hundred small calls: valid, wrong, and open to interpretation."""
    found = []
    for grid in GRIDS:
        found += [Problem(**{**PLAIN, **dict(zip(grid, values, strict=True))}) for values in product(*grid.values())]
    return tuple(found)


def numeric(answer: Answer) -> tuple[object, ...]:
    """What an answer says of length and samples."""
    return answer.length, answer.rounding, answer.beside, answer.subnormals


def apart(problem: Problem, one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether an outcome could show which choices were followed: a refusal, another length or bound, or other samples for a known crop.

    What V8 and V9 allow in some samples shows with special data only; here it counts as other samples.
    """
    first, second = interpret(problem, one), interpret(problem, other)
    if isinstance(first, Refusal) or isinstance(second, Refusal):
        return isinstance(first, Refusal) != isinstance(second, Refusal)
    if numeric(first) != numeric(second):
        return True
    if first.left is None or second.left is None:
        return False
    case = Case(problem=problem, data=Integers(3))
    return bool(exact(case, first).values.tolist() != exact(case, second).values.tolist())


class Recorder(Mapping[str, str]):
    """Choices that remember which clauses were looked up."""

    def __init__(self, choices: Mapping[str, str]) -> None:
        self.choices, self.consulted = choices, set[str]()

    def __getitem__(self, clause: str) -> str:
        self.consulted.add(clause)
        return self.choices[clause]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("choices are looked up one by one")

    def __len__(self) -> int:
        return len(self.choices)


def test_exactly_the_clauses_with_several_readings_are_consulted() -> None:
    consulted = set()
    for clause in ["A1", *SEVERAL]:
        for reading in find(clause).readings:
            choices = Recorder({**RULINGS, clause: reading})
            for problem in problems():
                interpret(problem, choices)
            consulted |= choices.consulted
    assert consulted == set(SEVERAL)


@pytest.mark.parametrize("clause", SEVERAL)
def test_each_reading_answers_a_plain_call(clause: str) -> None:
    for reading in find(clause).readings:
        assert isinstance(interpret(Problem(**PLAIN), {**RULINGS, clause: reading}), Answer)


@pytest.mark.parametrize("clause", SEVERAL)
def test_each_reading_gives_answers_and_refusals_only(clause: str) -> None:
    for reading in find(clause).readings:
        for problem in problems():
            answer = interpret(problem, {**RULINGS, clause: reading})
            if isinstance(answer, Refusal):
                assert answer.clause in inventory()
            else:
                assert answer.length >= 0
                assert 0 <= answer.added <= answer.length


@pytest.mark.parametrize(
    ("clause", "one", "other"), [(clause, *pair) for clause in SEVERAL for pair in combinations(find(clause).readings, 2)]
)
def test_a_small_call_tells_two_readings_apart(clause: str, one: str, other: str) -> None:
    told = [problem for problem in problems() if apart(problem, {**RULINGS, clause: one}, {**RULINGS, clause: other})]
    assert told, f"no call tells {one} from {other}"


@pytest.mark.parametrize("clause", SEVERAL)
def test_a_choice_matters_only_where_its_clause_speaks(clause: str) -> None:
    """A plain call, without padding, forms or a choice of length, is the same under all readings, but for what samples may hold."""
    for reading in find(clause).readings:
        differs = apart(Problem(**PLAIN), RULINGS, {**RULINGS, clause: reading})
        assert differs == ((clause, reading) in (("V3", "relu"), ("V7", "transform"), ("V8", "spread"), ("V9", "flushed")))
