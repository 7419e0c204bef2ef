"""What tests of isolated implementations look at: answers, processes, memory."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from strangers import EVEN, ODD

import convt_impl
from convt_conformance.isolation import Isolated, Limits
from convt_conformance.outcomes import Computed, Outcome
from convt_spec.case import Case
from convt_spec.data import arrays

ODD_CASE, EVEN_CASE = Case.parse(ODD), Case.parse(EVEN)
LAYER_CASE = Case.parse("layer," + EVEN)
LIMITS = Limits(seconds=10, memory=256)
HANGING = Limits(seconds=0.3, memory=256)


def right_answer(case: Case) -> np.ndarray:
    x, weight, _ = arrays(case)
    return convt_impl.conv1d_transpose(x, weight, stride=2)


def assert_right(outcome: Outcome, case: Case) -> None:
    assert isinstance(outcome, Computed), outcome
    assert outcome.array is not None
    assert (outcome.dtype, outcome.changed_input) == (case.dtype, False)
    assert outcome.array.dtype == np.dtype(case.dtype)
    np.testing.assert_array_equal(outcome.array, right_answer(case))


def assert_recovers(implementation: Isolated) -> None:
    assert_right(implementation.run(EVEN_CASE), EVEN_CASE)


def computed(outcome: Outcome) -> np.ndarray:
    assert isinstance(outcome, Computed), outcome
    assert outcome.array is not None
    return outcome.array


def own_process(implementation: Isolated) -> int:
    assert implementation.process
    return implementation.process.popen.pid


def children() -> set[int]:
    """The processes that this process has started and that are still there, dead or alive."""
    lists = (path.read_text().split() for path in Path("/proc/self/task").glob("*/children"))
    return {int(child) for each in lists for child in each}


def assert_gone(pid: int, seconds: float = 5.0) -> None:
    """The process ends within `seconds`; one that is dead but not yet collected counts as gone."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return
        if state == "Z":
            return
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    pytest.fail(f"process {pid} is still there")


def available() -> int:
    """Bytes that the machine has left."""
    return int(Path("/proc/meminfo").read_text().split("MemAvailable:")[1].split()[0]) << 10


@contextlib.contextmanager
def watching(look: Callable[[], object]) -> Iterator[None]:
    """Calls `look` a hundred times a second from another thread."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.01):
            look()

    thread = threading.Thread(target=watch)
    thread.start()
    yield
    over.set()
    thread.join()
