"""`convt repro`: one case, what was observed and what is required."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from convt.command import UsageError
from convt.commands import foreign_script, implementation, script

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from convt_conformance.isolation import Isolated
    from convt_conformance.law import Law
    from convt_conformance.outcomes import Outcome
    from convt_spec.case import Case
    from convt_spec.interpretation import Answer, Refusal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("implementation", metavar="IMPLEMENTATION", help=implementation.FORMS)
    parser.add_argument("case", metavar="CASE", help="the text of a case, such as N1,C1,M1,L5,K3,stride=2,float32,int:1")
    parser.add_argument(
        "--after", action="append", default=[], metavar="CASE", help="run this case before, in the same process; repeatable"
    )
    parser.add_argument("--law", metavar="LAW", help="hold this law over the case too, with all the calls that it makes")
    parser.add_argument("--ruling", action="append", default=[], metavar="CLAUSE=READING", help="accept this reading only; repeatable")
    parser.add_argument("--script", action="store_true", help="print a program that shows the case without convt")
    implementation.add_process_arguments(parser)
    implementation.add_debug_argument(parser)


def run(options: argparse.Namespace) -> int:
    """0 when the outcome fits our readings or another listed one, 1 when it fits none; of a law's calls, when all it asks for holds."""
    from convt_conformance.debug import view
    from convt_conformance.isolation import Isolated, Limits
    from convt_conformance.session import parse_rulings
    from convt_spec.case import Case
    from convt_spec.data import numbers

    watch = view(sys.stderr) if options.protocol_debug else None
    name = implementation.known_name(options.implementation)
    law = known_law(options.law) if options.law else None
    if law and options.script:
        raise UsageError("--script writes the call of the case, it cannot hold --law too; give one of them")
    with implementation.plain_errors():
        case = Case.parse(options.case)
        numbers(case)
        rulings = parse_rulings(options.ruling)
        before = [Case.parse(text) for text in options.after]
        for each in before:
            numbers(each)
        python = implementation.interpreter(options.python)
        limits = Limits(seconds=options.timeout, memory=options.memory)
        with Isolated(name, python=python, limits=limits, watch=watch) as judged:
            who = judged.description
            title = f"{who.name} {who.version}"
            parts = [judged.script(each) for each in (*before, case)]
            for each, found in zip((*before, case), parts, strict=True):
                if "unsupported" in found:
                    raise UsageError(f"{title} has no call for {each}: {found['unsupported']}")
            if options.script:
                print(scripted(title, case, parts, rulings))
                return 0
            print_lost(before, judged.run_many(before))
            call = [foreign_script.call(parts[-1])] if "requests" in parts[-1] else parts[-1]["lines"]
            print(f"{title}\ncase      {case}\ncall      " + "\n          ".join(call))
            return print_law(judged, law, case, rulings) if law else print_comparison(title, case, judged.run(case), rulings)


def print_lost(before: Sequence[Case], outcomes: Sequence[Outcome]) -> None:
    """Which of the cases before ended the process, so that what ran up to it is forgotten."""
    from convt_conformance.outcomes import Crashed, OutOfMemory, TimedOut

    for case, outcome in zip(before, outcomes, strict=True):
        if isinstance(outcome, Crashed | TimedOut | OutOfMemory):
            print(f"before    {case}\n          {outcome}; what ran up to here does not count", file=sys.stderr)


def scripted(title: str, case: Case, parts: Sequence[dict[str, Any]], rulings: Mapping[str, str]) -> str:
    """The program that shows a case without convt, after the calls before it, beside our answer under these rulings."""
    written = foreign_script.script if "requests" in parts[-1] else script.script
    return written(title, case, parts, script.wanted(case, rulings))


def known_law(name: str) -> Law:
    """The law of this name; raises UsageError."""
    from convt_conformance.laws import all_laws

    found = next((law for law in all_laws() if law.name == name), None)
    if found is None:
        raise UsageError(f"unknown law {name!r}; `convt check` names the laws that fail")
    return found


def print_law(judged: Isolated, law: Law, case: Case, rulings: Mapping[str, str]) -> int:
    """All calls of a law's round over a case, and how it ends."""
    from convt_conformance.outcomes import Unsupported
    from convt_conformance.replay import replayed

    try:
        replay = replayed(judged, law, case, rulings)
    except (ValueError, AssertionError, ZeroDivisionError) as error:
        raise UsageError(f"{law.name} is not about {case}; give the case that was printed with it") from error
    if all(isinstance(outcome, Unsupported) for _, outcome in replay.calls):
        reason = next((outcome for _, outcome in replay.calls), "it makes none")
        raise UsageError(f"{judged.description.name} has no call for {law.name} over {case}: {reason}")
    for number, (asked, outcome) in enumerate(replay.calls, 1):
        print(f"{f'call {number}':<10}{asked}\n          {outcome}")
    found = replay.found
    if found:
        print(f"{law.name}\n  case      {replay.case}\n  observed  {found.observed}\n  required  {found.required}")
    print("deviates" if found else "conforms")
    return 1 if found else 0


def print_comparison(title: str, case: Case, outcome: Outcome, rulings: Mapping[str, str]) -> int:
    """The outcome beside our answer, where they differ, and every clause with a reading that the outcome fits or could have fitted.

    `rulings` name the one reading that is accepted of some clauses; another reading of these is shown, but is no excuse.
    """
    from convt_conformance.comparison import compared
    from convt_conformance.judge import requirement
    from convt_conformance.outcomes import Crashed, Unsupported

    if isinstance(outcome, Unsupported):
        raise UsageError(f"{title} has no call for this case: {outcome.reason}")
    if isinstance(outcome, Crashed) and outcome.stderr:
        print("stderr    " + "\n          ".join(outcome.stderr.splitlines()[-5:]))
    comparison = compared(case, outcome, rulings)
    found, fits = comparison.found, comparison.fits
    print(f"observed  {outcome}\nrequired  {requirement(case, comparison.ours)}")
    if found and found.kind == "value" and not found.observed.startswith("["):  # all numbers of a short result stand above
        print(f"where     {found.observed}, required {found.required}")
    for each in comparison.told:
        if each.fitted or (found and not fits and concerns(found.kind, each.answers)):
            fitted = ", ".join(each.fitted) or "no listed reading"
            print(f"[{each.clause.id}] {each.clause.title}: fits {fitted} of {', '.join(each.answers)}")
    print("conforms" if fits else "deviates")
    return 0 if fits else 1


def concerns(kind: str, answers: Mapping[str, Answer | Refusal]) -> bool:
    """Whether a fault of this kind that fits no reading may be about these: wrong numbers alone say nothing about a clause."""
    from convt_spec.interpretation import Refusal

    sizes = {None if isinstance(answer, Refusal) else answer.length for answer in answers.values()}
    return kind in ("length", "accepts-invalid") and len(sizes) > 1
