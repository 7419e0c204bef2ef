"""Further calls into what failed: its causes, each brought to its smallest case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal as Only

import numpy as np

from convt_conformance.beside import beside
from convt_conformance.comparison import compared
from convt_conformance.conditions import condition
from convt_conformance.confirmation import Confirmation
from convt_conformance.deviations import Known
from convt_conformance.diagnosis import Diagnosis, Explained, Failure, diagnoses
from convt_conformance.isolation import Isolated
from convt_conformance.judge import Mismatch
from convt_conformance.law import LAWS
from convt_conformance.outcomes import CannotRun, Unsupported
from convt_conformance.requirements import required
from convt_conformance.results import Result, evidence
from convt_conformance.rounds import Rounds
from convt_conformance.session import Session
from convt_conformance.shares import Settings, Share, isolated
from convt_conformance.trial import Trial
from convt_spec.case import Case, Integers, Literal
from convt_spec.interpretation import Refusal

OTHER_SEEDS = (1, 2, 3)


def found_causes(name: str, settings: Settings, whole: Share, known: Sequence[Known]) -> list[Diagnosis]:
    """The causes of what no known deviation explains, each with its smallest case.

    An interrupted run gets them from what it has, and so does one whose implementation cannot be started any more.
    """

    def explained(clause: str, case: Case, miss: Mismatch) -> bool:
        return any(each.covers(clause, case, (miss.kind, miss.verdict)) for each in known)

    if whole.complete:
        try:
            with isolated(name, settings) as implementation, np.errstate(all="ignore"):
                return looked_into(implementation, settings, whole.results, explained)
        except KeyboardInterrupt:
            whole.complete = False
        except CannotRun:
            pass
    return [replace(each, shown_by=each.law if each.verdict == "deviates" else "") for each in diagnoses(whole.results, explained)]


def looked_into(implementation: Isolated, settings: Settings, results: Sequence[Result], explained: Explained) -> list[Diagnosis]:
    """The causes, with calls where they help: to tell what they depend on, and to reach the smallest case where no law has done so."""
    questions = Asked(
        session=Session(implementation=implementation, seed=settings.seed, examples=0, rulings=settings.rulings), explained=explained
    )
    found = diagnoses(results, explained, questions)
    small = {result.evidence.case for result in results if result.evidence and result.verdict == "deviates"}
    smallest = [each if each.evidence.case in small else sharpened(each, questions) for each in found]
    return [replace(each, shown_by=questions.shown_by(each)) for each in smallest]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The implementation, asked again under the laws as they hold in a session."""

    session: Session
    explained: Explained

    def trial(self, law: str) -> Trial:
        """A law from the start."""
        found = LAWS[law]
        return Trial(law=found, implementation=self.session.implementation, readings=self.session.readings(found.clause))

    def otherwise(self, law: str, case: Case) -> bool:
        """Whether a case that passed a law fails it with one of several other sets of numbers; broadcast arrays hold too few of them."""
        problem = case.problem.with_(memory="plain") if case.problem.memory == "broadcast" else case.problem
        confirmation = Confirmation(rounds=Rounds(trial=self.trial(law)))
        return any(confirmation.failure(Case(problem=problem, dtype=case.dtype, data=Integers(seed))) for seed in OTHER_SEEDS)

    def shown_by(self, found: Diagnosis) -> str | None:
        """What shows the evidence, after the cases that must run before: its one call (""), else the law, else neither (None)."""
        if "reading" in found.kinds or found.verdict != "deviates":
            return ""
        confirmation = Confirmation(rounds=Rounds(trial=self.trial(found.law)))
        case, before = Case.parse(found.evidence.case), [Case.parse(each) for each in found.evidence.after]
        self.session.implementation.restart(before)
        outcome = self.session.implementation.run(case)
        if not isinstance(outcome, Unsupported) and not compared(case, outcome, self.session.rulings).fits:
            return ""
        return found.law if confirmation.failure_after(before, case) else None

    def beside(self, failure: Failure) -> tuple[list[Failure], list[Case]]:
        """The cases beside one that fails by its one call: those that fail in the same way, and those that could have and pass."""
        failing, passing = list[Failure](), list[Case]()
        begin = next((case for case in with_plain_data(failure.case) if self.ends(failure, case)[0]), None)
        if begin is None:
            return failing, passing
        for case in beside(begin, self.session.implementation.description.supports):
            miss, lost = self.ends(failure, case)
            if lost:
                break  # each further one might take as long as a hang may
            if isinstance(miss, Mismatch):
                known = self.explained(failure.result.clause, case, miss)
                failing += [] if known else [Failure(result=failure.result, case=case, miss=miss)]
            elif miss is False:
                passing.append(case)
        return failing, passing

    def ends(self, failure: Failure, case: Case) -> tuple[Mismatch | Only[False] | None, bool]:
        """How a case fails the failure's law in the same way by its one call, False where it could have and passes, else None; and
        whether it cost the process."""
        rule = required(case, ())
        if (rule.clause if isinstance(rule, Refusal) else "") != failure.miss.rule:
            return None, False
        held, deviation = self.trial(failure.result.law).anew(case)
        lost = held.restarts > 0
        if held.calls.ran != [case]:
            return None, lost
        if deviation:
            found = deviation.found
            return found if deviation.case == case and (found.verdict, found.kind, found.rule) == failure.sort else None, lost
        return False if held.effective and bool(failure.miss.rule) != bool(held.accepted) else None, lost


def with_plain_data(case: Case) -> list[Case]:
    """Numbers that are written out fit one shape only, so those of a seed are tried before them."""
    return [*([replace(case, data=Integers(1))] if isinstance(case.data, Literal) else []), case]


def sharpened(found: Diagnosis, questions: Asked) -> Diagnosis:
    """The same cause with the plainest case that its law fails and its condition covers, if that comes back in a fresh process."""
    case = Case.parse(found.evidence.case)
    kind = found.evidence.kind if found.verdict == "deviates" else ""
    miss = Mismatch(verdict=found.verdict, kind=kind, observed=found.evidence.observed, required=found.evidence.required, rule=found.rule)
    within = condition(found.condition or "")
    clause = LAWS[found.law].clause

    def hidden(tried: Case, miss: Mismatch) -> bool:
        return not within.holds(tried) or questions.explained(clause, tried, miss)

    confirmation = Confirmation(rounds=Rounds(trial=questions.trial(found.law)), hidden=hidden)
    least = confirmation.smallest({case: miss})
    if least.case == case or not (again := confirmation.again(least.case, least.found)) or not again.certain:
        return found
    return replace(found, evidence=evidence(least))
