"""One implementation under all laws: runs each law, confirms what it finds, and words the result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from convt_conformance import arithmetic
from convt_conformance.adapters.catalogue import share
from convt_conformance.avoidance import Avoidance
from convt_conformance.confirmation import Confirmation
from convt_conformance.effects import Effects
from convt_conformance.exploration import explore
from convt_conformance.isolation import Implementation
from convt_conformance.judge import Mismatch
from convt_conformance.law import Law
from convt_conformance.power import Power
from convt_conformance.results import Result, evidence
from convt_conformance.rounds import Rounds
from convt_conformance.trial import Trial
from convt_spec import clauses
from convt_spec.case import Case

LEVELS = {"smoke": 20, "standard": 100, "thorough": 1000}
"""Generated cases per law."""
FEWEST = 5
"""Cases per law of the slowest implementation: the first one is the simplest, which for many laws could not fail."""
UNSTEADY = 3
"""Laws whose failures do not come back alone, after which less is done to find out what they depend on."""


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
    unsteady: int = 0

    def hold(self, law: Law) -> Result:
        """Run one law and keep its result."""
        rounds = self.rounds(law, self.readings(law.clause), self.effects)
        result = self.conclude(rounds)
        self.results.append(result)
        self.coverage.update(rounds.trial.coverage)
        self.power.count(law.clause, rounds.passes, rounds.failures)
        return result

    def rounds(self, law: Law, readings: tuple[str, ...], effects: Effects) -> Rounds:
        """What all cases of a law show under some readings."""
        trial = Trial(
            law=law,
            implementation=self.implementation,
            readings=readings,
            avoidance=self.avoidance,
            effects=effects,
        )
        found = Rounds(trial=trial)
        explore(found, seed=self.seed, examples=self.examples)
        return found

    def readings(self, clause: str) -> tuple[str, ...]:
        """The readings that conform in this run, our own first."""
        return in_force(clause, self.rulings)

    def conclude(self, rounds: Rounds) -> Result:
        """The verdict over everything that was seen."""
        trial = rounds.trial
        several = len(trial.readings) > 1
        if "rounding" in trial.law.aspects and trial.accepted:
            trial.arithmetic.update(arithmetic.shown(self.implementation))
        base = Result(
            law=trial.law.name,
            clause=trial.law.clause,
            verdict="conforms",
            judged=trial.judged,
            effective=trial.effective,
            unsupported=trial.unsupported.total(),
            refused=trial.refusals,
            avoided=rounds.avoided,
            refuted={reading: evidence(each) for reading, each in trial.refuted.items()} if several else {},
            arithmetic=", ".join(f"{name} ({count})" for name, count in trial.arithmetic.most_common() if name),
        )
        if rounds.failures:
            return self.failed(base, rounds)
        if not trial.judged and not trial.unsupported:
            left_out = f"all cases were left out: {self.avoidance.told()} ends the process"
            return replace(base, verdict="mistrusted", reason=left_out if rounds.avoided else "no case was drawn")
        if rounds.cut_short == rounds.tried or (not trial.effective and 2 * rounds.cut_short > rounds.tried):
            return replace(base, verdict="unsupported", reason=trial.unsupported.most_common(1)[0][0])
        if trial.refused and not (trial.effective and trial.accepted):
            rounds.failures[trial.refused.case] = trial.refused.found
            return self.failed(base, rounds)
        fitting = [reading for reading in trial.readings if reading not in trial.refuted]
        follows = tuple(fitting[:1] if trial.law.nested else fitting)
        if not follows:
            return self.fits_no_reading(base, rounds)
        if not trial.effective:
            why = "no case told the readings apart" if several and not trial.law.nested else "no case could have failed"
            return replace(base, verdict="mistrusted", reason=why, follows=follows if several else ())
        if not several:
            return base
        telling = min(trial.refuted.values(), key=lambda each: each.case.size) if trial.refuted else None
        return replace(base, follows=follows, evidence=evidence(telling) if telling else None)

    def failed(self, base: Result, rounds: Rounds) -> Result:
        """A failure: its smallest case that a fresh process confirms, or what else it is."""
        clause, failures = rounds.trial.law.clause, rounds.failures
        unexplained = {case: miss for case, miss in failures.items() if not self.explained(clause, case, miss)}
        confirmation = Confirmation(
            rounds=rounds,
            hidden=lambda case, miss: self.explained(clause, case, miss) == bool(unexplained),
            brief=self.unsteady >= UNSTEADY,
            known=not unexplained,
        )
        found = confirmation.settled(unexplained or failures)
        self.unsteady += not found.certain
        kept = failures if found.certain else {case: miss for case, miss in failures.items() if case not in unexplained}
        return replace(
            base,
            verdict=found.miss.verdict,
            kind=found.miss.kind,
            reason=found.reason,
            evidence=found.evidence,
            failing=tuple({**kept, found.case: found.miss}.items()),
            passing=tuple(rounds.plain_passes),
        )

    def explained(self, clause: str, case: Case, miss: Mismatch) -> bool:
        return any(each.covers(clause, case, (miss.kind, miss.verdict)) for each in self.known)

    def fits_no_reading(self, base: Result, rounds: Rounds) -> Result:
        """Each case fits some reading but none fits all: the smallest case against each, found by holding it alone."""
        trial, against = rounds.trial, {}
        alone = {reading: self.rounds(trial.law, (reading,), Effects()) for reading in trial.refuted}
        for reading, seen in trial.refuted.items():
            failures = alone[reading].failures
            against[reading] = Confirmation(rounds=alone[reading]).smallest(failures) if failures else seen
        ours = against[trial.readings[0]]
        miss = replace(ours.found, kind="reading" if ours.found.verdict == "deviates" else "")
        found = Confirmation(rounds=alone[trial.readings[0]]).confirmed(ours.case, miss)
        return replace(
            base,
            verdict=found.miss.verdict,
            kind=found.miss.kind,
            reason=found.reason or "no single reading fits all cases",
            refuted={reading: evidence(each) for reading, each in against.items()},
            evidence=found.evidence,
            failing=((found.case, found.miss),),
            passing=tuple(rounds.plain_passes),
        )


def examples(implementation: str, level: str) -> int:
    """Cases to draw for each law: a level's own number, but fewer for a built-in implementation that is slow."""
    return min(LEVELS[level], max(FEWEST, round(LEVELS[level] * share(implementation))))


def in_force(clause: str, rulings: Mapping[str, str]) -> tuple[str, ...]:
    """The readings of a clause that conform, our own first: the one that `rulings` name, or all."""
    if clause in rulings:
        return (rulings[clause],)
    found = clauses.find(clause)
    return tuple(sorted(found.readings, key=lambda reading: reading != found.ruling))


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
