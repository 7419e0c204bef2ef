"""What a case gets under a choice of readings, found once for all the choices that make no difference to it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from convt_spec import clauses
from convt_spec.case import Case
from convt_spec.interpretation import Answer, Refusal, interpret
from convt_spec.problem import Problem


def required(case: Case, choices: tuple[tuple[str, str], ...]) -> Answer | Refusal:
    """What a case gets under the choices: most of them are never asked for its problem, so few combinations need interpreting."""
    wanted, known = read_as(choices), answers(case.problem)
    for asked, answer in known:
        if asked.items() <= wanted.items():
            return answer
    choice = Asked(wanted)
    known.append((choice.asked, interpret(case.problem, choice)))
    return known[-1][1]


@lru_cache(maxsize=1 << 10)
def answers(problem: Problem) -> list[tuple[dict[str, str], Answer | Refusal]]:
    """The answers found for a problem, each with the readings that it depends on; filled by `required`."""
    return []


class Asked(dict[str, str]):
    """Readings that keep which of them were asked for."""

    def __init__(self, readings: Mapping[str, str]) -> None:
        super().__init__(readings)
        self.asked: dict[str, str] = {}

    def __getitem__(self, clause: str) -> str:
        self.asked[clause] = super().__getitem__(clause)
        return self.asked[clause]


@lru_cache(maxsize=1 << 10)
def read_as(choices: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """Our own reading of each clause, but for the choices."""
    return {**clauses.rulings(), **dict(choices)}
