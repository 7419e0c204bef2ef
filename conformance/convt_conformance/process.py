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


def ending(status: int) -> str:
    """An exit status in words."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"signal {-status} ({signal.Signals(-status).name})"
    except ValueError:
        return f"signal {-status}"
