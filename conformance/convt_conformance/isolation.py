"""Runs an implementation in a process of its own, and turns its death, silence or appetite into an outcome."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from convt_conformance.outcomes import CannotRun, Crashed, Outcome, TimedOut
from convt_conformance.process import Late, Process, ProcessEnded, ending, spawn
from convt_conformance.protocol import VERSION, Description, description_from_message, outcome_from_message
from convt_spec.case import Case

START_SECONDS = 180.0
FIRST_CALL_SECONDS = 120.0


class Implementation(Protocol):
    """What is judged: it describes itself, runs cases, and can start anew.

    `history` holds the cases that the present process ran, in order.
    """

    @property
    def history(self) -> Sequence[Case]: ...

    @property
    def description(self) -> Description: ...

    def run(self, case: Case) -> Outcome: ...

    def restart(self) -> None:
        """The next case is the first of a fresh process."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`seconds` per case, `memory` in MiB beyond what the loaded implementation holds."""

    seconds: float = 20.0
    memory: int = 2048


class Isolated:
    """An implementation in a worker that is started when first needed and replaced when it dies, hangs or is told to be fresh."""

    def __init__(self, name: str, *, python: str = sys.executable, limits: Limits | None = None) -> None:
        self.name, self.python, self.limits = name, python, limits or Limits()
        self.process: Process | None = None
        self.restarts = 0
        self.known: Description | None = None
        self.history: list[Case] = []

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
        self.history = []
        return process

    def run(self, case: Case) -> Outcome:
        """The outcome of one case; a worker that died or hung is replaced on the next call."""
        process = self.started()
        self.history.append(case)
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
        self.restart()
        return self.run(case)

    def restart(self) -> None:
        """The next case is the first of a fresh worker."""
        self.close()

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
