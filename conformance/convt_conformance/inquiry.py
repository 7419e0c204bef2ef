"""Further calls into what failed: its causes, each brought to its smallest case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from convt_conformance.conditions import condition
from convt_conformance.confirmation import Confirmation
from convt_conformance.deviations import Known
from convt_conformance.diagnosis import Diagnosis, Explained, diagnoses
from convt_conformance.isolation import Implementation, Isolated
from convt_conformance.judge import Mismatch
from convt_conformance.law import LAWS
from convt_conformance.results import Result, evidence
from convt_conformance.rounds import Rounds
from convt_conformance.session import Session
from convt_conformance.shares import Settings, Share, isolated
from convt_conformance.trial import Trial
from convt_spec.case import Case, Integers

OTHER_SEEDS = (1, 2, 3)


def found_causes(name: str, settings: Settings, whole: Share, known: Sequence[Known]) -> list[Diagnosis]:
    """The causes of what no known deviation explains, each with its smallest case; an interrupted run gets them from what it has."""

    def explained(clause: str, case: Case, miss: Mismatch) -> bool:
        return any(each.covers(clause, case, (miss.kind, miss.verdict)) for each in known)

    if whole.complete:
        try:
            with isolated(name, settings) as implementation:
                return looked_into(implementation, settings, whole.results, explained)
        except KeyboardInterrupt:
            whole.complete = False
    return diagnoses(whole.results, explained)


def looked_into(implementation: Isolated, settings: Settings, results: Sequence[Result], explained: Explained) -> list[Diagnosis]:
    """The causes, with calls where they help: to tell a pass by chance, and to reach the smallest case where no law has done so."""
    session = Session(implementation=implementation, seed=settings.seed, examples=0, rulings=settings.rulings)

    def readings(law: str) -> tuple[str, ...]:
        return session.readings(LAWS[law].clause)

    found = diagnoses(results, explained, lambda law, case: fails_otherwise(implementation, law, readings(law), case))
    small = {result.evidence.case for result in results if result.evidence and result.verdict == "deviates"}
    return [each if each.evidence.case in small else sharpened(each, implementation, readings(each.law)) for each in found]


def fails_otherwise(implementation: Implementation, law: str, readings: tuple[str, ...], case: Case) -> bool:
    """Whether a case that passed a law fails it with one of several other sets of numbers; broadcast arrays hold too few of them."""
    problem = case.problem.with_(memory="plain") if case.problem.memory == "broadcast" else case.problem
    confirmation = Confirmation(rounds=Rounds(trial=Trial(law=LAWS[law], implementation=implementation, readings=readings)))
    return any(confirmation.fails(Case(problem=problem, dtype=case.dtype, data=Integers(seed))) for seed in OTHER_SEEDS)


def sharpened(found: Diagnosis, implementation: Implementation, readings: tuple[str, ...]) -> Diagnosis:
    """The same cause with the plainest case that its law fails and its condition covers, if that comes back in a fresh process."""
    case = Case.parse(found.evidence.case)
    kind = found.evidence.kind if found.verdict == "deviates" else ""
    miss = Mismatch(verdict=found.verdict, kind=kind, observed=found.evidence.observed, required=found.evidence.required, rule=found.rule)
    within = condition(found.condition or "")
    rounds = Rounds(trial=Trial(law=LAWS[found.law], implementation=implementation, readings=readings))
    confirmation = Confirmation(rounds=rounds, hidden=lambda tried, _: not within.holds(tried))
    least = confirmation.smallest({case: miss})
    if least.case == case or not confirmation.comes_back(least.case, least.found):
        return found
    return replace(found, evidence=evidence(least))
