"""Programs in any language, named `cmd:PROGRAM ARGS`: how they are started, limited and asked."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from convt_conformance.kin import MARK
from convt_conformance.outcomes import CannotRun
from convt_conformance.process import Process, attended, surroundings
from convt_conformance.protocol import VERSION, Message, array_message
from convt_spec.case import Case
from convt_spec.data import arrays
from convt_spec.problem import OMITTED, Argument, Items, Problem

PREFIX = "cmd:"
LONGEST = 1 << 28
"""Bytes of a line that a program may write: a quarter of a GiB, so that none fills the runner's memory."""


def is_program(name: str) -> bool:
    return name.startswith(PREFIX)


def command(name: str) -> list[str]:
    """The program and its arguments, quoted as in a shell; raises CannotRun."""
    try:
        words = shlex.split(name.removeprefix(PREFIX))
    except ValueError as error:
        raise CannotRun("usage", f"{name} cannot be split into words: {str(error).lower()}; quote it as in a shell") from error
    if not words or not words[0]:
        raise CannotRun("usage", f"{name!r} names no program; write cmd:PROGRAM ARGS, such as 'cmd:node harness.mjs'")
    return words


def spawn_program(name: str) -> Process:
    """Start a program in the current folder, in a session of its own, to end with the runner; raises CannotRun."""
    launch = [sys.executable, "-I", "-S", str(Path(__file__).parent / "launch.py"), str(os.getpid()), *command(name)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    environment = surroundings()
    popen = subprocess.Popen(launch, start_new_session=True, env=environment, **pipes)  # type: ignore[call-overload]
    process = attended(popen, environment[MARK])
    process.longest = LONGEST
    return process


def limit_memory(process: Process, mebibytes: int) -> None:
    """Cap the private memory of each process of the program at what it holds now plus `mebibytes`; without Linux nothing is capped.

    A process that the program starts later inherits the cap of the one that starts it.
    """
    try:
        import resource

        members = [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdecimal()]
    except (ImportError, OSError):
        return
    for member in members:
        with contextlib.suppress(OSError):
            if os.getsid(member) == process.popen.pid:
                held = re.search(r"VmData:\s*(\d+) kB", Path(f"/proc/{member}/status").read_text(encoding="ascii", errors="replace"))
                limit = (int(held[1]) if held else 0) * 1024 + mebibytes * 1024 * 1024
                hard = resource.prlimit(member, resource.RLIMIT_DATA)[1]
                limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
                resource.prlimit(member, resource.RLIMIT_DATA, (limit, limit))


def start_request() -> Message:
    return {"request": "start", "protocol": VERSION}


def run_request(case: Case) -> Message:
    """A case in full: its text, the form of the call, the arguments that are passed, and the arrays."""
    x, weight, bias = (None if array is None else array_message(array) for array in arrays(case))
    call = {"call": case.problem.call, "arguments": arguments(case.problem), "weight_axes": case.problem.weight}
    return {"request": "run", "case": str(case), **call, "x": x, "weight": weight, "bias": bias}


@lru_cache(maxsize=4096)
def arguments(problem: Problem) -> dict[str, Any]:
    """The arguments that are passed, as JSON; the layer's sizes among them. One that is left out is not there."""
    given: dict[str, Argument] = problem.given()
    if problem.call != "function":
        kernel = problem.kernel_size if problem.kernel_form is OMITTED else problem.kernel_form
        sizes: dict[str, Argument] = {"in_channels": problem.in_channels, "out_channels": problem.out_channels, "kernel_size": kernel}
        given = {**sizes, **given, **({} if problem.bias_attr is OMITTED else {"bias_attr": problem.bias_attr})}
    return {name: plain(value) for name, value in given.items()}


def plain(value: Argument) -> Any:
    """An argument as JSON: a list or a tuple is an object that says which."""
    return {value.kind: list(value.values)} if isinstance(value, Items) else value
