"""A run that is told to end leaves a readable record, and no process."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from runs import few_laws_program
from strangers import named

from convt_conformance.laws import all_laws
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

    def __init__(self, folder: Path, name: str, *options: str, line: list[str] | None = None) -> None:
        folder.mkdir(exist_ok=True)
        self.mark = uuid.uuid4().hex
        self.record = folder / "out" / f"strangers.py-{name}.jsonl"
        few = [sys.executable, str(few_laws_program(folder, CLAUSES)), "check", named(name), "--level", "smoke", *options]
        environment = {**os.environ, MARK: self.mark}
        self.popen = subprocess.Popen(
            line or [*few, "--out", str(folder / "out")],
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


WAYS = [("1", signal.SIGINT), ("1", signal.SIGTERM), ("2", signal.SIGTERM)]


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
    """The first law has fewer cases than it takes until calls hang."""
    runs.append(run := Run(tmp_path, "hangs_later", "--timeout", "600"))
    run.wait_for_results()
    time.sleep(0.5)
    run.popen.send_signal(signal.SIGINT)
    assert_ended_well(run)


def test_an_interrupt_while_an_implementation_starts(tmp_path: Path, runs: list[Run]) -> None:
    runs.append(run := Run(tmp_path, "right"))
    wait_until(lambda: len(processes(run.mark)) > 1, "the first worker")
    run.popen.send_signal(signal.SIGINT)
    assert_interrupted(run)


def test_ctrl_c_while_the_processes_of_a_run_start(tmp_path: Path, runs: list[Run]) -> None:
    runs.append(run := Run(tmp_path, "right", "--jobs", "2"))
    wait_until(lambda: len(processes(run.mark)) > 1, "the first judge")
    os.killpg(run.popen.pid, signal.SIGINT)
    assert_interrupted(run)


def test_an_interrupt_while_the_command_is_loaded(tmp_path: Path, runs: list[Run]) -> None:
    """The real command, whose heavy imports come after the line was read."""
    line = [sys.executable, "-m", "convt", "check", named("right"), "--out", str(tmp_path)]
    runs.append(run := Run(tmp_path, "right", line=line))

    def loading() -> bool:
        return "_multiarray_umath" in Path(f"/proc/{run.popen.pid}/maps").read_text()

    wait_until(loading, "NumPy in the process", pause=0.001)
    run.popen.send_signal(signal.SIGINT)
    assert_interrupted(run)


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


def test_signals_in_quick_succession_are_one(tmp_path: Path, runs: list[Run]) -> None:
    runs.append(run := Run(tmp_path, "slow", "--jobs", "2"))
    run.wait_for_results()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT, signal.SIGINT):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.popen.pid, number)
        time.sleep(0.01)
    assert_ended_well(run)


HAMMERED = [("right", "1"), ("slow", "1"), ("reversed_kernel", "1"), ("right", "2"), ("reversed_kernel", "2")]
"""Quick and slow cases, and a wrong implementation, whose failures are shrunk and confirmed in fresh processes."""


@pytest.mark.parametrize(("name", "jobs"), HAMMERED)
def test_an_interrupt_at_any_moment_leaves_a_record(tmp_path: Path, runs: list[Run], name: str, jobs: str) -> None:
    """Four runs, each told to end at a moment drawn from the seconds that it takes."""
    moments = random.Random(f"{name} {jobs}")
    for attempt in range(4):
        runs.append(run := Run(tmp_path / str(attempt), name, "--jobs", jobs))
        wait_until(run.record.is_file, "the record")
        time.sleep(moments.uniform(0, 2.5))
        run.popen.send_signal(moments.choice([signal.SIGINT, signal.SIGTERM]))
        code, _, err = run.end()
        assert "Traceback" not in err, err
        record = read(run.record)
        assert record.footer["complete"] or code == 130, (code, record.footer, err)
        assert not record.footer["complete"] or len(record.results) == LAWS
        wait_until(lambda: not processes(runs[-1].mark), "the end of all processes")


def test_a_run_that_is_killed_leaves_a_record_that_is_refused_and_no_process(tmp_path: Path, runs: list[Run]) -> None:
    runs.append(run := Run(tmp_path, "slow"))
    run.wait_for_results()
    run.popen.kill()
    run.end()
    with pytest.raises(ValueError, match=r"no footer|truncated"):
        read(run.record)
    wait_until(lambda: not processes(run.mark), "the end of all processes")
