"""The failures of a run by cause: those that share a condition over the parameters, across laws and clauses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from convt_conformance.causes import Cause, causes, near, suspects, together
from convt_conformance.conditions import quantities
from convt_conformance.judge import Mismatch
from convt_conformance.results import Evidence, Result, evidence, evidence_line
from convt_conformance.trial import Refutation
from convt_spec.case import Case

Explained = Callable[[str, Case, Mismatch], bool]
ROUNDS = 6
"""Conditions against which passes are asked again."""
FAR_FEWER = 8
"""One near condition for all failures is told in place of several causes where it lets in at most 1 pass of so many."""
UNSTEADY = ("depends-on-order", "not-deterministic")
"""Kinds that are about several calls, so that no condition over one call covers them: all of a kind are taken for one cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Failures of one cause. `condition` is empty when every case failed, None when no simple one covers them.

    `near` is then a condition that covers them and few passes, as many as `near_passes`, or empty; so many of these as `cropped` fail
    without their padding. `failures` and `passes` count the cases that the condition was found from. `evidence` is the smallest failing
    case and `law` the law that it fails; `shown_by` is empty where its one call shows the fault, the law where only that does so when held
    over this case, None where nothing did. `rule` is the clause by which the calls must be refused, where they were accepted.
    """

    verdict: str
    kinds: tuple[str, ...]
    condition: str | None
    clauses: tuple[str, ...]
    laws: tuple[str, ...]
    failures: int
    passes: int
    law: str
    evidence: Evidence
    rule: str = ""
    near: str = ""
    near_passes: int = 0
    cropped: int = 0
    shown_by: str | None = ""

    def as_line(self) -> dict[str, Any]:
        """The record's line."""
        return {
            "line": "cause",
            "verdict": self.verdict,
            "kinds": list(self.kinds),
            "condition": self.condition,
            "near": {"condition": self.near, "passes": self.near_passes, "cropped": self.cropped} if self.near else None,
            "clauses": list(self.clauses),
            "law": self.shown_by,
            "laws": list(self.laws),
            "failures": self.failures,
            "passes": self.passes,
            "evidence": evidence_line(self.evidence),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One failing case of one law."""

    result: Result
    case: Case
    miss: Mismatch

    @property
    def shown(self) -> Refutation:
        return Refutation(case=self.case, found=self.miss)

    @property
    def sort(self) -> tuple[str, str, str]:
        """What failures of one cause have in common beside a condition; each missing refusal is a cause of its own."""
        return self.miss.verdict, self.miss.kind, self.miss.rule


class Questions(Protocol):
    """What can be asked of the implementation again."""

    def otherwise(self, law: str, case: Case) -> bool:
        """Whether a case that passed a law fails it with other numbers."""
        ...

    def beside(self, failure: Failure) -> tuple[list[Failure], list[Case]]:
        """The cases beside one that fails: those that fail in the same way, and those that could have and pass."""
        ...


def diagnoses(results: Sequence[Result], explained: Explained, questions: Questions | None = None) -> list[Diagnosis]:
    """The causes of all failures that no known deviation explains, those with the most cases first."""
    failures = [
        Failure(result=result, case=case, miss=miss)
        for result in results
        for case, miss in result.failing
        if not explained(result.clause, case, miss)
    ]
    kinds = {each.miss.kind for each in failures}
    alone = [single(each) for each in failures if each.miss.kind == "reading"]
    alone += [gathered([single(each) for each in failures if each.miss.kind == kind]) for kind in UNSTEADY if kind in kinds]
    sorts = dict.fromkeys(each.sort for each in failures if each.miss.kind not in ("reading", *UNSTEADY))
    found = [cause for sort in sorts for cause in of_one_sort([each for each in failures if each.sort == sort], questions)]
    return sorted([*united(found), *alone], key=lambda each: (-each.failures, each.evidence.case))


def single(failure: Failure) -> Diagnosis:
    """A failure that stands for itself."""
    result = failure.result
    shown = result.evidence or evidence(failure.shown)
    return Diagnosis(
        verdict=result.verdict,
        kinds=(failure.miss.kind,),
        condition=None,
        clauses=(result.clause,),
        laws=(result.law,),
        failures=1,
        passes=0,
        law=result.law,
        evidence=shown,
    )


def gathered(found: Sequence[Diagnosis]) -> Diagnosis:
    """Failures of one cause, shown by the one with the fewest calls before it and the smallest case."""
    least = min(found, key=lambda each: (len(each.evidence.after), Case.parse(each.evidence.case).size))
    clauses = tuple(dict.fromkeys(clause for each in found for clause in each.clauses))
    laws = tuple(dict.fromkeys(law for each in found for law in each.laws))
    return replace(least, clauses=clauses, laws=laws, failures=len(found))


def of_one_sort(failures: Sequence[Failure], questions: Questions | None) -> list[Diagnosis]:
    """Failures of one sort by cause; what passed in the same laws, and not by chance, is what a condition must not cover."""
    results = {id(each.result): each.result for each in failures}.values()
    miss = failures[0].miss
    passing = {case: result.law for result in results for case in result.passing_beside(miss.kind)}
    drawn = [each.case for each in failures]
    if questions and miss.verdict == "deviates":
        failures = widened(failures, passing, questions)
    failing = [each.case for each in failures]
    if miss.rule:
        return [diagnosis(cause, failures) for cause in of_one_rule(failing, list(passing))]
    found = several(failing, drawn, list(passing))
    if questions and miss.kind == "value" and (len(found) > 1 or found[0].condition is None):
        unlucky = without_lucky(failing, passing, questions)
        found = several(failing, drawn, unlucky)
        if len(found) > 1 and (almost := near(failing, unlucky)) and len(almost.passing) * FAR_FEWER < len(unlucky):
            found = [together(failing, unlucky)]
    return [with_crop(diagnosis(cause, failures), cause, passing, questions) for cause in found]


def without_lucky(failing: Sequence[Case], passing: Mapping[Case, str], questions: Questions) -> list[Case]:
    """The passes but for those that fail with other numbers, as far as they stand against a condition of many failures."""
    left, cleared = list(passing), set[Case]()
    almost = near(failing, left)
    asked = almost.passing if almost else suspects(failing, left, cleared)
    for _ in range(ROUNDS):
        lucky = {case for case in asked if questions.otherwise(passing[case], case)}
        cleared |= set(asked) - lucky
        left = [case for case in left if case not in lucky]
        asked = suspects(failing, left, cleared)
        if not asked:
            break
    return left


def of_one_rule(failing: Sequence[Case], passing: Sequence[Case]) -> list[Cause]:
    """All failures as one cause: a refusal that is missing is missing, though other errors stand in for it here and there."""
    found = causes(failing, passing)
    return found if len(found) == 1 else [together(failing, passing)]


def several(failing: Sequence[Case], drawn: Sequence[Case], passing: Sequence[Case]) -> list[Cause]:
    """The one cause of all failures, or else those of the drawn ones: cases beside each other have something in common anyway."""
    found = causes(failing, passing)
    return found if len(found) == 1 else causes(drawn, passing)


def widened(failures: Sequence[Failure], passing: dict[Case, str], questions: Questions) -> list[Failure]:
    """The failures and those beside the smallest and two middling ones of each cause; what passes there is added to `passing`."""
    known = {each.case: each for each in failures}
    every = list(failures)
    group = of_one_rule if failures[0].miss.rule else causes
    for cause in group(list(known), list(passing)):
        ordered = sorted(cause.failing, key=lambda each: each.size)
        for case in dict.fromkeys((ordered[0], ordered[len(ordered) // 4], ordered[len(ordered) // 2])):
            more, passed = questions.beside(known[case])
            every += [each for each in more if each.case not in known]
            known |= {each.case: each for each in more if each.case not in known}
            passing |= dict.fromkeys((each for each in passed if each not in passing), known[case].result.law)
    return every


def with_crop(found: Diagnosis, cause: Cause, laws: Mapping[Case, str], questions: Questions | None) -> Diagnosis:
    """The diagnosis, with the passes under its near condition that owe their pass to the crop; `laws` are those that they passed."""
    if not questions or not cause.near or found.kinds != ("value",):
        return found
    padded = [case for case in cause.near.passing if quantities(case)["padding"] not in (0, "VALID")]
    bare = [(laws[case], replace(case, problem=case.problem.with_(padding=0))) for case in padded]
    return replace(found, cropped=sum(questions.otherwise(law, case) for law, case in bare))


def diagnosis(cause: Cause, failures: Sequence[Failure]) -> Diagnosis:
    members = set(cause.failing)
    inside = [each for each in failures if each.case in members]
    least = min(inside, key=lambda each: each.case.size)
    return Diagnosis(
        verdict=least.miss.verdict,
        kinds=(least.miss.kind,) if least.miss.kind else (),
        condition=None if cause.condition is None else cause.condition.text,
        clauses=tuple(dict.fromkeys(each.result.clause for each in inside)),
        laws=tuple(dict.fromkeys(each.result.law for each in inside)),
        failures=len(cause.failing),
        passes=cause.passes,
        law=least.result.law,
        evidence=evidence(least.shown),
        rule=least.miss.rule,
        near=cause.near.text if cause.near else "",
        near_passes=len(cause.near.passing) if cause.near else 0,
    )


def united(found: Sequence[Diagnosis]) -> list[Diagnosis]:
    """Causes of the same condition, though of different kinds, as one; one without a condition stays by itself."""
    merged: dict[Any, Diagnosis] = {}
    for number, each in enumerate(found):
        key = number if each.condition is None else (each.verdict, each.condition, each.rule)
        if key in merged:
            other = merged[key]
            least = min((other, each), key=lambda one: Case.parse(one.evidence.case).size)
            merged[key] = replace(
                least,
                kinds=(*other.kinds, *each.kinds),
                clauses=tuple(dict.fromkeys((*other.clauses, *each.clauses))),
                laws=tuple(dict.fromkeys((*other.laws, *each.laws))),
                failures=other.failures + each.failures,
                passes=max(other.passes, each.passes),
            )
        else:
            merged[key] = each
    return list(merged.values())
