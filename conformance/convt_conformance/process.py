"""One live process that answers requests over a pipe: asked, watched, ended."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PACKAGES = ("convt_spec", "convt_conformance", "convt_impl")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
"""Set for workers unless the caller's environment says otherwise: thread pools that wait for tiny cases cost up to four times the run."""

POLL_SECONDS = 0.2
"""How often a silent worker is asked whether it still lives: a child it left behind may hold its pipe open."""


class ProcessEnded(Exception):
    """The worker's end of the pipe closed."""


class Late(Exception):
    """The worker did not answer in time."""


class TooLong(Exception):
    """The worker wrote a line beyond the longest that is taken."""


Watch = Callable[[str, "dict[str, Any] | bytes"], None]
"""Told of each message, `->` to the worker or `<-` from it, and of each line from it that is none."""


@dataclass(slots=True)
class Process:
    """One live worker: a pipe each way, and the last lines of its stderr."""

    popen: subprocess.Popen[bytes]
    buffer: bytearray = field(default_factory=bytearray)
    noise: deque[bytes] = field(default_factory=lambda: deque(maxlen=64))
    first: bool = True
    unsent: bytearray = field(default_factory=bytearray)
    longest: int | None = None
    watch: Watch | None = None

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send a request and wait for its answer; raises ProcessEnded, Late or TooLong."""
        self.send(request)
        return self.receive(seconds)

    def send(self, request: dict[str, Any]) -> None:
        """Send a request as far as the pipe takes it now; the rest goes out while answers are awaited, so that neither side blocks."""
        if self.watch:
            self.watch("->", request)
        self.unsent += json.dumps(request).encode() + b"\n"
        self.flush()

    def flush(self) -> None:
        assert self.popen.stdin
        try:
            while self.unsent:
                del self.unsent[: os.write(self.popen.stdin.fileno(), self.unsent[: 1 << 16])]
        except BlockingIOError:
            pass
        except (BrokenPipeError, ConnectionResetError):
            self.unsent.clear()  # its answers so far are still there to be read

    def receive(self, seconds: float) -> dict[str, Any]:
        """The next answer; lines that are no JSON object are skipped. Raises ProcessEnded, Late or TooLong."""
        deadline = time.monotonic() + seconds
        while True:
            line: bytes | dict[str, Any] = self.line(deadline)
            with contextlib.suppress(ValueError, RecursionError):
                found = json.loads(line)  # type: ignore[arg-type]
                line = found if isinstance(found, dict) else line
            if self.watch:
                self.watch("<-", line)
            if isinstance(line, dict):
                return line
            if time.monotonic() > deadline:
                raise Late

    def line(self, deadline: float) -> bytes:
        while (end := self.buffer.find(b"\n")) < 0:
            if self.longest and len(self.buffer) > self.longest:
                raise TooLong
            self.read(deadline)
        line = bytes(self.buffer[:end])
        del self.buffer[: end + 1]
        return line

    def read(self, deadline: float) -> None:
        """Wait for output, and hand over what is unsent meanwhile."""
        assert self.popen.stdin
        assert self.popen.stdout
        with selectors.DefaultSelector() as selector:
            selector.register(self.popen.stdout, selectors.EVENT_READ)
            if self.unsent:
                selector.register(self.popen.stdin, selectors.EVENT_WRITE)
            left = deadline - time.monotonic()
            ended = self.popen.poll() is not None
            ready = [key.fileobj for key, _ in selector.select(0 if ended else min(max(left, 0), POLL_SECONDS))]
        if self.popen.stdin in ready:
            self.flush()
        if self.popen.stdout in ready:
            part = os.read(self.popen.stdout.fileno(), 1 << 20)
            if not part:
                raise ProcessEnded
            self.buffer += part
        elif ended:
            raise ProcessEnded
        elif left <= 0:
            raise Late

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
    return attended(popen)


def attended(popen: subprocess.Popen[bytes]) -> Process:
    """A process whose stderr is drained and whose stdin never blocks the runner."""
    assert popen.stdin
    os.set_blocking(popen.stdin.fileno(), False)
    process = Process(popen)
    threading.Thread(target=drain, args=(popen.stderr, process.noise), daemon=True).start()
    return process


def drain(stream: Any, lines: deque[bytes]) -> None:
    with stream:
        while part := os.read(stream.fileno(), 4096):
            lines.append(part)


def ending(status: int) -> str:
    """An exit status in words."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"signal {-status} ({signal.Signals(-status).name})"
    except ValueError:
        return f"signal {-status}"
