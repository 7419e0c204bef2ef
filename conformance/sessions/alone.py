"""A program that shows a case with a framework alone: run in a clean process, and what it printed as an outcome."""

from __future__ import annotations

import ast
import contextlib
import json
import re
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from convt_conformance import kin
from convt_conformance.outcomes import Computed, Crashed, Outcome, OutOfMemory, Rejected, TimedOut
from convt_conformance.process import ending, surroundings
from convt_conformance.protocol import LENGTHS, MessageError, outcome_from_message
from convt_conformance.worker import MEMORY_WORDS, first_line

OURS = ("convt", "convt_spec", "convt_impl", "convt_conformance", "convt_reports")
POLL_SECONDS = 0.05
FILLING = "glibc.malloc.perturb={}:glibc.malloc.tcache_count=0"
PROGRAM = "program.py"
TRACEBACK = re.compile(r'^Traceback \(most recent call last\):\n  File "[^"\n]*program\.py", line (\d+), in <module>\n', re.MULTILINE)
SHAPE = re.compile(r"observed: shape (\[[\d, ]*\]) (\[.*\])")
ARRAY = re.compile(r"observed: (.+) (\S+) (\([\d, ]*\)) (\[.*\])")
LONGEST = 300
"""Letters of a line that is kept."""
PRINTED = ("required:", "observed:", "largest difference ", "changed:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a program may take: seconds in all, bytes in all, and bytes of private memory, None where nothing limits these."""

    seconds: float
    most: int
    private: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a program did; `stopped` says why it was ended: `late` or `overfull`. One that is `foreign` asks a program in any language."""

    program: str
    status: int
    out: str
    err: str
    stopped: str = ""
    foreign: bool = False


class Broken(Exception):
    """A program that failed before its call, so that it says nothing of it."""


def clean(python: str) -> tuple[list[str], str]:
    """Which of our packages this interpreter can import in a clean process, and its version."""
    look = f"import importlib.util as i, json, sys; print(json.dumps([[n for n in {OURS!r} if i.find_spec(n)], sys.version]))"
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([python, "-I", "-B", "-c", look], cwd=folder, capture_output=True, text=True, check=True)
    found, version = json.loads(done.stdout)
    return found, version


def run(python: str, program: str, room: Room, *, foreign: bool = False, filled: int = 0) -> Ran:
    """Run a program as the only file of a new folder, with nothing on its path but what its interpreter has.

    One that asks a `foreign` program gets the standard library only, and starts here, as that program's path may be relative. With
    `filled` freed memory holds this byte and new memory its complement, where glibc allows that; else new memory is often zeros.
    """
    environment = {name: value for name, value in surroundings().items() if not name.startswith("PYTHON")}
    environment |= {"GLIBC_TUNABLES": FILLING.format(filled)} if filled else {}
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        (Path(folder) / PROGRAM).write_text(program + "\n", encoding="utf-8")
        line = [python, "-I", "-B", "-u", *(["-S"] if foreign else []), str(Path(folder, PROGRAM))]
        popen = subprocess.Popen(
            line, cwd=None if foreign else folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True
        )
        try:
            limit(popen.pid, room)
            stopped = watched(popen, room)
        finally:
            kin.end(popen.pid, environment[kin.MARK])
            status = popen.wait()
        out.seek(0)
        err.seek(0)
        texts = [stream.read().decode(errors="replace") for stream in (out, err)]
    return Ran(program=program, status=status, out=texts[0], err=texts[1], stopped=stopped, foreign=foreign)


def limit(process: int, room: Room) -> None:
    """Cap the private memory of a process and let it write no core files, where Linux can."""
    with contextlib.suppress(ImportError, AttributeError, OSError, ValueError):
        import resource

        resource.prlimit(process, resource.RLIMIT_CORE, (0, 0))
        if room.private is not None:
            resource.prlimit(process, resource.RLIMIT_DATA, (room.private, room.private))


def watched(popen: subprocess.Popen[bytes], room: Room) -> str:
    """Wait for a process to end, or say why it must be ended."""
    deadline = time.monotonic() + room.seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(subprocess.TimeoutExpired):
            popen.wait(timeout=POLL_SECONDS)
            return ""
        if kin.exceeds(popen.pid, room.most):
            return "overfull"
    return "late"


def outcome(ran: Ran, room: Room, supports: Sequence[str] = (), dtype: str = "float32") -> Outcome:
    """What became of the last call of a program, whose input has this dtype; raises Broken where it did not come to that."""
    observed = [line for line in ran.out.splitlines() if line.startswith("observed: ")]
    if observed and ran.foreign:
        return answered(observed[-1], dtype)
    if observed:
        return replace(computed(observed[-1], supports), changed_input="\nchanged: " in ran.out)
    if ran.stopped == "late":
        return TimedOut(seconds=room.seconds)
    if ran.stopped:
        return OutOfMemory(message=f"more than {room.most >> 20} MiB in all")
    found = list(TRACEBACK.finditer(ran.err))
    if not found:
        return Crashed(how=ending(ran.status), stderr=ran.err[-2000:])
    name, message = raised(ran.err[found[-1].end() :])
    if ran.foreign or int(found[-1][1]) < last_call(ran.program):
        raise Broken(f"it fails before the call: {name}: {message}")
    if name == "MemoryError" or MEMORY_WORDS.search(message):
        return OutOfMemory(message=f"{name}: {message}")
    return Rejected(error=name, message=message)


def last_call(program: str) -> int:
    """The number of the line with which the last call begins: the one after the last empty one."""
    return max((number for number, line in enumerate(program.splitlines(), 1) if not line), default=0) + 1


def raised(trace: str) -> tuple[str, str]:
    """The exception at the end of a traceback: the name of its class, and the telling line of its message."""
    lines = trace.splitlines()
    told = next((number for number, line in enumerate(lines) if line and not line.startswith(" ")), len(lines))
    name, _, first = (lines[told] if told < len(lines) else "").partition(": ")
    return name.rpartition(".")[2], first_line(Exception("\n".join([first, *lines[told + 1 :]])))


def computed(line: str, supports: Sequence[str]) -> Computed:
    """The result that a program printed."""
    kind, _, rest = line.removeprefix("observed: ").partition(" ")
    if kind == "tuple" and LENGTHS in supports:
        shape = ast.literal_eval(rest)
        if min(shape, default=0) < 0:
            return Computed(array=None, dtype=f"shape {shape}")
        return Computed(array=np.zeros(shape), dtype="float64", only_lengths=True)
    found = ARRAY.fullmatch(line)
    if not found or kind == "MaskedArray":
        return Computed(array=None, dtype=kind)
    try:
        dtype = np.dtype(found[2])
        numbers = [complex(each) for each in found[4][1:-1].split(", ") if each] if dtype.kind == "c" else json.loads(as_json(found[4]))
        array = np.array(numbers, dtype).reshape(ast.literal_eval(found[3]))
    except (TypeError, ValueError):
        return Computed(array=None, dtype=f"array of {found[2]}")
    if dtype.kind not in "fciub":
        return Computed(array=None, dtype=f"array of {found[2]}")
    return Computed(array=array, dtype=dtype.name)


def answered(line: str, dtype: str) -> Outcome:
    """What a foreign program answered: an array, whose dtype is not printed, or another answer as it stands."""
    if found := SHAPE.fullmatch(line):
        array = np.array(json.loads(as_json(found[2])), dtype).reshape(json.loads(found[1]))
        return Computed(array=array, dtype=dtype)
    answer = ast.literal_eval(line.removeprefix("observed: "))
    if status := re.fullmatch(r"none, exit status (-?\d+)", str(answer["outcome"])):
        return Crashed(how=ending(int(status[1])))
    try:
        return outcome_from_message(answer)
    except MessageError as error:
        raise Broken(f"its answer is none: {error}") from error


def as_json(numbers: str) -> str:
    """A list as Python prints it, as JSON."""
    words = {"nan": "NaN", "inf": "Infinity", "True": "true", "False": "false"}
    return re.sub(r"nan|inf|True|False", lambda word: words[word[0]], numbers)


def last_lines(ran: Ran, python: str) -> list[str]:
    """What a program said of its case, how it ended where it did not do so by itself, and no path of this machine."""
    said = [line for line in ran.out.splitlines() if line.startswith(PRINTED) or " samples differ, first y" in line]
    found = list(TRACEBACK.finditer(ran.err))
    if found:
        said += ": ".join(filter(None, raised(ran.err[found[-1].end() :]))).splitlines()
    if ran.stopped or ran.status < 0 or not said:
        said.append(f"stopped: {ran.stopped}" if ran.stopped else ending(ran.status))
    return [without_paths(line, python)[:LONGEST] for line in said]


def without_paths(text: str, python: str) -> str:
    """A text without the folder of an interpreter's environment."""
    return text.replace(str(Path(python).parent.parent), "ENVIRONMENT")
