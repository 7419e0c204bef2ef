"""What a law found, as it stands in a record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from convt_conformance.judge import FAILURES, Mismatch
from convt_conformance.rounds import Pass
from convt_conformance.trial import Refutation
from convt_spec.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A case with what was observed there and what is required; `after` are the cases that must run before it, if any."""

    case: str
    kind: str
    observed: str
    required: str
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One law's finding.

    `judged` counts cases that ran, `effective` those that a wrong answer could have failed, `unsupported` those without a call,
    `avoided` those left out because they were expected to end the process. `failing` are the cases that failed and `passing` those
    that could have, kept where something failed. `follows` are the readings that fit every case, `refuted` the smallest case against
    each other one. `evidence` is the smallest case of a deviation, or for a clause with readings the smallest that tells the followed
    one from another. `arithmetic` names what the numbers were computed in, with the cases that show it, where the law asks about rounding.
    """

    law: str
    clause: str
    verdict: str
    kind: str = ""
    judged: int = 0
    effective: int = 0
    unsupported: int = 0
    refused: int = 0
    avoided: int = 0
    reason: str = ""
    arithmetic: str = ""
    follows: tuple[str, ...] = ()
    refuted: dict[str, Evidence] = field(default_factory=dict)
    evidence: Evidence | None = None
    failing: tuple[tuple[Case, Mismatch], ...] = ()
    passing: tuple[Pass, ...] = ()

    def as_line(self) -> dict[str, Any]:
        """The record's line."""
        plain = ("law", "clause", "verdict", "kind", "judged", "effective", "unsupported", "refused", "avoided", "reason", "arithmetic")
        return {
            "line": "result",
            **{name: getattr(self, name) for name in plain},
            "failures": len(self.failing),
            "follows": list(self.follows),
            "refuted": {reading: evidence_line(each) for reading, each in self.refuted.items()},
            "evidence": evidence_line(self.evidence) if self.evidence else None,
        }

    def passing_beside(self, kind: str) -> list[Case]:
        """The cases that could have failed in this way: calls that were rightly refused, or those that were not."""
        return [each.case for each in self.passing if each.refused == (kind == "accepts-invalid")]

    @property
    def failed(self) -> bool:
        return self.verdict in FAILURES


def evidence(found: Refutation) -> Evidence:
    miss = found.found
    return Evidence(case=str(found.case), kind=miss.kind or miss.verdict, observed=miss.observed, required=miss.required)


def evidence_line(shown: Evidence) -> dict[str, Any]:
    return {"case": shown.case, "kind": shown.kind, "observed": shown.observed, "required": shown.required, "after": list(shown.after)}
