"""A run that is told to end leaves a readable record, and no process."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from strangers import few_laws_program, named

from convt_conformance.plugin import all_laws
from convt_conformance.records import read

CLAUSES = "A20 L1 L3 W3 V1 V5 R1 E1"
LAWS = sum(law.clause in CLAUSES.split() for law in all_laws())
MARK = "CONVT_TEST_MARK"


def processes(mark: str) -> list[int]:
    """The living processes whose environment carries the mark."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdecimal() and f"{MARK}={mark}".encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
    return found


def wait_until(condition: Callable[[], bool], what: str, *, seconds: float = 30.0, pause: float = 0.02) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(pause)


class Run:
    """`convt check` of a slow implementation under way in a process group of its own."""

    def __init__(self, folder: Path, name: str, *options: str) -> None:
        self.mark = uuid.uuid4().hex
        self.record = folder / "out" / f"strangers.py-{name}.jsonl"
        line = [sys.executable, str(few_laws_program(folder, CLAUSES)), "check", named(name), "--level", "smoke", *options]
        environment = {**os.environ, MARK: self.mark}
        self.popen = subprocess.Popen(
            [*line, "--out", str(folder / "out")],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    def wait_for_results(self) -> None:
        def some() -> bool:
            assert self.popen.poll() is None, self.popen.communicate()
            return self.record.is_file() and self.record.read_text(encoding="utf-8").count('"line": "result"') > 0

        wait_until(some, "the first result")

    def end(self) -> tuple[int, str, str]:
        out, err = self.popen.communicate(timeout=30)
        return self.popen.returncode, out, err


@pytest.fixture
def runs() -> Iterator[list[Run]]:
    started: list[Run] = []
    yield started
    for run in started:
        for pid in processes(run.mark):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        run.popen.communicate()


def assert_interrupted(run: Run) -> str:
    """It ended as interrupted, without a traceback and without leaving a process; returns what it printed."""
    code, out, err = run.end()
    assert code == 130, (code, out, err)
    assert "Traceback" not in err, err
    wait_until(lambda: not processes(run.mark), "the end of all processes")
    return out


def assert_ended_well(run: Run) -> None:
    assert "interrupted, so this is a part only" in assert_interrupted(run)
    record = read(run.record)
    assert record.footer["complete"] is False
    assert 0 < len(record.results) < LAWS


UNLUCKY = pytest.mark.xfail(reason="an interrupt between hypothesis's own lines becomes an AssertionError")
WAYS = [
    pytest.param("1", signal.SIGINT, marks=UNLUCKY),
    pytest.param("1", signal.SIGTERM, marks=UNLUCKY),
    pytest.param("2", signal.SIGTERM),
]


@pytest.mark.parametrize(("jobs", "number"), WAYS)
def test_a_run_that_is_told_to_end_leaves_a_record(tmp_path: Path, runs: list[Run], jobs: str, number: signal.Signals) -> None:
    runs.append(run := Run(tmp_path, "slow", "--jobs", jobs))
    run.wait_for_results()
    run.popen.send_signal(number)
    assert_ended_well(run)


def test_ctrl_c_in_a_terminal_reaches_the_whole_group(tmp_path: Path, runs: list[Run]) -> None:
    runs.append(run := Run(tmp_path, "slow", "--jobs", "2"))
    run.wait_for_results()
    os.killpg(run.popen.pid, signal.SIGINT)
    assert_ended_well(run)


def test_a_hanging_call_can_be_interrupted(tmp_path: Path, runs: list[Run]) -> None:
    """The first law has cases in single precision only, the others soon have one in double."""
    runs.append(run := Run(tmp_path, "hangs_in_double", "--timeout", "600"))
    run.wait_for_results()
    time.sleep(0.5)
    run.popen.send_signal(signal.SIGINT)
    assert_ended_well(run)


def test_an_interrupt_while_an_implementation_starts(tmp_path: Path, runs: list[Run]) -> None:
    runs.append(run := Run(tmp_path, "right"))
    wait_until(lambda: len(processes(run.mark)) > 1, "the first worker")
    run.popen.send_signal(signal.SIGINT)
    assert_interrupted(run)


@pytest.mark.xfail(reason="the pool's processes hear the interrupt before they ignore it, and print tracebacks")
def test_ctrl_c_while_the_processes_of_a_run_start(tmp_path: Path, runs: list[Run]) -> None:
    runs.append(run := Run(tmp_path, "right", "--jobs", "2"))
    wait_until(run.record.is_file, "the record")
    time.sleep(0.25)
    os.killpg(run.popen.pid, signal.SIGINT)
    assert_interrupted(run)


@pytest.mark.xfail(reason="an interrupt while the pool shuts down leaves the record without footer")
def test_an_interrupt_after_the_last_result(tmp_path: Path, runs: list[Run]) -> None:
    runs.append(run := Run(tmp_path, "right", "--jobs", "2"))

    def all_results() -> bool:
        return run.record.is_file() and run.record.read_text(encoding="utf-8").count('"line": "result"') == LAWS

    wait_until(all_results, "the last result", pause=0.002)
    run.popen.send_signal(signal.SIGINT)
    code, _, err = run.end()
    assert code in (0, 130)
    assert "Traceback" not in err
    assert len(read(run.record).results) == LAWS


def test_a_run_that_is_killed_leaves_a_record_that_is_refused_and_no_process(tmp_path: Path, runs: list[Run]) -> None:
    runs.append(run := Run(tmp_path, "slow"))
    run.wait_for_results()
    run.popen.kill()
    run.end()
    with pytest.raises(ValueError, match=r"no footer|truncated"):
        read(run.record)
    wait_until(lambda: not processes(run.mark), "the end of all processes")
