"""[I14 I17 I18] Other calls before, after and beside the one that is judged, as lines of the same program."""

from __future__ import annotations

from convt_conformance.adapters import Adapter
from convt_conformance.outcomes import NotExpressible
from convt_conformance.program import Program
from convt_conformance.protocol import missing
from convt_spec.case import Case
from convt_spec.problem import Problem

THREADS, TASKS = 4, 12
"""Calls that begin at the same time, and calls in all."""
SWITCH = 1e-6
"""Seconds between two threads of Python: as short as it goes, so that calls meet."""


def prepared(adapter: Adapter, case: Case) -> Program:
    """The program of a case with the calls around it; raises NotExpressible."""
    problem = case.problem
    plain = (problem.memory, problem.state, problem.parameters) == ("plain", "once", "set")
    lacking = "" if plain else missing(adapter.description().supports, problem)
    if lacking:
        raise NotExpressible(lacking)
    program = adapter.program(problem, case.dtype)
    return program if problem.state == "once" else Program(surrounded(program, problem))


def surrounded(program: Program, problem: Problem) -> tuple[str, ...]:
    """The program's lines with other calls, whose numbers differ from the case's by 1 or 2."""
    lines, again = program.lines, program.lines[program.construct :]
    names = ["x", "w", "b"] if problem.has_bias else ["x", "w"]
    held, others = ", ".join(names), ", ".join(f"{name} + 1" for name in names)
    if problem.state == "kept":
        return (*lines, f"kept, {held} = y, {others}", *again, "y = kept")
    if problem.state == "rewritten":
        before = [f"{name} += 1" for name in names]
        after = [f"{name}[...] = {name}_held" for name in names]
        return (*(f"{name}_held = {name}.copy()" for name in names), *before, *lines, *after, *again)
    if problem.state == "freed":
        own = ", ".join(f"{name}_held.copy()" for name in names)
        return (*(f"{name}_held = {name}" for name in names), f"{held} = {others}", *lines, f"del {held}, y", f"{held} = {own}", *again)
    later = ", ".join(f"{name} + more" for name in names)
    return (
        "import sys",
        "from concurrent.futures import ThreadPoolExecutor",
        "from threading import Barrier",
        f"gate = Barrier({THREADS})",
        f"def call({held}):",
        *(f"    {line}" for line in lines),
        "    return y",
        f"alone, interval = call({held}), sys.getswitchinterval()",
        f"sys.setswitchinterval({SWITCH})",
        "try:",
        f"    with ThreadPoolExecutor({THREADS}) as pool:",
        f"        pending = [pool.submit(lambda more: gate.wait() is None or call({later}), more) for more in [0, 1, 2] * {TASKS // 3}]",
        "finally:",
        "    sys.setswitchinterval(interval)",
        "together = [each.result() for each in pending]",
        "y = next((each for each in together[::3] if each.tobytes() != alone.tobytes()), alone)",
    )
