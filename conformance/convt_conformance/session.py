"""One implementation under all laws: runs each law, confirms what it finds, and words the result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from convt_conformance.avoidance import Avoidance
from convt_conformance.confirmation import Confirmation
from convt_conformance.effects import Effects
from convt_conformance.exploration import explore
from convt_conformance.isolation import Implementation
from convt_conformance.judge import Mismatch
from convt_conformance.law import Law
from convt_conformance.power import Power
from convt_conformance.trial import Pass, Refutation, Trial
from convt_spec import clauses
from convt_spec.case import Case

LEVELS = {"smoke": 20, "standard": 100, "thorough": 1000}
"""Generated cases per law."""


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
    """One law's finding, as it stands in a record.

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
        return self.verdict not in ("conforms", "unsupported")


class Entry(Protocol):
    """A known deviation, as far as a session needs it."""

    def covers(self, clause: str, case: Case, kinds: Sequence[str]) -> bool:
        """Whether it explains that this case fails this clause in this way."""
        ...


@dataclass(slots=True, kw_only=True)
class Session:
    """The implementation, the seed, the cases per law and the readings that the run enforces (clause to reading).

    A case that no entry in `known` explains is shown before one that is known to fail.
    """

    implementation: Implementation
    seed: int
    examples: int
    rulings: Mapping[str, str] = field(default_factory=dict)
    known: Sequence[Entry] = ()
    results: list[Result] = field(default_factory=list)
    coverage: Counter[tuple[str, str]] = field(default_factory=Counter)
    power: Power = field(default_factory=Power)
    avoidance: Avoidance = field(default_factory=Avoidance)
    effects: Effects = field(default_factory=Effects)

    def hold(self, law: Law) -> Result:
        """Run one law and keep its result."""
        trial = Trial(
            law=law,
            implementation=self.implementation,
            readings=self.readings(law.clause),
            avoidance=self.avoidance,
            effects=self.effects,
        )
        explore(trial, seed=self.seed, examples=self.examples)
        result = self.conclude(trial)
        self.results.append(result)
        self.coverage.update(trial.coverage)
        self.power.count(law.clause, trial.passes, trial.failures)
        return result

    def readings(self, clause: str) -> tuple[str, ...]:
        """The readings that conform in this run, our own first."""
        if clause in self.rulings:
            return (self.rulings[clause],)
        found = clauses.find(clause)
        return tuple(sorted(found.readings, key=lambda reading: reading != found.ruling))

    def conclude(self, trial: Trial) -> Result:
        """The verdict over everything that the trial saw."""
        several = len(trial.readings) > 1
        if "rounding" in trial.law.aspects and trial.accepted:
            trial.show_arithmetic()
        base = Result(
            law=trial.law.name,
            clause=trial.law.clause,
            verdict="conforms",
            judged=trial.judged,
            effective=trial.effective,
            unsupported=trial.unsupported.total(),
            refused=trial.refusals,
            avoided=trial.avoided,
            refuted={reading: evidence(each) for reading, each in trial.refuted.items()} if several else {},
            arithmetic=", ".join(f"{name} ({count})" for name, count in trial.arithmetic.most_common() if name),
        )
        if trial.failures:
            return self.failed(base, trial)
        if not trial.judged and not trial.unsupported:
            left_out = f"all cases were left out: {self.avoidance.told()} ends the process"
            return replace(base, verdict="mistrusted", reason=left_out if trial.avoided else "no case was drawn")
        if trial.cut_short == trial.tried or (not trial.effective and 2 * trial.cut_short > trial.tried):
            return replace(base, verdict="unsupported", reason=trial.unsupported.most_common(1)[0][0])
        if trial.refused and not (trial.effective and trial.accepted):
            trial.failures[trial.refused.case] = trial.refused.found
            return self.failed(base, trial)
        fitting = [reading for reading in trial.readings if reading not in trial.refuted]
        follows = tuple(fitting[:1] if trial.law.nested else fitting)
        if not follows:
            return self.fits_no_reading(base, trial)
        if not trial.effective:
            why = "no case told the readings apart" if several and not trial.law.nested else "no case could have failed"
            return replace(base, verdict="mistrusted", reason=why, follows=follows if several else ())
        if not several:
            return base
        telling = min(trial.refuted.values(), key=lambda each: each.case.size) if trial.refuted else None
        return replace(base, follows=follows, evidence=evidence(telling) if telling else None)

    def failed(self, base: Result, trial: Trial) -> Result:
        """A failure: its smallest case that a fresh process confirms, or what else it is."""
        clause, failures = trial.law.clause, trial.failures
        unexplained = {case: miss for case, miss in failures.items() if not self.explained(clause, case, miss)}
        confirmation = Confirmation(trial=trial, hidden=lambda case, miss: self.explained(clause, case, miss) == bool(unexplained))
        found = confirmation.settled(unexplained or failures)
        kept = {**failures, found.case: found.miss} if found.certain else {found.case: found.miss}
        return replace(
            base,
            verdict=found.miss.verdict,
            kind=found.miss.kind,
            reason=found.reason,
            evidence=replace(evidence(Refutation(case=found.case, found=found.miss)), after=tuple(map(str, found.after))),
            failing=tuple(kept.items()),
            passing=tuple(trial.plain_passes),
        )

    def explained(self, clause: str, case: Case, miss: Mismatch) -> bool:
        return any(each.covers(clause, case, (miss.kind, miss.verdict)) for each in self.known)

    def fits_no_reading(self, base: Result, trial: Trial) -> Result:
        """Each case fits some reading but none fits all: the smallest case against each, found by holding it alone."""
        against = {}
        for reading, seen in trial.refuted.items():
            alone = Trial(law=trial.law, implementation=self.implementation, readings=(reading,), avoidance=self.avoidance)
            explore(alone, seed=self.seed, examples=self.examples)
            against[reading] = Confirmation(trial=alone).smallest(alone.failures) if alone.failures else seen
        ours = against[trial.readings[0]]
        miss = replace(ours.found, kind="reading" if ours.found.verdict == "deviates" else "")
        trial.failures[ours.case] = miss
        confirmation = Confirmation(trial=trial)
        found = confirmation.confirmed(ours.case, miss)
        return replace(
            base,
            verdict=found.miss.verdict,
            kind=found.miss.kind,
            reason=found.reason or "no single reading fits all cases",
            refuted={reading: evidence(each) for reading, each in against.items()},
            evidence=evidence(Refutation(case=found.case, found=found.miss)),
            failing=((found.case, found.miss),),
            passing=tuple(trial.plain_passes),
        )


def parse_rulings(texts: list[str]) -> dict[str, str]:
    """Rulings from CLAUSE=READING texts; raises UnknownName."""
    rulings = {}
    for text in texts:
        name, _, reading = text.partition("=")
        clause = clauses.find(name)
        if reading not in clause.readings:
            raise clauses.UnknownName(f"unknown reading {reading!r} of {name}, one of {', '.join(clause.readings)}")
        rulings[name] = reading
    return rulings


def evidence(found: Refutation) -> Evidence:
    miss = found.found
    return Evidence(case=str(found.case), kind=miss.kind or miss.verdict, observed=miss.observed, required=miss.required)


def evidence_line(shown: Evidence) -> dict[str, Any]:
    return {"case": shown.case, "kind": shown.kind, "observed": shown.observed, "required": shown.required, "after": list(shown.after)}
