"""The process that holds one implementation: reads requests, runs cases, answers.

It runs in the implementation's own environment and needs Python and NumPy there, nothing else of ours but the case and the adapter.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import signal
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from convt_conformance.adapters import Adapter, find
from convt_conformance.outcomes import CannotRun, Computed, NotExpressible, OutOfMemory, Rejected, Unsupported
from convt_conformance.program import run
from convt_conformance.protocol import LENGTHS, VERSION, array_message, description_message, outcome_message
from convt_conformance.sequence import prepared
from convt_conformance.surroundings import Surroundings, identity
from convt_spec import memory
from convt_spec.case import Case
from convt_spec.data import arrays

MEMORY_WORDS = re.compile(r"out of memory|bad_alloc|(can't|cannot|unable to|failed to) allocate|\bOOM\b|ResourceExhausted", re.IGNORECASE)


def outcome(adapter: Adapter, case: Case) -> Computed | Rejected | Unsupported | OutOfMemory:
    """Run one case through the adapter; whatever it raises becomes an outcome."""
    try:
        x, weight, bias = arrays(case)
    except MemoryError as error:
        return OutOfMemory(message=f"{type(error).__name__}: {first_line(error)}")
    given = [array for array in (x, weight, bias) if array is not None]
    before = [contents(array) for array in given]
    try:
        program = prepared(adapter, case)
    except NotExpressible as reason:
        return Unsupported(reason=str(reason))
    try:
        result = run(program, adapter.namespace, x, weight, bias)
    except MemoryError as error:
        return OutOfMemory(message=f"{type(error).__name__}: {first_line(error)}")
    except (KeyboardInterrupt, SystemExit) as error:
        return Rejected(error=type_name(type(error)), message="the call tried to end the process")
    except BaseException as error:
        message = first_line(error)
        if MEMORY_WORDS.search(message):
            return OutOfMemory(message=f"{type_name(type(error))}: {message}")
        return Rejected(error=type_name(type(error)), message=message)
    changed = before != [contents(array) for array in given]
    if type(result) is tuple and LENGTHS in adapter.description().supports:
        return inferred(result, case.dtype, changed)
    return returned(result, changed)


def inferred(shape: Any, dtype: str, changed: bool) -> Computed:
    """A shape as an array of zeros; one with a negative length has none."""
    if min(shape, default=0) < 0:
        return Computed(array=None, dtype=f"shape {shape}", changed_input=changed)
    return Computed(array=np.zeros(shape, dtype), dtype=dtype, changed_input=changed, only_lengths=True)


def returned(result: Any, changed: bool) -> Computed:
    """What came back, by its real type: a subclass may claim any shape and dtype, and a mask hides numbers."""
    if not issubclass(type(result), np.ndarray) or issubclass(type(result), np.ma.MaskedArray):
        return Computed(array=None, dtype=type_name(type(result)), changed_input=changed)
    array = np.asarray(result)
    if array.dtype.kind not in "fciub":
        return Computed(array=None, dtype=f"array of {type_name(array.dtype.type).rstrip('_')}", changed_input=changed)
    return Computed(array=array, dtype=array.dtype.name, changed_input=changed)


def contents(array: np.ndarray[Any, Any]) -> tuple[Any, ...]:
    """What an argument may not lose: its bytes, and how they are read."""
    return array.shape, array.strides, array.dtype, array.tobytes()


def type_name(kind: type, limit: int = 100) -> str:
    """A type's name as one word or a few that can be printed, whatever its metaclass makes of it."""
    name: str = vars(type)["__name__"].__get__(kind)
    return "".join(each if each.isprintable() else " " for each in name[:limit])


def first_line(error: BaseException, limit: int = 300) -> str:
    """The telling line of an exception's message: the first that is neither blank nor decoration, without where its environment lies."""
    try:
        lines = [line.strip() for line in str(error).splitlines()]
    except BaseException:
        return "(the exception's own text could not be made)"
    hint = [line for line in lines if line.startswith("[Hint:")]
    plain = [line for line in lines if line and not line.startswith(("---", "C++", "Error Message", "Traceback"))]
    line = " ".join((hint or plain or [""])[0].split()).replace(f"{sys.prefix}/", "")
    return line[:limit].encode("utf-8", "backslashreplace").decode("utf-8")


