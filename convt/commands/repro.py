"""`convt repro`: one case, what was observed and what is required."""

from __future__ import annotations

import argparse
import sys
from itertools import combinations
from typing import TYPE_CHECKING

from convt.command import UsageError
from convt.commands import foreign_script, implementation, script

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convt_conformance.isolation import Isolated
    from convt_conformance.outcomes import Outcome
    from convt_spec.case import Case
    from convt_spec.clauses import Clause
    from convt_spec.interpretation import Answer, Refusal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("implementation", metavar="IMPLEMENTATION", help=implementation.FORMS)
    parser.add_argument("case", metavar="CASE", help="the text of a case, such as N1,C1,M1,L5,K3,stride=2,float32,int:1")
    parser.add_argument(
        "--after", action="append", default=[], metavar="CASE", help="run this case before, in the same process; repeatable"
    )
    parser.add_argument("--script", action="store_true", help="print a program that shows the case without convt")
    implementation.add_process_arguments(parser)
    implementation.add_debug_argument(parser)


def run(options: argparse.Namespace) -> int:
    """0 when the outcome fits our readings or another listed one, 1 when it fits none."""
    from convt_conformance.debug import view
    from convt_conformance.isolation import Isolated, Limits
    from convt_spec.case import Case
    from convt_spec.data import numbers

    watch = view(sys.stderr) if options.protocol_debug else None
    name = implementation.known_name(options.implementation)
    with implementation.plain_errors():
        case = Case.parse(options.case)
        numbers(case)
        before = [Case.parse(text) for text in options.after]
        python = implementation.interpreter(options.python)
        limits = Limits(seconds=options.timeout, memory=options.memory)
        with Isolated(name, python=python, limits=limits, watch=watch) as judged:
            who = judged.description
            judged.run_many(before)
            parts = judged.script(case)
            if "requests" in parts:
                return run_program(f"{who.name} {who.version}", case, judged, options.script)
            if "unsupported" in parts:
                raise UsageError(f"{who.name} has no call for this case: {parts['unsupported']}")
            if options.script:
                print(script.script(f"{who.name} {who.version}", case, parts))
                return 0
            print(f"{who.name} {who.version}\ncase      {case}\ncall      " + "\n          ".join(parts["lines"]))
            outcome = judged.run(case)
    return print_comparison(case, outcome)


def run_program(title: str, case: Case, judged: Isolated, scripted: bool) -> int:
    """The same for a program in any language."""
    from convt_conformance.outcomes import Crashed, Unsupported

    parts = judged.script(case)
    if scripted:
        print(foreign_script.script(title, case, parts, *script.wanted(case)))
        return 0
    print(f"{title}\ncase      {case}\ncall      {foreign_script.call(parts)}")
    outcome = judged.run(case)
    if isinstance(outcome, Unsupported):
        raise UsageError(f"{title} has no call for this case: {outcome.reason}")
    if isinstance(outcome, Crashed) and outcome.stderr:
        print("stderr    " + "\n          ".join(outcome.stderr.splitlines()[-5:]))
    return print_comparison(case, outcome)


def print_comparison(case: Case, outcome: Outcome) -> int:
    """The outcome beside our answer, where they differ, and every clause with a reading that the outcome fits or could have fitted."""
    from convt_conformance.judge import mismatch, requirement
    from convt_spec import clauses
    from convt_spec.interpretation import interpret

    ours = interpret(case.problem, clauses.rulings())
    found = mismatch(case, outcome, ours)
    print(f"observed  {outcome}\nrequired  {requirement(case, ours)}")
    if found and found.kind == "value" and not found.observed.startswith("["):  # all numbers of a short result stand above
        print(f"where     {found.observed}, required {found.required}")
    told = told_apart(case)
    fitting = {clause.id: [name for name, answer in answers.items() if mismatch(case, outcome, answer) is None] for clause, answers in told}
    fits = found is None or any(fitting.values())
    for clause, answers in told:
        fitted = fitting[clause.id]
        if fitted or (found and not fits and concerns(found.kind, answers)):
            print(f"[{clause.id}] {clause.title}: fits {', '.join(fitted) or 'no listed reading'} of {', '.join(answers)}")
    print("conforms" if fits else "deviates")
    return 0 if fits else 1


def told_apart(case: Case) -> list[tuple[Clause, Mapping[str, Answer | Refusal]]]:
    """Every clause whose reading makes a difference here, and what each of its readings asks for."""
    from convt_conformance.telling import differ, readings_of
    from convt_spec import clauses

    found = [(clause, readings_of(clause.id, case.problem)) for clause in clauses.inventory().values() if clause.has_readings]
    return [(clause, answers) for clause, answers in found if any(differ(case, *pair) for pair in combinations(answers.values(), 2))]


def concerns(kind: str, answers: Mapping[str, Answer | Refusal]) -> bool:
    """Whether a fault of this kind that fits no reading may be about these: wrong numbers alone say nothing about a clause."""
    from convt_spec.interpretation import Refusal

    sizes = {None if isinstance(answer, Refusal) else answer.length for answer in answers.values()}
    return kind in ("length", "accepts-invalid") and len(sizes) > 1
