"""One outcome beside our answer, and beside every listed reading that makes a difference to its case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from convt_conformance.judge import Mismatch, mismatch
from convt_conformance.outcomes import Outcome
from convt_conformance.telling import differ, readings_of
from convt_spec import clauses
from convt_spec.case import Case
from convt_spec.clauses import Clause
from convt_spec.interpretation import Answer, Refusal, interpret


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A clause whose readings ask for different results of a case, what each asks for, and the readings that the outcome fits."""

    clause: Clause
    answers: Mapping[str, Answer | Refusal]
    fitted: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What we ask for, how the outcome differs from it, and what the other readings say. The outcome `fits` ours or another listed one.

    Another reading of a clause on which the run has a ruling is told, but is no excuse.
    """

    ours: Answer | Refusal
    found: Mismatch | None
    told: tuple[Told, ...]
    fits: bool


def compared(case: Case, outcome: Outcome, rulings: Mapping[str, str]) -> Comparison:
    """A case's one call, judged by its shape and its numbers alone; `rulings` name the one reading that is accepted of some clauses."""
    ours = interpret(case.problem, {**clauses.rulings(), **rulings})
    found = mismatch(case, outcome, ours)
    read = [(clause, readings_of(clause.id, case.problem, rulings)) for clause in clauses.inventory().values() if clause.has_readings]
    apart = tuple(
        Told(
            clause=clause,
            answers=answers,
            fitted=tuple(name for name, answer in answers.items() if mismatch(case, outcome, answer) is None),
        )
        for clause, answers in read
        if any(differ(case, *pair) for pair in combinations(answers.values(), 2))
    )
    fits = found is None or any(each.fitted for each in apart if each.clause.id not in rulings)
    return Comparison(ours=ours, found=found, told=apart, fits=fits)
