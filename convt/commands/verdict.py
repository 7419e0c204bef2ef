"""What `convt check` prints of an implementation's run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convt_conformance.check import Verdict
    from convt_conformance.diagnosis import Diagnosis
    from convt_conformance.results import Result


def show(verdict: Verdict, record: Path, name: str, rulings: Mapping[str, str]) -> None:
    """The table of clauses, then each deviation with its smallest case and the command that shows it, under the rulings of the run."""
    from convt_conformance.check import clause_verdicts
    from convt_spec import clauses

    who = verdict.description
    print(f"\n{who.name} {who.version}")
    worst = clause_verdicts([result for result, _ in verdict.results])
    unlisted = {result.clause for result, known in verdict.results if result.failed and not known}
    for clause in clauses.inventory().values():
        if result := worst.get(clause.id):
            word = result.verdict + (" (listed)" if result.failed and clause.id not in unlisted else "")
            print(f"  {clause.id:<4}{clause.title:<58.57}{word:<20}{detail(result)}")
    for result in (each for each, _ in verdict.results if each.verdict == "mistrusted"):
        print(f"\n  [{result.clause}] mistrusted: {result.reason}\n    law      {result.law}")
    for cause in verdict.causes:
        print_cause(cause, verdict, name, rulings)
    print_listed(verdict)
    print_claims(verdict)
    if verdict.effects:
        print("\n  left changed by calls, and put back:")
    for each in verdict.effects:
        print(f"    {each['what']} ({each['cases']} {'case' if each['cases'] == 1 else 'cases'}), such as {each['case']}")
    print(f"\n  {summary(verdict)}; record: {record}")


def print_listed(verdict: Verdict) -> None:
    """The known deviations that occurred, those that did not, and those without a reason."""
    used = dict.fromkeys(each for _, known in verdict.results for each in known)
    if used:
        print("\n  known deviations that occurred:")
    for each in used:
        print(f"    {each}: {each.reason or 'no reason is given'}")
    for stale in verdict.stale:
        print(f"\n  listed, but it explains no failure of this run: {stale}; take the entry out, or limit its versions")
    for entry in verdict.unreasoned:
        print(f"\n  listed without a reason: {entry}; say why in the file of known deviations")


def print_claims(verdict: Verdict) -> None:
    """What the implementation says of itself that a plain call does not bear out."""
    for each in verdict.claims:
        if not each.holds:
            said = f"{each.feature} is supported" if each.claimed else f"{each.feature} is not supported"
            found = "it works" if each.works else each.observed
            print(f"\n  says that {said}, but over {each.case}: {found}")


def detail(result: Result) -> str:
    if result.verdict == "unsupported":
        return result.reason
    if result.failed:
        return result.kind or result.reason
    shown = f"follows {' or '.join(result.follows)}" if result.follows else f"{result.effective} cases"
    return f"{shown}: {result.arithmetic}" if result.arithmetic else shown


def print_cause(cause: Diagnosis, verdict: Verdict, name: str, rulings: Mapping[str, str]) -> None:
    """One cause: the clauses it fails, the condition, what was observed and required, and the command that shows it."""
    from convt_conformance.reproduction import MOST_AFTER, command

    result = next(each for each, _ in verdict.results if each.law == cause.law)
    kinds = ", ".join(kind for kind in cause.kinds if kind)
    print(f"\n  [{in_short(cause.clauses)}] {cause.verdict}{f', {kinds}' if kinds else ''}{f': {result.reason}' if result.reason else ''}")
    if cause.passes:
        print(f"    when     {when(cause)} ({cause.failures} cases fail, {cause.passes} pass)")
    print(f"    laws     {in_short(cause.laws)}")
    if "reading" in cause.kinds:
        for reading, each in result.refuted.items():
            print(f"    not {reading}: {each.case}\n      observed {each.observed}\n      required {each.required}")
            print(f"      {command(name, each.case, rulings={result.clause: reading}, about=cause.clauses)}")
        return
    print(f"    observed {cause.evidence.observed}\n    required {cause.evidence.required}")
    after = cause.evidence.after
    if len(after) > MOST_AFTER:
        print(f"    after    {len(after)} other cases, see the record for all")
    if cause.shown_by is None:
        print("    the command showed nothing when it was tried: run it several times")
    print(f"    {command(name, cause.evidence.case, after=after, law=cause.shown_by, rulings=rulings, about=cause.clauses)}")


def when(cause: Diagnosis) -> str:
    """The condition, or how near to one the failures come."""
    if cause.condition or not cause.near:
        return cause.condition or "no simple condition was found"
    shared = "1 case that passes" if cause.near_passes == 1 else f"{cause.near_passes} cases that pass"
    padding = f", of which {cause.cropped} would fail without padding" if cause.cropped else ""
    return f"{cause.near}, nearly: it holds for {shared} too{padding}"


def in_short(names: Sequence[str], most: int = 10) -> str:
    """The first names, and how many there are beside them; the record holds them all."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def summary(verdict: Verdict) -> str:
    new = sum(1 for result, known in verdict.results if result.failed and not known)
    listed = sum(1 for _, known in verdict.results if known)
    held = sum(1 for result, _ in verdict.results if result.verdict == "conforms")
    unsupported = sum(1 for result, _ in verdict.results if result.verdict == "unsupported")
    words = f"{held} laws hold, {new} fail, {listed} fail as listed, {unsupported} unsupported"
    tail = "" if verdict.complete else "; interrupted, so this is a part only"
    return f"{words}; {verdict.judged} cases judged in {verdict.seconds:.1f} s{tail}"