def limit_memory(mebibytes: int) -> None:
    """Cap this process's private memory at what it holds now plus `mebibytes`; without the Linux interface nothing is capped."""
    try:
        import resource

        held = re.search(r"VmData:\s*(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    except (ImportError, OSError):
        return
    if held:
        limit = int(held[1]) * 1024 + mebibytes * 1024 * 1024
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def prepare() -> None:
    """Ask Linux to kill this process when its runner dies, to give it the orphans of what it starts, and to write no core files."""
    runner = os.getppid()
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.prctl(1, signal.SIGKILL)
        library.prctl(36, 1)
    if os.getppid() != runner:
        os._exit(1)
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@dataclass(slots=True)
class Subject:
    """What is judged, from `start` on, and the surroundings in which each of its calls begins; `private` are the worker's own pipes."""

    private: Private | None = None
    adapter: Adapter | None = None
    surroundings: Surroundings | None = None


def answer(subject: Subject, request: dict[str, Any]) -> dict[str, Any]:
    """The answer to one request; what `start` loads is kept in `subject`."""
    if request["request"] == "start":
        if request["protocol"] != VERSION:
            return {"failed": "usage", "message": f"this worker speaks protocol {VERSION}, the runner {request['protocol']}"}
        try:
            subject.adapter = find(request["implementation"])
            described = description_message(subject.adapter.description())
            limit_memory(request["memory"])
            subject.surroundings = Surroundings(subject.private.copies if subject.private else None)
            return described
        except CannotRun as error:
            return {"failed": error.kind, "message": str(error)}
        except Exception as error:
            return {"failed": "broken", "message": f"{request['implementation']} is installed but broken: {type(error).__name__}: {error}"}
    assert subject.adapter
    assert subject.surroundings
    case = Case.parse(request["case"])
    if request["request"] == "script":
        return script_answer(subject.adapter, case)
    try:
        found = outcome(subject.adapter, case)
        effects = subject.surroundings.restored()
        return outcome_message(replace(found, effects=effects) if effects and isinstance(found, Computed) else found)
    except MemoryError:
        return outcome_message(OutOfMemory(message="MemoryError: the result is too large to hand over"))


def script_answer(adapter: Adapter, case: Case) -> dict[str, Any]:
    """The lines that a stand-alone script needs, and the arrays it holds."""
    try:
        program = prepared(adapter, case)
    except NotExpressible as reason:
        return {"unsupported": str(reason)}
    held = {name: array_message(array) for name, array in zip("xwb", arrays(case), strict=True) if array is not None}
    lines = [*memory.source(case.problem.memory, list(held)), *program.lines]
    return {"imports": list(adapter.imports), "lines": lines, "arrays": held}


class Private:
    """The worker's own pipes: the protocol's, and copies of what the three standard streams lead to."""

    def __init__(self) -> None:
        self.requests, self.answers = os.fdopen(os.dup(0), encoding="utf-8"), os.fdopen(os.dup(1), "w", encoding="utf-8")
        nothing, noise = os.open(os.devnull, os.O_RDONLY), os.dup(2)
        self.copies = nothing, noise, noise
        for stream, copy in enumerate(self.copies):
            os.dup2(copy, stream)
        self.descriptors = self.requests.fileno(), self.answers.fileno(), nothing, noise
        self.identities = [identity(each) for each in self.descriptors]

    def guard(self) -> None:
        """End the process when a call closed one of them: whatever has its number now is no way to the runner."""
        if [identity(each) for each in self.descriptors] != self.identities:
            with contextlib.suppress(OSError):
                os.write(2, b"the call closed the descriptors of its process\n")
            os._exit(1)


def serve(private: Private) -> None:
    """Answer requests until `stop` or the end of the input."""
    subject = Subject(private)
    for line in private.requests:
        request = json.loads(line)
        if request["request"] == "stop":
            return
        number = {"id": request["id"]} if "id" in request else {}
        message = json.dumps({**number, **answer(subject, request)})
        private.guard()
        private.answers.write(message + "\n")
        private.answers.flush()


def main() -> None:
    """Keep the protocol on private descriptors, so that whatever the implementation prints goes to stderr."""
    prepare()
    serve(Private())
    with contextlib.suppress(Exception):
        sys.stdout.flush()
    os._exit(0)
