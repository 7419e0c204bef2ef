"""One implementation under all laws: runs each law, confirms what it finds, and words the result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from hypothesis.errors import Flaky

from convt_conformance.isolation import Implementation
from convt_conformance.judge import Mismatch, mismatch
from convt_conformance.law import Deviation, Law, Refutation, Trial, explore, required
from convt_conformance.outcomes import Unsupported
from convt_conformance.simplify import simplest
from convt_spec import clauses
from convt_spec.case import Case

LEVELS = {"smoke": 20, "standard": 100, "thorough": 1000}
"""Generated cases per law."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A case with what was observed there and what is required."""

    case: str
    kind: str
    observed: str
    required: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One law's finding, as it stands in a record.

    `judged` counts cases that ran, `effective` those that a wrong answer could have failed, `unsupported` those without a call.
    `follows` are the readings that fit every case, `refuted` the smallest case against each other one. `evidence` is the smallest
    case of a deviation, or for a clause with readings the smallest that tells the followed one from another.
    """

    law: str
    clause: str
    verdict: str
    kind: str = ""
    judged: int = 0
    effective: int = 0
    unsupported: int = 0
    refused: int = 0
    reason: str = ""
    follows: tuple[str, ...] = ()
    refuted: dict[str, Evidence] = field(default_factory=dict)
    evidence: Evidence | None = None

    def as_line(self) -> dict[str, Any]:
        """The record's line."""
        fields = asdict(self)
        return {"line": "result", **fields, "follows": list(self.follows)}

    @property
    def failed(self) -> bool:
        return self.verdict not in ("conforms", "unsupported")


@dataclass(slots=True, kw_only=True)
class Session:
    """The implementation, the seed, the cases per law and the readings that the run enforces (clause to reading)."""

    implementation: Implementation
    seed: int
    examples: int
    rulings: Mapping[str, str] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)
    coverage: Counter[tuple[str, str]] = field(default_factory=Counter)

    def hold(self, law: Law) -> Result:
        """Run one law and keep its result."""
        trial = Trial(law=law, implementation=self.implementation, readings=self.readings(law.clause))
        failure: Deviation | None = None
        flaky = False
        try:
            explore(trial, seed=self.seed, examples=self.examples)
        except Deviation as found:
            failure = found
        except Flaky:
            text, found_mismatch = list(trial.seen.items())[-1]
            failure, flaky = Deviation(Case.parse(text), found_mismatch), True
        result = self.conclude(trial, failure, flaky)
        self.results.append(result)
        self.coverage.update(trial.coverage)
        return result

    def readings(self, clause: str) -> tuple[str, ...]:
        """The readings that conform in this run, our own first."""
        if clause in self.rulings:
            return (self.rulings[clause],)
        found = clauses.find(clause)
        return tuple(sorted(found.readings, key=lambda reading: reading != found.ruling))

    def conclude(self, trial: Trial, failure: Deviation | None, flaky: bool) -> Result:
        """The verdict over everything that the trial saw."""
        several = len(trial.readings) > 1
        base = Result(
            law=trial.law.name,
            clause=trial.law.clause,
            verdict="conforms",
            judged=trial.judged,
            effective=trial.effective,
            unsupported=trial.unsupported.total(),
            refused=trial.refusals,
            refuted={reading: evidence(each) for reading, each in trial.refuted.items()} if several else {},
        )
        if failure:
            found = Refutation(case=failure.case, found=failure.found)
            return self.failed(base, trial, found if flaky else self.simplified(trial, trial.readings, found), flaky)
        if not trial.judged and not trial.unsupported:
            return replace(base, verdict="mistrusted", reason="no case was drawn")
        if trial.cut_short == trial.tried:
            return replace(base, verdict="unsupported", reason=trial.unsupported.most_common(1)[0][0])
        if trial.refused and not (trial.effective and trial.accepted):
            return self.failed(base, trial, trial.refused, False)
        follows = tuple(reading for reading in trial.readings if reading not in trial.refuted)
        if not follows:
            return self.fits_no_reading(base, trial)
        if not trial.effective:
            why = "no case told the readings apart" if several else "no case could have failed"
            return replace(base, verdict="mistrusted", reason=why, follows=follows if several else ())
        if not several:
            return base
        telling = min(trial.refuted.values(), key=lambda each: each.case.size) if trial.refuted else None
        return replace(base, follows=follows, evidence=evidence(telling) if telling else None)

    def fits_no_reading(self, base: Result, trial: Trial) -> Result:
        """Each case fits some reading but none fits all: the smallest case against each, found by holding it alone."""
        against = {}
        for reading, seen in trial.refuted.items():
            alone = Trial(law=trial.law, implementation=self.implementation, readings=(reading,))
            try:
                explore(alone, seed=self.seed, examples=self.examples)
                against[reading] = seen
            except Deviation as deviation:
                found = Refutation(case=deviation.case, found=deviation.found)
                against[reading] = self.simplified(trial, (reading,), found)
            except Flaky:
                against[reading] = seen
        ours = against[trial.readings[0]]
        miss = replace(ours.found, kind="reading" if ours.found.verdict == "deviates" else "")
        refuted = {reading: evidence(each) for reading, each in against.items()}
        marked = replace(base, refuted=refuted, reason="no single reading fits all cases")
        return self.failed(marked, trial, Refutation(case=ours.case, found=miss), False)

    def simplified(self, trial: Trial, readings: tuple[str, ...], found: Refutation) -> Refutation:
        """The plainest case that fails the law in the same way; as found where each try costs a process."""
        if found.found.verdict != "deviates" or found.found.kind in ("changes-input", "not-deterministic"):
            return found

        def fails(case: Case) -> Mismatch | None:
            again = Trial(law=trial.law, implementation=self.implementation, readings=readings)
            try:
                trial.law.body(again, case)
            except Deviation as deviation:
                return deviation.found if deviation.case == case else None
            except (ValueError, AssertionError, ZeroDivisionError):
                return None  # the case lies outside what the law is about
            return None

        case, miss = simplest(found.case, found.found, fails)
        return Refutation(case=case, found=miss)

    def failed(self, base: Result, trial: Trial, found: Refutation, flaky: bool) -> Result:
        """A failure, after a second look at its case in a fresh process: one that does not come back is not-deterministic."""
        shown = evidence(found)
        if flaky or not self.comes_back(trial, found):
            reason = "the deviation did not come back in a fresh process"
            kind = "not-deterministic"
            return replace(base, verdict="deviates", kind=kind, reason=reason, evidence=replace(shown, kind=kind))
        return replace(base, verdict=found.found.verdict, kind=found.found.kind, evidence=shown)

    def comes_back(self, trial: Trial, found: Refutation) -> bool:
        """Whether the case differs from the ruling's answer when it is the first of a fresh process, or fails the law again."""
        if found.found.kind in ("changes-input", "not-deterministic"):
            return True
        outcome = self.implementation.run_fresh(found.case)
        if isinstance(outcome, Unsupported):
            return False
        answers = [required(found.case, choice) for choice in trial.choices(trial.readings[0])]
        if all(mismatch(found.case, outcome, answer, trial.law.aspects) for answer in answers):
            return True
        again = Trial(law=trial.law, implementation=self.implementation, readings=trial.readings)
        try:
            trial.law.body(again, found.case)
        except Deviation:
            return True
        return bool(again.refuted.get(trial.readings[0]))


def evidence(found: Refutation) -> Evidence:
    miss = found.found
    return Evidence(case=str(found.case), kind=miss.kind or miss.verdict, observed=miss.observed, required=miss.required)
