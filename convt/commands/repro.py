"""`convt repro`: one case, what was observed and what is required."""

from __future__ import annotations

import argparse
import math
import sys
from itertools import combinations
from typing import TYPE_CHECKING, Any

from convt.command import UsageError
from convt.commands import foreign_script, implementation

if TYPE_CHECKING:
    from convt_conformance.isolation import Isolated
    from convt_conformance.outcomes import Outcome
    from convt_spec.case import Case


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
                print(script(f"{who.name} {who.version}", case, parts))
                return 0
            print(f"{who.name} {who.version}\ncase      {case}\ncall      " + "\n          ".join(parts["lines"]))
            outcome = judged.run(case)
    return print_comparison(case, outcome)


def run_program(title: str, case: Case, judged: Isolated, scripted: bool) -> int:
    """The same for a program in any language."""
    from convt_conformance.judge import requirement
    from convt_conformance.outcomes import Crashed, Unsupported
    from convt_spec import clauses
    from convt_spec.interpretation import interpret

    parts = judged.script(case)
    if scripted:
        print(foreign_script.script(title, case, parts, requirement(case, interpret(case.problem, clauses.rulings()))))
        return 0
    print(f"{title}\ncase      {case}\ncall      {foreign_script.call(parts)}")
    outcome = judged.run(case)
    if isinstance(outcome, Unsupported):
        raise UsageError(f"{title} has no call for this case: {outcome.reason}")
    if isinstance(outcome, Crashed) and outcome.stderr:
        print("stderr    " + "\n          ".join(outcome.stderr.splitlines()[-5:]))
    return print_comparison(case, outcome)


def print_comparison(case: Case, outcome: Outcome) -> int:
    """The outcome beside our answer, and every clause whose reading makes a difference here."""
    from convt_conformance.judge import mismatch, requirement
    from convt_conformance.telling import differ, readings_of
    from convt_spec import clauses
    from convt_spec.interpretation import interpret

    ours = interpret(case.problem, clauses.rulings())
    fits = mismatch(case, outcome, ours) is None
    print(f"observed  {outcome}\nrequired  {requirement(case, ours)}")
    for clause in clauses.inventory().values():
        answers = readings_of(clause.id, case.problem) if clause.has_readings else {}
        if any(differ(case, *pair) for pair in combinations(answers.values(), 2)):
            fitting = [reading for reading, answer in answers.items() if mismatch(case, outcome, answer) is None]
            fits = fits or bool(fitting)
            print(f"[{clause.id}] {clause.title}: fits {', '.join(fitting) or 'no listed reading'} of {', '.join(answers)}")
    print("conforms" if fits else "deviates")
    return 0 if fits else 1


def script(title: str, case: Case, parts: dict[str, Any]) -> str:
    """A stand-alone program: the arrays written out, the implementation's own call, both results printed."""
    from convt_conformance.judge import requirement
    from convt_conformance.protocol import array_from_message
    from convt_spec import clauses
    from convt_spec.interpretation import interpret

    held = {name: array_from_message(array) for name, array in parts["arrays"].items()}
    arrays = [f'{name} = np.array({written(array)}, dtype="{array.dtype.name}").reshape({array.shape})' for name, array in held.items()]
    required = requirement(case, interpret(case.problem, clauses.rulings()))
    lines = [f"# {title}", f"# {case}", "import numpy as np", *parts["imports"], "", *arrays, *parts["lines"]]
    return "\n".join(
        [*lines, 'print("observed: shape", np.shape(y), np.asarray(y).reshape(-1).tolist())', f"print({'required: ' + required!r})"]
    )


def written(array: Any) -> str:
    """The numbers in C order, whole ones as such; NaN, infinities and negative zeros as what they are."""
    return f"[{', '.join(map(number_source, array.reshape(-1).tolist()))}]"


def number_source(number: float) -> str:
    if not math.isfinite(number):
        return f"{'-' if number < 0 else ''}np.{'nan' if math.isnan(number) else 'inf'}"
    whole = number.is_integer() and abs(number) < 1e15 and (number != 0 or math.copysign(1, number) > 0)
    return str(int(number)) if whole else repr(number)
