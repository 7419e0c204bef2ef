"""Runs an implementation in a process of its own, and turns its death, silence or appetite into an outcome."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from convt_conformance.outcomes import CannotRun, Crashed, Outcome, TimedOut
from convt_conformance.protocol import VERSION, Description, description_from_message, outcome_from_message
from convt_spec.case import Case

PACKAGES = ("convt_spec", "convt_conformance", "convt_impl")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
"""Set for workers unless the caller's environment says otherwise: thread pools that wait for tiny cases cost up to four times the run."""

START_SECONDS = 180.0
POLL_SECONDS = 0.2
"""How often a silent worker is asked whether it still lives: a child it left behind may hold its pipe open."""
FIRST_CALL_SECONDS = 120.0


class Implementation(Protocol):
    """What is judged: it describes itself, runs a case, and can run one in a fresh process."""

    @property
    def description(self) -> Description: ...

    def run(self, case: Case) -> Outcome: ...

    def run_fresh(self, case: Case) -> Outcome: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`seconds` per case, `memory` in MiB beyond what the loaded implementation holds."""

    seconds: float = 20.0
    memory: int = 2048


class ProcessEnded(Exception):
    """The worker's end of the pipe closed."""


class Late(Exception):
    """The worker did not answer in time."""


@dataclass(slots=True)
class Process:
    """One live worker: a pipe each way, and the last lines of its stderr."""

    popen: subprocess.Popen[bytes]
    buffer: bytearray = field(default_factory=bytearray)
    noise: deque[bytes] = field(default_factory=lambda: deque(maxlen=64))
    first: bool = True

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send a request and wait for its answer; raises ProcessEnded or Late."""
        assert self.popen.stdin
        try:
            self.popen.stdin.write(json.dumps(request).encode() + b"\n")
            self.popen.stdin.flush()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise ProcessEnded from error
        deadline = time.monotonic() + seconds
        while True:
            with contextlib.suppress(ValueError):
                answer = json.loads(self.line(deadline))
                if isinstance(answer, dict):
                    return answer

    def line(self, deadline: float) -> bytes:
        assert self.popen.stdout
        with selectors.DefaultSelector() as selector:
            selector.register(self.popen.stdout, selectors.EVENT_READ)
            while (end := self.buffer.find(b"\n")) < 0:
                left = deadline - time.monotonic()
                ended = self.popen.poll() is not None
                if not selector.select(0 if ended else min(max(left, 0), POLL_SECONDS)):
                    if ended:
                        raise ProcessEnded
                    if left <= 0:
                        raise Late
                    continue
                part = os.read(self.popen.stdout.fileno(), 1 << 20)
                if not part:
                    raise ProcessEnded
                self.buffer += part
        line = bytes(self.buffer[:end])
        del self.buffer[: end + 1]
        return line

    def kill(self, grace: float = 0.0) -> int:
        """End the whole process group, after `grace` seconds for a worker that is ending by itself, and return the exit status."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.popen.wait(timeout=grace)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        for stream in (self.popen.stdin, self.popen.stdout):
            with contextlib.suppress(OSError):
                if stream:
                    stream.close()
        return self.popen.wait()

    def last_words(self) -> str:
        return b"".join(self.noise).decode(errors="replace").strip()[-2000:]


def spawn(python: str) -> Process:
    """Start a worker with the interpreter `python`; its stderr is drained, so that floods neither block nor fill anything."""
    folders = [f"{name}={Path(found.origin).parent}" for name in PACKAGES if (found := find_spec(name)) and found.origin]
    boot = str(Path(__file__).parent / "boot.py")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    environment = {**ONE_THREAD, **os.environ, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    popen = subprocess.Popen([python, boot, *folders], start_new_session=True, env=environment, **pipes)  # type: ignore[call-overload]
    process = Process(popen)
    threading.Thread(target=drain, args=(popen.stderr, process.noise), daemon=True).start()
    return process


def drain(stream: Any, lines: deque[bytes]) -> None:
    with stream:
        while part := os.read(stream.fileno(), 4096):
            lines.append(part)


class Isolated:
    """An implementation in a worker that is started when first needed and replaced when it dies, hangs or is told to be fresh."""

    def __init__(self, name: str, *, python: str = sys.executable, limits: Limits | None = None) -> None:
        self.name, self.python, self.limits = name, python, limits or Limits()
        self.process: Process | None = None
        self.restarts = 0
        self.known: Description | None = None

    def __enter__(self) -> Isolated:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def description(self) -> Description:
        """Who answers; starts the worker if need be. Raises CannotRun."""
        if self.known is None:
            self.started()
        assert self.known
        return self.known

    def started(self) -> Process:
        if self.process:
            return self.process
        try:
            process = spawn(self.python)
        except OSError as error:
            raise CannotRun("usage", f"the interpreter {self.python} cannot be started: {error.strerror}") from error
        request = {"request": "start", "protocol": VERSION, "implementation": self.name, "memory": self.limits.memory}
        try:
            answer = process.ask(request, START_SECONDS)
        except (ProcessEnded, Late) as error:
            silent = isinstance(error, Late)
            status = process.kill(grace=0.0 if silent else 1.0)
            words = (process.last_words().splitlines() or ["it said nothing"])[-1]
            what = "did not start in time" if silent else f"ended while starting ({ending(status)})"
            raise CannotRun("died", f"{self.name} {what}: {words}") from error
        except BaseException:
            process.kill()
            raise
        if "failed" in answer:
            process.kill()
            raise CannotRun(answer["failed"], answer["message"])
        self.known = description_from_message(answer)
        self.process = process
        return process

    def run(self, case: Case) -> Outcome:
        """The outcome of one case; a worker that died or hung is replaced on the next call."""
        process = self.started()
        seconds = max(self.limits.seconds, FIRST_CALL_SECONDS) if process.first else self.limits.seconds
        try:
            answer = process.ask({"request": "run", "case": str(case)}, seconds)
        except Late:
            self.discard()
            return TimedOut(seconds=seconds)
        except ProcessEnded:
            status = self.discard()
            return Crashed(how=ending(status), stderr=process.last_words())
        process.first = False
        return outcome_from_message(answer)

    def run_fresh(self, case: Case) -> Outcome:
        """The outcome of a case as the first of a fresh worker."""
        self.close()
        return self.run(case)

    def script(self, case: Case) -> dict[str, Any]:
        """The implementation's own lines for a case, its imports and the arrays they use."""
        return self.started().ask({"request": "script", "case": str(case)}, FIRST_CALL_SECONDS)

    def discard(self) -> int:
        """Kill the worker and return its exit status."""
        assert self.process
        process, self.process = self.process, None
        self.restarts += 1
        return process.kill(grace=0.2)

    def close(self) -> None:
        if self.process:
            self.process.kill()
            self.process = None


def ending(status: int) -> str:
    """An exit status in words."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"signal {-status} ({signal.Signals(-status).name})"
    except ValueError:
        return f"signal {-status}"
