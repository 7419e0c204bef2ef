"""[I13 I14 I17 I18] Other calls before, after and beside the one that is judged, and a look at its lists, as lines of the same program."""

from __future__ import annotations

from convt_conformance.adapters import Adapter
from convt_conformance.outcomes import NotExpressible
from convt_conformance.program import Held, Program, source
from convt_conformance.protocol import missing
from convt_spec.case import Case
from convt_spec.lengths import printed_length
from convt_spec.problem import CALL_ARGUMENTS, OMITTED, Items, Problem, plain

LATER = 8
"""Calls after one whose result is kept: as many as a ring of buffers may have."""
TURNS, ROUNDS = (0, 1, 0, 2, 3), 3
"""Calls that begin at the same time, by what they change: nothing, the input, all arrays, the stride; and how often they do."""
CHANGED = "the call changed the list that it was given"
SWITCH = 1e-6
"""Seconds between two threads of Python: as short as it goes, so that calls meet."""


def prepared(adapter: Adapter, case: Case) -> Program:
    """The program of a case with the calls around it; raises NotExpressible."""
    problem = case.problem
    plain = (problem.memory, problem.state, problem.parameters) == ("plain", "once", "set")
    lacking = "" if plain else missing(adapter.description().supports, problem)
    if lacking:
        raise NotExpressible(lacking)
    if problem.state == "watched":
        return watched(adapter, case)
    program = adapter.program(problem, case.dtype)
    other = strided if problem.state == "threads" else asking
    return program if problem.state == "once" else Program(surrounded(program, problem, other(adapter, case)))


def watched(adapter: Adapter, case: Case) -> Program:
    """[I13] The call with its lists under names of their own; it fails where one of them is another afterwards."""
    given = {name: getattr(case.problem, name) for name in (*CALL_ARGUMENTS, "kernel_form")}
    lists = {name: value for name, value in given.items() if isinstance(value, Items) and value.kind == "list"}
    held = {name: Held("list", value.values, f"{name}_given") for name, value in lists.items()}
    made = [f"{name}_given = {source(value)}" for name, value in lists.items()]
    looks = [f"assert {name}_given == {source(value)}, f'{CHANGED}: {name}={{{name}_given}}'" for name, value in lists.items()]
    return Program((*made, *adapter.program(case.problem.with_(**held), case.dtype).lines, *looks))


def asking(adapter: Adapter, case: Case) -> tuple[str, ...]:
    """[O7] A call of the same layer that asks for another length, whatever comes of it; none where a layer cannot be asked."""
    problem = case.problem
    if problem.call == "function" or problem.state != "rewritten" or problem.output_size is not OMITTED:
        return ()
    stride, dilation, padding, more = (plain(getattr(problem, name), 0) for name in ("stride", "dilation", "padding", "output_padding"))
    length = printed_length(problem.length, problem.kernel_size, stride or 1, dilation or 1, padding) + (0 if more else 1)
    try:
        program = adapter.program(problem.with_(output_size=length, output_padding=OMITTED), case.dtype)
    except NotExpressible:
        return ()
    return tolerant(program.lines[program.construct :])


def strided(adapter: Adapter, case: Case) -> tuple[str, ...]:
    """[I18] The same call with another stride, whatever comes of it; none where there is no other stride."""
    try:
        return tolerant(adapter.program(case.problem.with_(stride=(plain(case.problem.stride) or 1) + 1), case.dtype).lines)
    except NotExpressible:
        return ()


def tolerant(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines, which may fail."""
    return ("try:", *indented(lines), "except Exception:", "    pass")


def indented(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"    {line}" for line in lines)


def surrounded(program: Program, problem: Problem, unlike: tuple[str, ...]) -> tuple[str, ...]:
    """The program's lines with other calls: their numbers are greater by some whole number, or length or stride is another (`unlike`)."""
    lines, again = program.lines, program.lines[program.construct :]
    names = ["x", "w", "b"] if problem.has_bias else ["x", "w"]
    held, others = ", ".join(names), ", ".join(f"{name} + 1" for name in names)
    if problem.state == "kept":
        return (*lines, "kept = y", f"for _ in range({LATER}):", *indented((f"{held} = {others}", *again)), "y = kept")
    if problem.state == "rewritten":
        before = [f"{name} += 1" for name in names]
        after = [f"{name}[...] = {name}_held" for name in names]
        return (*(f"{name}_held = {name}.copy()" for name in names), *before, *lines, *unlike, *after, *again)
    if problem.state == "freed":
        own = ", ".join(f"{name}_held.copy()" for name in names)
        return (*(f"{name}_held = {name}" for name in names), f"{held} = {others}", *lines, f"del {held}, y", f"{held} = {own}", *again)
    other, same = ", ".join(f"{name} + 2" for name in names), ", ".join(["x + 1 if more else x", *names[1:]])
    turns = TURNS if unlike else TURNS[:-1]
    return (
        "import sys",
        "from concurrent.futures import ThreadPoolExecutor",
        "from threading import Barrier",
        f"gate = Barrier({len(turns)})",
        f"def call({held}):",
        *indented(lines),
        "    return y",
        f"def unlike({held}):",
        *indented(unlike or ("pass",)),
        "def turn(more):",
        "    gate.wait()",
        f"    return unlike({held}) if more == 3 else call({other}) if more == 2 else call({same})",
        f"alone, interval = call({held}), sys.getswitchinterval()",
        f"sys.setswitchinterval({SWITCH})",
        "try:",
        f"    with ThreadPoolExecutor({len(turns)}) as pool:",
        f"        pending = [(more, pool.submit(turn, more)) for more in {turns} * {ROUNDS}]",
        "finally:",
        "    sys.setswitchinterval(interval)",
        "together = [(more, each.result()) for more, each in pending]",
        "y = next((each for more, each in together if more == 0 and each.tobytes() != alone.tobytes()), alone)",
    )
