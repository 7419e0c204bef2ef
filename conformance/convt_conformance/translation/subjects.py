"""What a call of an implementation means, by the readings that the implementation was seen to follow."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations
from pathlib import Path

from convt_conformance import deviations
from convt_conformance.adapters import Adapter
from convt_conformance.adapters.blank import blank
from convt_conformance.judge import FAILURES
from convt_conformance.outcomes import NotExpressible
from convt_conformance.records import Record
from convt_conformance.telling import differ, readings_of
from convt_spec import clauses
from convt_spec.case import Case, Integers
from convt_spec.interpretation import Answer, Refusal, interpret
from convt_spec.problem import OMITTED, Problem

FOLLOWED = Path(__file__).with_name("followed.toml")
NUMERIC = {"V3", "V7", "V8", "V9"}
"""Clauses whose readings are about numbers, and change no argument."""
FORMS = {"A12", "A16", "A18", "A19", "A20", "O7", "S4", "I12"}
"""Clauses that refuse a form of an argument, whatever its numbers."""
HARMLESS = {"accepts-invalid", "reading"}
"""Kinds of deviation that no call with a meaning suffers from."""
OF_NUMBERS = {"value", "dtype"}
"""Kinds of deviation that say nothing of the arguments."""
NO_READING = "none"


@dataclass(frozen=True)
class NoCall(Exception):
    """There is no call, and why; `behind` it are the refusals of what was tried.

    `of_source`: what is to be translated is no call of its own implementation. `numbers`: this is so for its numbers, not for its form.
    """

    reason: str
    behind: tuple[str, ...] = ()
    of_source: bool = False
    numbers: bool = False

    def __str__(self) -> str:
        return ": ".join([self.reason, *(["; ".join(self.behind)] if self.behind else [])])


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An implementation as a run saw it: the readings that it follows by clause, `none` where it fits none of those listed."""

    name: str
    version: str
    followed: Mapping[str, str]
    adapter: Adapter
    known: tuple[deviations.Known, ...]
    remembered: dict[Problem, Answer | NoCall] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def supports(self) -> Sequence[str]:
        return self.adapter.description().supports

    @property
    def choices(self) -> dict[str, str]:
        """A reading of each clause, ours where none was seen."""
        return {**clauses.rulings(), **{clause: reading for clause, reading in self.followed.items() if reading != NO_READING}}

    def lines(self, problem: Problem) -> tuple[str, ...]:
        """The implementation's own code for a call in float32; raises NoCall."""
        try:
            lines = self.adapter.program(problem, "float32").lines
        except NotExpressible as error:
            raise NoCall(str(error)) from error
        lacking = next((feature for feature in needed(problem) if feature not in self.supports), None)
        if lacking:
            raise NoCall(f"{self.name} has no {lacking}")
        return lines

    def meaning(self, problem: Problem) -> Answer:
        """The window that a call asks for; raises NoCall where it has none, is refused, or meets a known deviation."""
        if problem not in self.remembered:
            try:
                self.remembered[problem] = self.read(problem)
            except NoCall as error:
                self.remembered[problem] = error
        found = self.remembered[problem]
        if isinstance(found, NoCall):
            raise found
        return found

    def read(self, problem: Problem) -> Answer:
        """The same, not remembered."""
        self.lines(problem)
        case = Case(problem=problem, data=Integers(1))
        for clause in self.followed:
            if self.followed[clause] == NO_READING and told_apart(case, clause):
                raise NoCall(f"{self.name} {self.version} fits no listed reading of {clause} ({clauses.find(clause).title}) here")
        answer = interpret(problem, self.choices)
        if isinstance(answer, Refusal) and answer.clause == "A18":
            raise NoCall(f"{self.name} takes no padding of two ints [A18]")
        if isinstance(answer, Refusal):
            raise NoCall(f"{self.name} refuses it: {answer.reason} [{answer.clause}]", numbers=answer.clause not in FORMS)
        if answer.left is None:
            raise NoCall(f"the reading that {self.name} follows does not say what is cropped")
        if answer.length < 1:
            raise NoCall("the result has no samples", numbers=True)
        deviation = next((each for each in self.known if each.condition.holds(case)), None)
        if deviation:
            raise NoCall(f"{self.name} {self.version} deviates there: {deviation.reason}")
        return answer


def needed(problem: Problem) -> list[str]:
    """The features that a call asks for; SAME of a length that is asked for is that of `output_size`."""
    asked = {
        problem.layout: True,
        "function" if problem.call == "function" else "layer": True,
        "bias": problem.bias,
        "groups": problem.groups not in (OMITTED, 1),
        "dilation": problem.dilation not in (OMITTED, 1),
        "padding": problem.padding not in (OMITTED, 0) and not isinstance(problem.padding, str),
        "VALID": problem.padding == "VALID",
        "SAME": problem.padding == "SAME" and problem.output_size is OMITTED,
        "output_padding": problem.output_padding not in (OMITTED, 0),
        "output_size": problem.output_size is not OMITTED,
    }
    return [feature for feature, is_asked in asked.items() if is_asked]


def told_apart(case: Case, clause: str) -> bool:
    """Whether the readings of a clause ask for different results of a case."""
    return any(differ(case, *pair) for pair in combinations(readings_of(clause, case.problem).values(), 2))


@cache
def subjects() -> dict[str, Subject]:
    """The implementations whose readings were measured, by name."""
    content = tomllib.loads(FOLLOWED.read_text(encoding="utf-8"))
    return {name: subject(name, values) for name, values in content.items()}


def subject(name: str, values: Mapping[str, str]) -> Subject:
    version = values["version"]
    found = (each for each in deviations.built_in(name) if each.applies(version, name))
    known = tuple(each for each in found if each.when and not set(each.clauses) <= NUMERIC and not set(each.kinds) <= HARMLESS)
    followed = {clause: reading for clause, reading in values.items() if clause != "version"}
    return Subject(name=name, version=version, followed=followed, adapter=blank(name), known=known)


def followed(record: Record) -> dict[str, str]:
    """The reading of each clause that an implementation was seen to follow, `none` where it fits none; of several the first."""
    found: dict[str, str] = {}
    for clause in clauses.inventory().values():
        results = [each for each in record.results if each["clause"] == clause.id and clause.has_readings and clause.id not in NUMERIC]
        told = [set(each["follows"]) for each in results if each["follows"]]
        refuted = any(each["verdict"] in FAILURES and each["kind"] not in OF_NUMBERS for each in results)
        fits = [reading for reading in clause.readings if told and all(reading in each for each in told)]
        if told or refuted:
            found[clause.id] = fits[0] if fits and not refuted else NO_READING
    return found
