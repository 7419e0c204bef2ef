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
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from convt_conformance.adapters import Adapter, find
from convt_conformance.outcomes import CannotRun, Computed, NotExpressible, OutOfMemory, Rejected, Unsupported
from convt_conformance.program import run
from convt_conformance.protocol import VERSION, array_message, description_message, outcome_message
from convt_spec.case import Case
from convt_spec.data import arrays

MEMORY_WORDS = re.compile(r"out of memory|bad_alloc|(can't|cannot|unable to|failed to) allocate|OOM|ResourceExhausted", re.IGNORECASE)


def outcome(adapter: Adapter, case: Case) -> Computed | Rejected | Unsupported | OutOfMemory:
    """Run one case through the adapter; whatever it raises becomes an outcome."""
    try:
        x, weight, bias = arrays(case)
    except MemoryError as error:
        return OutOfMemory(message=f"{type(error).__name__}: {first_line(error)}")
    before = [array.tobytes() for array in (x, weight, bias) if array is not None]
    try:
        program = adapter.program(case.problem, case.dtype)
    except NotExpressible as reason:
        return Unsupported(reason=str(reason))
    try:
        result = run(program, adapter.namespace, x, weight, bias)
    except MemoryError as error:
        return OutOfMemory(message=f"{type(error).__name__}: {first_line(error)}")
    except (KeyboardInterrupt, SystemExit) as error:
        return Rejected(error=type(error).__name__, message="the call tried to end the process")
    except BaseException as error:
        message = first_line(error)
        if MEMORY_WORDS.search(message):
            return OutOfMemory(message=f"{type(error).__name__}: {message}")
        return Rejected(error=type(error).__name__, message=message)
    changed = before != [array.tobytes() for array in (x, weight, bias) if array is not None]
    if not isinstance(result, np.ndarray):
        return Computed(array=None, dtype=type(result).__name__, changed_input=changed)
    if result.dtype.kind not in "fciub":
        return Computed(array=None, dtype=f"array of {result.dtype.type.__name__.rstrip('_')}", changed_input=changed)
    return Computed(array=result, dtype=result.dtype.name, changed_input=changed)


def first_line(error: BaseException, limit: int = 300) -> str:
    """The telling line of an exception's message: the first that is neither blank nor decoration."""
    try:
        lines = [line.strip() for line in str(error).splitlines()]
    except BaseException:
        return "(the exception's own text could not be made)"
    hint = [line for line in lines if line.startswith("[Hint:")]
    plain = [line for line in lines if line and not line.startswith(("---", "C++", "Error Message", "Traceback"))]
    return " ".join((hint or plain or [""])[0].split())[:limit].encode("utf-8", "backslashreplace").decode("utf-8")


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


def die_with_runner() -> None:
    """Ask Linux to kill this process when the runner that started it dies, so that no endless call outlives a run."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def answer(adapters: list[Adapter], request: dict[str, Any]) -> dict[str, Any]:
    """The answer to one request; the adapter loaded by `start` is kept in `adapters`."""
    if request["request"] == "start":
        if request["protocol"] != VERSION:
            return {"failed": "usage", "message": f"this worker speaks protocol {VERSION}, the runner {request['protocol']}"}
        try:
            adapters[:] = [find(request["implementation"])]
            described = description_message(adapters[0].description())
            limit_memory(request["memory"])
            return described
        except CannotRun as error:
            return {"failed": error.kind, "message": str(error)}
        except Exception as error:
            return {"failed": "broken", "message": f"{request['implementation']} is installed but broken: {type(error).__name__}: {error}"}
    case = Case.parse(request["case"])
    if request["request"] == "script":
        return script_answer(adapters[0], case)
    try:
        return outcome_message(outcome(adapters[0], case))
    except MemoryError:
        return outcome_message(OutOfMemory(message="MemoryError: the result is too large to hand over"))


def script_answer(adapter: Adapter, case: Case) -> dict[str, Any]:
    """The lines that a stand-alone script needs, and the arrays it holds."""
    try:
        program = adapter.program(case.problem, case.dtype)
    except NotExpressible as reason:
        return {"unsupported": str(reason)}
    held = {name: array_message(array) for name, array in zip("xwb", arrays(case), strict=True) if array is not None}
    return {"imports": list(adapter.imports), "lines": list(program.lines), "arrays": held}


def serve(requests: TextIO, answers: TextIO) -> None:
    """Answer requests until `stop` or the end of the input."""
    adapters: list[Adapter] = []
    for line in requests:
        request = json.loads(line)
        if request["request"] == "stop":
            return
        number = {"id": request["id"]} if "id" in request else {}
        answers.write(json.dumps({**number, **answer(adapters, request)}) + "\n")
        answers.flush()


def main() -> None:
    """Keep the protocol on private descriptors, so that whatever the implementation prints goes to stderr."""
    die_with_runner()
    requests, answers = os.fdopen(os.dup(0), encoding="utf-8"), os.fdopen(os.dup(1), "w", encoding="utf-8")
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    serve(requests, answers)
    sys.stdout.flush()
    os._exit(0)
