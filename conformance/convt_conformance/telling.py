"""The smallest cases that tell the readings of a clause apart, found by enumeration over small problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import combinations, product
from typing import Any

from convt_spec import clauses
from convt_spec.case import Case, Integers, Special
from convt_spec.interpretation import Answer, Refusal, interpret
from convt_spec.oracle import exact
from convt_spec.problem import Problem


@cache
def telling_cases(clause: str, grid: tuple[tuple[str, tuple[Any, ...]], ...]) -> tuple[Case, ...]:
    """For each two readings of the clause the smallest case of the grid on which they ask for different results, smallest first.

    `grid` names attributes of a problem and the values to try; the data is `int:1`.
    """
    readings = clauses.find(clause).readings
    open_pairs = set(combinations(readings, 2))
    found: list[Case] = []
    for case in all_cases(grid):
        answers = {reading: interpret(case.problem, {**clauses.rulings(), clause: reading}) for reading in readings}
        told = {pair for pair in open_pairs if differ(case, answers[pair[0]], answers[pair[1]])}
        if told:
            found.append(case)
            open_pairs -= told
        if not open_pairs:
            break
    return tuple(found)


@cache
def all_cases(grid: tuple[tuple[str, tuple[Any, ...]], ...]) -> tuple[Case, ...]:
    """Every case of the grid with the data `int:1`, smallest first: for clauses whose borders lie in a small space."""
    names = [name for name, _ in grid]
    problems = (Problem(**dict(zip(names, values, strict=True))) for values in product(*(values for _, values in grid)))
    return tuple(sorted((Case(problem=problem, data=Integers(1)) for problem in problems), key=lambda each: each.size))


def grid(**attributes: Sequence[Any]) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    """The attributes and values of an enumeration, in a form that can be remembered."""
    return tuple((name, tuple(values)) for name, values in attributes.items())


def differ(case: Case, one: Answer | Refusal, other: Answer | Refusal) -> bool:
    """Whether two answers ask for results that can be told apart."""
    if isinstance(one, Refusal) or isinstance(other, Refusal):
        return isinstance(one, Refusal) != isinstance(other, Refusal)
    if one.length != other.length:
        return True
    if isinstance(case.data, Special) and (one.beside, one.subnormals) != (other.beside, other.subnormals):
        return (case.data.kind, one.beside != other.beside) in (("nonfinite", True), ("subnormal", False))
    if one == other or one.left is None or other.left is None:
        return False
    return bool((exact(case, one).values != exact(case, other).values).any())


def readings_of(clause: str, problem: Problem, rulings: Mapping[str, str] | None = None) -> Mapping[str, Answer | Refusal]:
    """What each reading of a clause asks for a problem, all other clauses read as we do, or as `rulings` say."""
    others = {**clauses.rulings(), **(rulings or {})}
    return {reading: interpret(problem, {**others, clause: reading}) for reading in clauses.find(clause).readings}
