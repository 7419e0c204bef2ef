"""Processes that judge side by side: each keeps one worker, holds the laws that it is handed, and tells each result as it comes."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Any

from convt_conformance import interruption, kin
from convt_conformance.outcomes import CannotRun
from convt_conformance.protocol import Description
from convt_conformance.results import Result
from convt_conformance.shares import Part, Settings, Share, isolated, share

Hear = Callable[[Result], None]
PROGRAM = "import sys; sys.path[:] = sys.argv[2:]; from convt_conformance.judges import main; main()"
LISTEN_SECONDS = 0.2
"""How often the runner looks up from silent judges, to see whether it was told to end."""
LAST_SECONDS = 3.0
"""What a judge has to end by itself when the run was told to: a case under way is left at once, so this is plenty."""


class Alone:
    """This process judges; the interface of `Judges`."""

    count = 1

    def __init__(self, name: str, settings: Settings) -> None:
        self.settings, self.implementation = settings, isolated(name, settings)

    def __enter__(self) -> Alone:
        return self

    def __exit__(self, *_: object) -> None:
        self.implementation.close()

    @property
    def description(self) -> Description:
        return self.implementation.description

    def shares(self, parts: Sequence[Part], hear: Hear) -> Iterator[Share]:
        """What each part found."""
        for part in parts:
            yield share(self.implementation, self.settings, part, hear)


class Judges:
    """`settings.jobs` processes, started at once; raises CannotRun when the implementation cannot be started in one of them."""

    def __init__(self, name: str, settings: Settings) -> None:
        self.count = settings.jobs
        self.popens: dict[Connection, subprocess.Popen[bytes]] = {}
        try:
            for _ in range(settings.jobs):
                connection, popen = started()
                self.popens[connection] = popen
                self.tell(connection, (name, settings))
        except BaseException:
            self.__exit__()
            raise
        self.busy = dict.fromkeys(self.popens, False)
        self.known: Description | None = None

    def __enter__(self) -> Judges:
        return self

    def __exit__(self, *_: object) -> None:
        """Tell all to end, and end those that do not."""
        for connection, popen in self.popens.items():
            popen.terminate()
            connection.close()
        deadline = time.monotonic() + LAST_SECONDS
        for popen in self.popens.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                popen.wait(timeout=max(deadline - time.monotonic(), 0))
            kin.end(popen.pid)
            popen.wait()

    @property
    def description(self) -> Description:
        """Who is judged, from the judge that is ready first."""
        while self.known is None:
            self.hear_from(self.ready(), lambda result: None)
        return self.known

    def shares(self, parts: Sequence[Part], hear: Hear) -> Iterator[Share]:
        """What each part found, in the order in which they end; parts go to whoever is free. What was found until an interrupt counts."""
        waiting = list(parts)[::-1]
        left = len(waiting)
        try:
            while left:
                for connection in self.busy:
                    if waiting and not self.busy[connection]:
                        self.tell(connection, waiting.pop())
                        self.busy[connection] = True
                if found := self.hear_from(self.ready(), hear):
                    left -= 1
                    yield found
        except KeyboardInterrupt:
            yield from self.last_shares(hear)
            raise

    def last_shares(self, hear: Hear) -> Iterator[Share]:
        """What the judges have when they are told to end."""
        for popen in self.popens.values():
            popen.terminate()
        deadline = time.monotonic() + LAST_SECONDS
        while any(self.busy.values()) and time.monotonic() < deadline:
            for each in wait([each for each, busy in self.busy.items() if busy], LISTEN_SECONDS):
                assert isinstance(each, Connection)
                try:
                    if found := self.hear_from(each, hear):
                        yield found
                except (CannotRun, RuntimeError, EOFError, OSError):
                    self.busy[each] = False

    def ready(self) -> Connection:
        """The next judge that has something to say."""
        while True:
            interruption.check()
            for each in wait(list(self.popens), LISTEN_SECONDS):
                assert isinstance(each, Connection)
                return each

    def tell(self, connection: Connection, message: object) -> None:
        try:
            connection.send(message)
        except OSError as error:
            raise self.lost(connection) from error

    def lost(self, connection: Connection) -> CannotRun:
        """Why a judge is gone; raises KeyboardInterrupt when that is what ended it."""
        interruption.check()
        status = self.popens[connection].wait(LAST_SECONDS)
        return CannotRun("died", f"a judging process ended with status {status}; run it again, with fewer --jobs if memory is short")

    def hear_from(self, connection: Connection, hear: Hear) -> Share | None:
        """One message of a judge: who is judged, a result, what a part found, or why it cannot go on."""
        try:
            kind, content = connection.recv()
        except (EOFError, OSError) as error:
            raise self.lost(connection) from error
        if kind == "failed":
            raise content
        if kind == "ready":
            self.known = self.known or content
        elif kind == "result":
            hear(content)
        else:
            self.busy[connection] = False
            share: Share = content
            return share
        return None


def started() -> tuple[Connection, subprocess.Popen[bytes]]:
    """A judge in a session of its own, where no Ctrl-C of the terminal reaches it, and the way to it."""
    ours, theirs = Pipe()
    with theirs:
        line = [sys.executable, "-c", PROGRAM, str(theirs.fileno()), *sys.path]
        nothing: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
        return ours, subprocess.Popen(line, pass_fds=[theirs.fileno()], start_new_session=True, **nothing)


def main() -> None:
    """Judge what comes over the descriptor that the command line names, until it closes."""
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt), interruption.deferred(), Connection(int(sys.argv[1])) as runner:
        try:
            judge(runner)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            pass  # the runner is gone, or needs no more
        except CannotRun as error:
            runner.send(("failed", error))
        except Exception:
            runner.send(("failed", RuntimeError(traceback.format_exc())))
    os._exit(0)


def judge(runner: Connection) -> None:
    from convt_conformance.worker import prepare

    prepare()
    name, settings = runner.recv()
    with isolated(name, settings) as implementation:
        runner.send(("ready", implementation.description))
        while True:
            part = runner.recv()
            runner.send(("share", share(implementation, settings, part, lambda result: runner.send(("result", result)))))
