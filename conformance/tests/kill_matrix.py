"""Every law against every saboteur: who is killed by whom, and which law is the only one that kills somebody.

The same draws and the same judgement as `Session.hold`, made fast: each law's cases are drawn once for all saboteurs, what they require
is remembered, and a law stops at its first deviation, which is neither shrunk nor confirmed.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from unittest.mock import patch

import process_saboteurs
from in_process import InProcess
from saboteurs import CATALOGUE, Saboteur, implementation
from saboteurs.layer import LayerParts
from saboteurs.right import RIGHT as RIGHT_PARTS

from convt_conformance import exploration, judge
from convt_conformance.adapters import document_call
from convt_conformance.isolation import Implementation, Isolated, Limits
from convt_conformance.law import LAWS, Law
from convt_conformance.laws import all_laws
from convt_conformance.outcomes import Computed, Outcome, Rejected
from convt_conformance.protocol import Description
from convt_conformance.replay import Noting
from convt_conformance.results import Evidence, Result, evidence
from convt_conformance.rounds import Rounds
from convt_conformance.session import LEVELS, Session
from convt_conformance.trial import Refutation, Trial
from convt_spec import data
from convt_spec.case import Case

SEED = 1
LEVEL = "standard"
ALL = {each.name: each for each in (*CATALOGUE, *process_saboteurs.SABOTEURS)}
RIGHT = {"function": RIGHT_PARTS, "layer": LayerParts()}
PLAIN = Case.parse("N1,C1,M1,L1,K1,float32,int:1")
LIMITS = Limits(seconds=2, memory=256)
"""For saboteurs of processes, whose harmless calls take milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """A law that finds fault with a saboteur, and what it found first."""

    law: str
    saboteur: str
    verdict: str
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class OnDemand:
    """A saboteur of processes: its harmless calls run here, those that would do harm in a worker."""

    harmless: InProcess
    isolated: Isolated
    history: tuple[Case, ...] = ()

    @property
    def description(self) -> Description:
        return self.harmless.description

    def run(self, case: Case) -> Outcome:
        outcome = self.harmless.run(case)
        if not isinstance(outcome, Rejected) or outcome.error != process_saboteurs.GoesOff.__name__:
            return outcome
        self.isolated.run(PLAIN)
        return self.isolated.run(case)

    def run_ahead(self, cases: Sequence[Case]) -> list[Outcome]:
        return [self.run(cases[0])]

    def restart(self, before: Sequence[Case] = ()) -> None:
        """Nobody looks twice."""


@contextmanager
def made(saboteur: Saboteur) -> Iterator[Implementation]:
    """The implementation to judge; a worker that it needed is ended."""
    harmless = implementation(saboteur.parts)
    if saboteur.family != "process":
        yield harmless
        return
    with Isolated(f"{process_saboteurs.__file__}:{saboteur.name.replace('-', '_')}", limits=LIMITS) as isolated:
        yield OnDemand(harmless, isolated)


class FirstLook(Session):
    """A session that believes what it sees first: it neither shrinks a deviation nor looks at it again."""

    def failed(self, base: Result, rounds: Rounds) -> Result:
        case, miss = next(iter(rounds.failures.items()))
        return replace(base, verdict=miss.verdict, kind=miss.kind, evidence=evidence(Refutation(case=case, found=miss)))

    def fits_no_reading(self, base: Result, rounds: Rounds) -> Result:
        seen = rounds.trial.refuted[rounds.trial.readings[0]]
        rounds.failures[seen.case] = seen.found
        return self.failed(base, rounds)

    def hold_over(self, law: Law, cases: Sequence[Case]) -> Result:
        """As `hold`, over cases that were drawn before, up to the first that fails."""
        trial = Trial(law=law, implementation=self.implementation, readings=self.readings(law.clause), avoidance=self.avoidance)
        rounds = Rounds(trial=trial)
        for case in cases:
            rounds.hold(case)
            if rounds.failures:
                break
        return self.conclude(rounds)


@contextmanager
def remembered() -> Iterator[None]:
    """What a case holds, says and requires is computed once."""
    pure = ((judge, "exact"), (judge, "requirement"), (data, "numbers"), (document_call, "function"), (document_call, "layer"))
    with ExitStack() as kept:
        for module, name in pure:
            kept.enter_context(patch.object(module, name, cache(getattr(module, name))))
        yield


def noted(law: Law, form: str, cases: Sequence[Case]) -> list[tuple[Case, Outcome]]:
    """The calls that the law makes of a right implementation over the cases, in order."""
    notes: list[tuple[Case, Outcome]] = []
    right = Noting(implementation(RIGHT[form]), notes)
    result = FirstLook(implementation=right, seed=SEED, examples=0).hold_over(law, cases)
    assert not result.failed, result
    return notes


def alike(saboteur: Saboteur, notes: Sequence[tuple[Case, Outcome]]) -> bool:
    """Whether a saboteur without a memory answers as the right implementation does, so that the law must spare it as well."""
    subject = implementation(saboteur.parts)
    return saboteur.family != "state" and all(same(subject.run(case), outcome) for case, outcome in notes)


def same(one: Outcome, other: Outcome) -> bool:
    if not isinstance(one, Computed) or not isinstance(other, Computed) or one.array is None or other.array is None:
        return type(one) is type(other) and (not isinstance(one, Computed) or one == other)
    facts = [
        (each.array.dtype, each.array.shape, each.array.tobytes(), each.changed_input) for each in (one, other) if each.array is not None
    ]
    return facts[0] == facts[1]


def held(name: str, *, chosen: Sequence[str], seed: int, examples: int) -> list[Kill]:
    """One law against the chosen saboteurs: those that it kills."""
    law, kills = LAWS[name], []
    with remembered():
        for form in ("function", "layer"):
            cases = exploration.cases(law, implementation(RIGHT[form]).description.supports, seed=seed, examples=examples)
            notes = noted(law, form, cases)
            for saboteur in (ALL[each] for each in chosen if ALL[each].form == form):
                if alike(saboteur, notes):
                    continue
                with made(saboteur) as subject:
                    result = FirstLook(implementation=subject, seed=seed, examples=examples).hold_over(law, cases)
                if result.failed:
                    kills.append(Kill(law=name, saboteur=saboteur.name, verdict=result.verdict, evidence=result.evidence))
    return kills


def matrix(chosen: Sequence[str] = tuple(ALL), *, seed: int = SEED, examples: int = LEVELS[LEVEL], jobs: int = 2) -> list[Kill]:
    """All kills, by law and saboteur; each law in a process of its own, so that no saboteur remembers another law's calls."""
    names = [law.name for law in all_laws()]
    task = partial(held, chosen=chosen, seed=seed, examples=examples)
    with multiprocessing.get_context("fork").Pool(jobs, maxtasksperchild=1) as pool:
        return [each for kills in pool.imap(task, names) for each in kills]
