"""One live process that answers requests over a pipe: asked, watched, ended."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from convt_conformance import interruption, kin

PACKAGES = ("convt_spec", "convt_conformance", "convt_impl")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
"""Set for workers unless the caller's environment says otherwise: thread pools that wait for tiny cases cost up to four times the run."""

POLL_SECONDS = 0.05
"""How often a silent worker is looked after: whether it still lives (a child it left behind may hold its pipe open), what memory it
holds (in this time a core fills about 0.2 GiB), whether the run was told to end."""


class ProcessEnded(Exception):
    """The worker's end of the pipe closed."""


class Late(Exception):
    """The worker did not answer in time."""


class Overfull(Exception):
    """The worker and what it started hold more memory than they may."""


class TooLong(Exception):
    """The worker wrote a line beyond the longest that is taken."""


Watch = Callable[[str, "dict[str, Any] | bytes"], None]
"""Told of each message, `->` to the worker or `<-` from it, and of each line from it that is none."""


@dataclass(slots=True)
class Process:
    """One live worker: a pipe each way, and the last lines of its stderr."""

    popen: subprocess.Popen[bytes]
    drain: threading.Thread
    noise: deque[bytes]
    buffer: bytearray = field(default_factory=bytearray)
    first: bool = True
    unsent: bytearray = field(default_factory=bytearray)
    longest: int | None = None
    watch: Watch | None = None
    mark: str = ""
    searched: int = 0
    most: int | None = None
    looked: float = 0.0

    def limit(self, mebibytes: int) -> None:
        """From now on the worker and all that it starts may hold this much more than it holds now, in shared memory too."""
        self.most = kin.held(self.popen.pid) + (mebibytes << 20)

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send a request and wait for its answer; raises ProcessEnded, Late or TooLong."""
        self.send(request)
        return self.receive(seconds)

    def send(self, *requests: dict[str, Any]) -> None:
        """Send requests as far as the pipe takes them now; the rest goes out while answers are awaited, so that neither side blocks."""
        for each in requests:
            if self.watch:
                self.watch("->", each)
            self.unsent += json.dumps(each).encode() + b"\n"
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
        while (end := self.buffer.find(b"\n", self.searched)) < 0:
            if self.longest and len(self.buffer) > self.longest:
                raise TooLong
            self.searched = len(self.buffer)
            self.read(deadline)
        line = bytes(self.buffer[:end])
        del self.buffer[: end + 1]
        self.searched = 0
        return line

    def read(self, deadline: float) -> None:
        """Wait for output for a moment, hand over what is unsent meanwhile, and look after the worker."""
        assert self.popen.stdout
        interruption.check()
        now = time.monotonic()
        if self.most and now - self.looked >= POLL_SECONDS:
            self.looked = now
            if kin.exceeds(self.popen.pid, self.most):
                raise Overfull
        readable = self.ready(min(max(deadline - now, 0), POLL_SECONDS))
        if not readable and self.popen.poll() is not None and not self.ready(0):
            interruption.check()  # it may have heard the same signal
            raise ProcessEnded
        if readable:
            part = os.read(self.popen.stdout.fileno(), 1 << 16)
            if not part:
                interruption.check()
                raise ProcessEnded
            self.buffer += part
        elif now >= deadline:
            raise Late

    def ready(self, seconds: float) -> bool:
        """Whether there is output, or the end of it, within that time."""
        assert self.popen.stdin
        assert self.popen.stdout
        output = self.popen.stdout.fileno()
        poll = select.poll()
        poll.register(output, select.POLLIN)
        if self.unsent:
            poll.register(self.popen.stdin.fileno(), select.POLLOUT)
        found = {descriptor for descriptor, _ in poll.poll(seconds * 1000)}
        if found - {output}:
            self.flush()
        return output in found

    def kill(self, grace: float = 0.0) -> int:
        """End the process and all its kin, after `grace` seconds for a worker that is ending by itself, and return the exit status."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.popen.wait(timeout=grace)
        kin.end(self.popen.pid, self.mark)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        for stream in (self.popen.stdin, self.popen.stdout):
            with contextlib.suppress(OSError):
                if stream:
                    stream.close()
        self.drain.join(timeout=POLL_SECONDS)
        return self.popen.wait()

    def last_words(self) -> str:
        return b"".join(self.noise).decode(errors="replace").strip()[-2000:]


def spawn(python: str) -> Process:
    """Start a worker with the interpreter `python`; its stderr is drained, so that floods neither block nor fill anything."""
    folders = [f"{name}={Path(found.origin).parent}" for name in PACKAGES if (found := find_spec(name)) and found.origin]
    boot = str(Path(__file__).parent / "boot.py")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    environment = {**surroundings(), "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    popen = subprocess.Popen([python, boot, *folders], start_new_session=True, env=environment, **pipes)  # type: ignore[call-overload]
    return attended(popen, environment[kin.MARK])


def surroundings() -> dict[str, str]:
    """The environment of a worker: the caller's, one thread where that says nothing else, and a mark by which its kin is known."""
    return {**ONE_THREAD, **os.environ, kin.MARK: uuid.uuid4().hex}


def attended(popen: subprocess.Popen[bytes], mark: str) -> Process:
    """A process whose stderr is drained and whose stdin never blocks the runner."""
    assert popen.stdin
    os.set_blocking(popen.stdin.fileno(), False)
    noise: deque[bytes] = deque(maxlen=4)
    drain = threading.Thread(target=drained, args=(popen.stderr, noise), daemon=True)
    drain.start()
    return Process(popen, drain=drain, noise=noise, mark=mark)


def drained(stream: Any, lines: deque[bytes]) -> None:
    with stream:
        while part := os.read(stream.fileno(), 1 << 16):
            lines.append(part)


def ending(status: int) -> str:
    """An exit status in words."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"signal {-status} ({signal.Signals(-status).name})"
    except ValueError:
        return f"signal {-status}"
