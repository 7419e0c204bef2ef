"""The failures of a run by cause: those that share a condition over the parameters, across laws and clauses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from convt_conformance.causes import Cause, causes, near
from convt_conformance.conditions import quantities
from convt_conformance.judge import Mismatch
from convt_conformance.results import Evidence, Result, evidence_line
from convt_spec.case import Case

Explained = Callable[[str, Case, Mismatch], bool]
Otherwise = Callable[[str, Case], bool]
ALONE = ("reading", "not-deterministic", "depends-on-order")
"""Kinds that are about several calls, so that no condition over one call covers them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Failures of one cause. `condition` is empty when every case failed, None when no simple one covers them.

    `near` is then a condition that covers them and few passes, as many as `near_passes`, or empty; so many of these as `cropped` fail
    without their padding. `failures` and `passes` count the cases that the condition was found from. `evidence` is the smallest failing
    case, and `law` the law that it fails. `rule` is the clause by which the calls must be refused, where they were accepted.
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

    def as_line(self) -> dict[str, Any]:
        """The record's line."""
        return {
            "line": "cause",
            "verdict": self.verdict,
            "kinds": list(self.kinds),
            "condition": self.condition,
            "near": {"condition": self.near, "passes": self.near_passes, "cropped": self.cropped} if self.near else None,
            "clauses": list(self.clauses),
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
    def sort(self) -> tuple[str, str, str]:
        """What failures of one cause have in common beside a condition; each missing refusal is a cause of its own."""
        return self.miss.verdict, self.miss.kind, self.miss.rule


def diagnoses(results: Sequence[Result], explained: Explained, otherwise: Otherwise | None = None) -> list[Diagnosis]:
    """The causes of all failures that no known deviation explains, those with the most cases first.

    `otherwise` says whether a case that passed a law fails it with other numbers.
    """
    failures = [
        Failure(result=result, case=case, miss=miss)
        for result in results
        for case, miss in result.failing
        if not explained(result.clause, case, miss)
    ]
    alone = [single(each) for each in failures if each.miss.kind in ALONE]
    sorts = dict.fromkeys(each.sort for each in failures if each.miss.kind not in ALONE)
    found = [cause for sort in sorts for cause in of_one_sort([each for each in failures if each.sort == sort], otherwise)]
    return sorted([*united(found), *alone], key=lambda each: (-each.failures, each.evidence.case))


def single(failure: Failure) -> Diagnosis:
    """A failure that stands for itself."""
    result = failure.result
    shown = result.evidence or text_of(failure)
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


def text_of(failure: Failure) -> Evidence:
    miss = failure.miss
    return Evidence(case=str(failure.case), kind=miss.kind or miss.verdict, observed=miss.observed, required=miss.required)


def of_one_sort(failures: Sequence[Failure], otherwise: Otherwise | None) -> list[Diagnosis]:
    """Failures of one sort by cause; what passed in the same laws, and not by chance, is what a condition must not cover."""
    results = {id(each.result): each.result for each in failures}.values()
    kind = failures[0].miss.kind
    passing = {case: result.law for result in results for case in result.passing_beside(kind)}
    failing = [each.case for each in failures]
    found = causes(failing, list(passing))
    if otherwise and kind == "value" and (len(found) > 1 or found[0].condition is None):
        almost = near(failing, list(passing))
        lucky = {case for case in (almost.passing if almost else ()) if otherwise(passing[case], case)}
        found = causes(failing, [case for case in passing if case not in lucky])
    return [with_crop(diagnosis(cause, failures), cause, passing, otherwise) for cause in found]


def with_crop(found: Diagnosis, cause: Cause, laws: Mapping[Case, str], otherwise: Otherwise | None) -> Diagnosis:
    """The diagnosis, with the passes under its near condition that owe their pass to the crop; `laws` are those that they passed."""
    if not otherwise or not cause.near or found.kinds != ("value",):
        return found
    padded = [case for case in cause.near.passing if quantities(case)["padding"] not in (0, "VALID")]
    bare = [(laws[case], replace(case, problem=case.problem.with_(padding=0))) for case in padded]
    return replace(found, cropped=sum(otherwise(law, case) for law, case in bare))


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
        evidence=text_of(least),
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
