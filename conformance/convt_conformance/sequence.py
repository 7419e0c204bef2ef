"""[I14 I17 I18] Other calls before, after and beside the one that is judged, as lines of the same program."""

from __future__ import annotations

from convt_conformance.adapters import Adapter
from convt_conformance.outcomes import NotExpressible
from convt_conformance.program import Program
from convt_conformance.protocol import missing
from convt_spec.case import Case
from convt_spec.lengths import printed_length
from convt_spec.problem import OMITTED, Argument, Items, Problem

LATER = 8
"""Calls after one whose result is kept: as many as a ring of buffers may have."""
TURNS, ROUNDS = (0, 1, 0, 2), 3
"""Calls that begin at the same time, by what they change: nothing, the input, all arrays; and how often they do."""
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
    return program if problem.state == "once" else Program(surrounded(program, problem, asking(adapter, case)))


def asking(adapter: Adapter, case: Case) -> tuple[str, ...]:
    """[O7] A call of the same layer that asks for another length, whatever comes of it; none where a layer cannot be asked."""
    problem = case.problem
    if problem.call == "function" or problem.state != "rewritten" or problem.output_size is not OMITTED:
        return ()
    stride, dilation, padding, more = (number(getattr(problem, name)) for name in ("stride", "dilation", "padding", "output_padding"))
    length = printed_length(problem.length, problem.kernel_size, stride or 1, dilation or 1, padding) + (0 if more else 1)
    try:
        program = adapter.program(problem.with_(output_size=length, output_padding=OMITTED), case.dtype)
    except NotExpressible:
        return ()
    return ("try:", *indented(program.lines[program.construct :]), "except Exception:", "    pass")


def number(argument: Argument) -> int:
    """The number behind an argument, 0 where there is none."""
    found = argument.values[0] if isinstance(argument, Items) else argument
    return found if isinstance(found, int) else 0


def indented(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"    {line}" for line in lines)


def surrounded(program: Program, problem: Problem, asked: tuple[str, ...]) -> tuple[str, ...]:
    """The program's lines with other calls, whose numbers differ from the case's by some whole number, or whose length does (`asked`)."""
    lines, again = program.lines, program.lines[program.construct :]
    names = ["x", "w", "b"] if problem.has_bias else ["x", "w"]
    held, others = ", ".join(names), ", ".join(f"{name} + 1" for name in names)
    if problem.state == "kept":
        return (*lines, "kept = y", f"for _ in range({LATER}):", *indented((f"{held} = {others}", *again)), "y = kept")
    if problem.state == "rewritten":
        before = [f"{name} += 1" for name in names]
        after = [f"{name}[...] = {name}_held" for name in names]
        return (*(f"{name}_held = {name}.copy()" for name in names), *before, *lines, *asked, *after, *again)
    if problem.state == "freed":
        own = ", ".join(f"{name}_held.copy()" for name in names)
        return (*(f"{name}_held = {name}" for name in names), f"{held} = {others}", *lines, f"del {held}, y", f"{held} = {own}", *again)
    other, same = ", ".join(f"{name} + 2" for name in names), ", ".join(["x + 1 if more else x", *names[1:]])
    return (
        "import sys",
        "from concurrent.futures import ThreadPoolExecutor",
        "from threading import Barrier",
        f"gate = Barrier({len(TURNS)})",
        f"def call({held}):",
        *indented(lines),
        "    return y",
        "def turn(more):",
        "    gate.wait()",
        f"    return call({other}) if more > 1 else call({same})",
        f"alone, interval = call({held}), sys.getswitchinterval()",
        f"sys.setswitchinterval({SWITCH})",
        "try:",
        f"    with ThreadPoolExecutor({len(TURNS)}) as pool:",
        f"        pending = [(more, pool.submit(turn, more)) for more in {TURNS} * {ROUNDS}]",
        "finally:",
        "    sys.setswitchinterval(interval)",
        "together = [(more, each.result()) for more, each in pending]",
        "y = next((each for more, each in together if more == 0 and each.tobytes() != alone.tobytes()), alone)",
    )
