"""Runs an implementation in a process of its own, and turns its death, silence or appetite into an outcome."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NoReturn, Protocol

from convt_conformance import foreign
from convt_conformance.outcomes import CannotRun, Crashed, Outcome, OutOfMemory, TimedOut, Unsupported
from convt_conformance.process import Late, Overfull, Process, ProcessEnded, TooLong, Watch, ending, spawn
from convt_conformance.protocol import Description, Message, MessageError, description_from_message, missing, outcome_from_message, shown
from convt_spec.case import Case

START_SECONDS = 180.0
FIRST_CALL_SECONDS = 120.0
AHEAD = 64
"""Requests that may be under way: enough that neither side waits for the other, few enough to send again after a crash."""


class Implementation(Protocol):
    """What is judged: it describes itself, runs cases, and can start anew.

    `history` holds the cases that the present process ran, in order.
    """

    @property
    def history(self) -> Sequence[Case]: ...

    @property
    def description(self) -> Description: ...

    def run(self, case: Case) -> Outcome: ...

    def run_ahead(self, cases: Sequence[Case]) -> list[Outcome]:
        """The outcomes of at least one of the cases, in order, of all of them unless one costs the process."""
        ...

    def restart(self, before: Sequence[Case] = ()) -> None:
        """The next case is the first of a fresh process, or the first after the cases `before`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`seconds` per case, `memory` in MiB beyond what the loaded implementation holds."""

    seconds: float = 20.0
    memory: int = 2048


class Isolated:
    """An implementation in a process that is started when first needed and replaced when it dies, hangs or is told to be fresh.

    `watch` is told of every message in both directions.
    """

    def __init__(self, name: str, *, python: str = sys.executable, limits: Limits | None = None, watch: Watch | None = None) -> None:
        self.name, self.python, self.limits, self.watch = name, python, limits or Limits(), watch
        self.process: Process | None = None
        self.restarts = 0
        self.last_id = 0
        self.known: Description | None = None
        self.warm = False
        self.history: list[Case] = []

    def __enter__(self) -> Isolated:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def description(self) -> Description:
        """Who answers; starts the process if need be. Raises CannotRun."""
        if self.known is None:
            self.started()
        assert self.known
        return self.known

    def started(self) -> Process:
        if self.process:
            return self.process
        program = foreign.is_program(self.name)
        try:
            process = foreign.spawn_program(self.name) if program else spawn(self.python)
        except OSError as error:
            raise CannotRun("usage", f"the interpreter {self.python} cannot be started: {error.strerror}") from error
        process.watch = self.watch
        try:
            self.known = self.introduced(process)
            if program:
                foreign.limit_memory(process, self.limits.memory)
            process.limit(self.limits.memory)
        except BaseException:
            process.kill()
            raise
        self.process = process
        self.last_id = secrets.randbelow(1 << 30)  # a program that counts its answers itself is found out
        return process

    def introduced(self, process: Process) -> Description:
        """The answer to `start`; raises CannotRun."""
        ours = {} if foreign.is_program(self.name) else {"implementation": self.name, "memory": self.limits.memory}
        try:
            answer = process.ask({**foreign.start_request(), **ours}, START_SECONDS)
            if "failed" in answer:
                raise CannotRun(*failure(answer))
            return description_from_message(answer)
        except (ProcessEnded, Late) as error:
            silent = isinstance(error, Late)
            status = process.kill(grace=0.0 if silent else 1.0)
            words = (process.last_words().splitlines() or ["it said nothing"])[-1]
            what = "did not start in time" if silent else f"ended while starting ({ending(status)})"
            raise CannotRun("died", f"{self.name} {what}: {words}") from error
        except (MessageError, TooLong) as error:
            self.broken(process, "start", error)

    def broken(self, process: Process, where: str, error: Exception) -> NoReturn:
        """Raise CannotRun: what a program says that does not keep to the protocol says nothing about the operator."""
        what = f"a line is longer than {process.longest} bytes" if isinstance(error, TooLong) else str(error)
        words = process.last_words().splitlines()[-1:]
        said = f"; its last words on stderr: {words[0]}" if words else ""
        message = f"{self.name} does not keep to the protocol in its answer to {where}: {what}{said}; --protocol-debug shows the messages"
        raise CannotRun("broken", message) from error

    def run(self, case: Case) -> Outcome:
        """The outcome of one case; a process that died or hung is replaced on the next call."""
        return self.run_many([case])[0]

    def run_many(self, cases: Sequence[Case]) -> list[Outcome]:
        """The outcome of each case, in order, with up to `AHEAD` requests under way; a crash or a hang costs the case that it answers."""
        outcomes: list[Outcome] = []
        while len(outcomes) < len(cases):
            outcomes += self.run_ahead(cases[len(outcomes) :])
        return outcomes

    def run_ahead(self, cases: Sequence[Case]) -> list[Outcome]:
        """The outcomes up to the first case that costs the process, that one included."""
        asked = [case for case in cases if not self.lacking(case)]
        outcomes = self.stretch(asked) if asked else []
        answered = iter(outcomes)
        found: list[Outcome] = []
        for case in cases:
            lacking = self.lacking(case)
            outcome = Unsupported(reason=lacking) if lacking else next(answered, None)
            if outcome is None:
                break
            found.append(outcome)
        return found

    def lacking(self, case: Case) -> str:
        """Why a program cannot be asked, which gets the arrays of one call and nothing else; our own worker says so itself."""
        return missing((), case.problem) if foreign.is_program(self.name) else ""

    def stretch(self, cases: Sequence[Case]) -> list[Outcome]:
        """The outcomes up to the first case that ends the process, that one included."""
        process = self.started()
        outcomes: list[Outcome] = []
        first = self.last_id + 1
        self.last_id += len(cases)
        upcoming = enumerate(cases, first)
        for number, case in enumerate(cases, first):
            process.send(*({**self.request(each), "id": later} for later, each in islice(upcoming, AHEAD if number == first else 1)))
            self.history.append(case)
            outcomes.append(self.answer(process, case, number))
            if not self.process:
                break
        return outcomes

    def request(self, case: Case) -> Message:
        """Our own worker makes the arrays from the case's text; any other program gets them."""
        return foreign.run_request(case) if foreign.is_program(self.name) else {"request": "run", "case": str(case)}

    def answer(self, process: Process, case: Case, number: int) -> Outcome:
        """The outcome that answers request `number`; raises CannotRun when the answer is none."""
        seconds = max(self.limits.seconds, FIRST_CALL_SECONDS) if process.first and not self.warm else self.limits.seconds
        asked = time.monotonic()
        try:
            answer = process.receive(seconds)
            if answer.get("id") != number:
                raise MessageError(f"'id' must be {number}, that of the earliest request without an answer, got {shown(answer.get('id'))}")
            self.warm = self.warm or (process.first and time.monotonic() - asked < self.limits.seconds)
            process.first = False
            outcome = outcome_from_message(answer)
            if isinstance(outcome, OutOfMemory):
                self.discard()  # what it still holds would count against the next case
            return outcome
        except Late:
            self.warm = True  # the patience that a first call may need is had once
            self.discard()
            return TimedOut(seconds=seconds)
        except ProcessEnded:
            status = self.discard(grace=0.2)
            return Crashed(how=ending(status), stderr=process.last_words())
        except Overfull:
            self.discard()
            return OutOfMemory(
                message=f"more than {self.limits.memory} MiB beyond the loaded implementation, shared and in child processes"
            )
        except (MessageError, TooLong) as error:
            self.close()
            self.broken(process, str(case), error)

    def run_fresh(self, case: Case) -> Outcome:
        """The outcome of a case as the first of a fresh process."""
        self.restart()
        return self.run(case)

    def restart(self, before: Sequence[Case] = ()) -> None:
        """The next case is the first of a fresh process, or the first after the cases `before`."""
        self.close()
        self.run_many(before)

    def script(self, case: Case) -> dict[str, Any]:
        """Our own worker's lines for a case, its imports and the arrays they use; for any other program the messages to send.

        Raises CannotRun when the worker cannot hold the arrays.
        """
        if self.lacking(case):
            return {"unsupported": self.lacking(case)}
        if foreign.is_program(self.name):
            run = {**foreign.run_request(case), "id": 1}
            return {"command": foreign.command(self.name), "requests": [foreign.start_request(), run, {"request": "stop"}]}
        try:
            return self.started().ask({"request": "script", "case": str(case)}, FIRST_CALL_SECONDS)
        except (ProcessEnded, Late, Overfull, MessageError, TooLong) as error:
            self.discard()
            what = f"the worker ended over the arrays of {case}: they may not fit into {self.limits.memory} MiB; give more --memory"
            raise CannotRun("usage", what) from error

    def discard(self, grace: float = 0.0) -> int:
        """Kill the process, after `grace` seconds for one that is ending by itself, and return its exit status."""
        assert self.process
        process, self.process, self.history = self.process, None, []
        self.restarts += 1
        return process.kill(grace)

    def close(self) -> None:
        if self.process:
            self.process.kill()
            self.process, self.history = None, []


def failure(answer: Message) -> tuple[str, str]:
    """The kind and the sentence of an answer to `start` that says why it failed; raises MessageError."""
    kind, message = answer.get("failed"), answer.get("message")
    if kind not in ("absent", "broken", "usage") or not isinstance(message, str):
        raise MessageError(f"'failed' must be absent, broken or usage and come with a 'message', got {shown(kind)}")
    return kind, message
