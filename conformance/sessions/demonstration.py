"""What the program of a case shows of a deviation: the wrong result of its one call, or of a law over all its calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from alone import FILLING, Broken, Ran, Room, outcome, run

from convt.commands.repro import scripted
from convt_conformance.foreign import is_program
from convt_conformance.isolation import Isolated
from convt_conformance.judge import Mismatch
from convt_conformance.law import LAWS, Law
from convt_conformance.outcomes import Computed, Outcome, Unsupported
from convt_conformance.protocol import Description
from convt_conformance.records import Record
from convt_conformance.replay import replayed
from convt_conformance.requirements import required
from convt_conformance.session import in_force, parse_rulings
from convt_conformance.trial import Trial
from convt_reports.scripts import Claim, Key
from convt_spec.case import Case

AGAIN = 5
"""Runs of a program that gives the right result, before it contradicts the record."""
FILLED = {2: 64, 4: 191}
"""Of these, some in memory filled with a byte or its complement, floats of about 1: what reads memory to which nothing was written is lucky
where that holds zeros."""


@dataclass(slots=True, kw_only=True)
class Subject:
    """An implementation: the worker that writes its programs, and the interpreter in which they run alone."""

    record: Record
    judged: Isolated
    python: str
    identity: str
    room: Room

    def program(self, case: Case, before: Sequence[Case] = (), reading: str = "") -> str:
        """The program of a case as `convt repro --script` prints it; raises Broken where there is no such call."""
        parts = [self.judged.script(each) for each in (*before, case)]
        lacking = next((part["unsupported"] for part in parts if "unsupported" in part), None)
        if lacking:
            raise Broken(f"there is no such call: {lacking}")
        who = self.judged.description
        return scripted(f"{who.name} {who.version}", case, parts, self.rulings(reading))

    def rulings(self, reading: str) -> Mapping[str, str]:
        return parse_rulings([reading]) if reading else self.record.header["rulings"]

    def run(self, program: str, filled: int = 0) -> Ran:
        return run(self.python, program, self.room, foreign=is_program(self.record.asked), filled=filled)

    def outcome(self, ran: Ran, case: Case) -> Outcome:
        """What became of the case; raises Broken where it was not asked."""
        found = outcome(ran, self.room, self.judged.description.supports, case.dtype)
        if isinstance(found, Unsupported):
            raise Broken(str(found))
        return found


@dataclass(slots=True, kw_only=True)
class Alone:
    """An implementation each of whose calls is a program of its own; with `together`, one that makes the calls before it too."""

    subject: Subject
    together: bool = False
    history: list[Case] = field(default_factory=list)

    @property
    def description(self) -> Description:
        return self.subject.judged.description

    def run(self, case: Case) -> Outcome:
        try:
            program = self.subject.program(case, self.history if self.together else ())
            found = self.subject.outcome(self.subject.run(program), case)
        except Broken as error:
            return Unsupported(reason=str(error))
        self.history.append(case)
        return found

    def run_ahead(self, cases: Sequence[Case]) -> list[Outcome]:
        return [self.run(cases[0])]

    def restart(self, before: Sequence[Case] = ()) -> None:
        self.history = list(before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a program showed of a claim, a word of `SHOWN`, and why; `law` is the one that showed it, `ran` the run that did."""

    shown: str
    why: str
    law: str = ""
    ran: Ran | None = None


def single(law: Law, case: Case, outcome: Outcome, reading: str, rulings: Mapping[str, str]) -> Mismatch | None:
    """How one call differs from what a reading of the law's clause asks for, or each reading in force; None where one fits."""
    clause, _, only = reading.partition("=")
    readings = (only,) if clause == law.clause else in_force(law.clause, rulings)
    trial = Trial(law=law, implementation=NOBODY, readings=readings)
    answers = [[required(case, choice) for choice in trial.choices(each)] for each in readings]
    found = [trial.miss(case, outcome, each) for each in answers]
    return None if None in found else found[0]


NOBODY: Any = None
"""In place of an implementation, where none is asked."""


def finding(subject: Subject, claim: Claim, key: Key, first: Ran) -> Finding:
    """What the program of a case showed of a claim; where its one call is right each time, what the law says of all its calls."""
    text, before, reading = key
    case, outputs = Case.parse(text), {first.out}
    for number in range(1, AGAIN + 1):
        filled = FILLED.get(number, 0)
        ran = first if number == 1 else subject.run(first.program, filled)
        outputs.add(ran.out)
        try:
            seen = subject.outcome(ran, case)
        except Broken as error:
            return Finding(shown="unsettled", why=str(error))
        if "changes-input" in claim.kinds and isinstance(seen, Computed) and seen.changed_input:
            return Finding(shown="yes", why="changes-input: observed an argument was written to; required untouched arguments")
        for name in claim.laws:
            if miss := single(LAWS[name], case, seen, reading, subject.record.header["rulings"]):
                found = as_recorded(claim, miss)
                where = f"in run {number} of the program{f', with GLIBC_TUNABLES={FILLING.format(filled)}' if filled else ''}"
                return replace(found, why=f"{where}, {found.why}", ran=ran) if number > 1 else found
    if "not-deterministic" in claim.kinds:
        steady = f"{AGAIN} runs of the program give the same right result"
        return Finding(shown="unsettled", why=steady) if len(outputs) == 1 else Finding(shown="yes", why="runs of the program differ")
    if before or reading or claim.verdict != "deviates":
        return Finding(shown="no", why=f"it gives {seen}, which fits, in {AGAIN} runs; the record says {claim.observed}")
    return several(subject, claim, case, seen)


def as_recorded(claim: Claim, miss: Mismatch) -> Finding:
    """A call that is wrong: in the way that the record says, or in another."""
    how = miss.kind or miss.verdict
    free = {"reading", "depends-on-order", "not-deterministic"} & set(claim.kinds)
    same = free or (how in claim.kinds if miss.kind and claim.kinds else miss.verdict == claim.verdict)
    alike = miss.observed == claim.observed or miss.verdict == claim.verdict != "deviates"
    other = "" if alike else f"; the record has {claim.observed}"
    return Finding(shown="yes" if same else "differs", why=f"{how}: observed {miss.observed}; required {miss.required}{other}")


def several(subject: Subject, claim: Claim, case: Case, seen: Outcome) -> Finding:
    """The law over all its calls: each a program of its own, and then each after those before it."""
    asked = 0
    for name in claim.laws:
        for together in (False, True):
            alone = Alone(subject=subject, together=together)
            try:
                found = replayed(alone, LAWS[name], case, subject.record.header["rulings"])
            except (ValueError, AssertionError, ZeroDivisionError, Broken):
                continue  # the law is not about this case
            asked = max(asked, len(set(alone.history)))
            if found.found:
                calls = f"{len(set(alone.history))} calls, each a program {'after those before it' if together else 'of its own'}"
                why = f"{name} over {calls}: observed {found.found.observed}; required {found.found.required}"
                return Finding(shown="law", why=why, law=name)
    words = f"nor do the {asked} calls of {', '.join(claim.laws)}" if asked > 1 else "which fits"
    return Finding(shown="no", why=f"it gives {seen}, {words}")
