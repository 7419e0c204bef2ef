"""A run that is told to end leaves a readable record, and no process."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from strangers import few_laws_program, named

from convt_conformance.records import read

CLAUSES = "V1 R1 W3 G1 V2 V4 V5 L1 L2 L3 N1 N2"
MARK = "CONVT_TEST_MARK"


def processes(mark: str) -> list[int]:
    """The living processes whose environment carries the mark."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdecimal() and f"{MARK}={mark}".encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
    return found


def wait_until(condition: object, what: str, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


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


def assert_ended_well(run: Run) -> None:
    code, out, err = run.end()
    assert code == 130, (code, out, err)
    assert "Traceback" not in err, err
    assert "interrupted, so this is a part only" in out
    record = read(run.record)
    assert record.footer["complete"] is False
    assert 0 < len(record.results) < 20
    wait_until(lambda: not processes(run.mark), "the end of all processes", 10)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["interrupt", "terminate"])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_that_is_told_to_end_leaves_a_record(tmp_path: Path, runs: list[Run], number: signal.Signals, jobs: str) -> None:
    runs.append(run := Run(tmp_path, "slow", "--jobs", jobs))
    run.wait_for_results()
    run.popen.send_signal(number)
    assert_ended_well(run)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_in_a_terminal_reaches_the_whole_group(tmp_path: Path, runs: list[Run], jobs: str) -> None:
    runs.append(run := Run(tmp_path, "slow", "--jobs", jobs))
    run.wait_for_results()
    os.killpg(run.popen.pid, signal.SIGINT)
    assert_ended_well(run)


def test_a_hanging_call_can_be_interrupted(tmp_path: Path, runs: list[Run]) -> None:
    runs.append(run := Run(tmp_path, "hangs_on_the_fortieth_call", "--timeout", "600"))
    run.wait_for_results()
    time.sleep(0.5)
    run.popen.send_signal(signal.SIGINT)
    assert_ended_well(run)


def test_an_interrupt_while_an_implementation_starts(tmp_path: Path, runs: list[Run]) -> None:
    runs.append(run := Run(tmp_path, "right"))
    wait_until(lambda: len(processes(run.mark)) > 1, "the first worker")
    run.popen.send_signal(signal.SIGINT)
    code, _, err = run.end()
    assert code == 130
    assert "Traceback" not in err
    wait_until(lambda: not processes(run.mark), "the end of all processes", 10)


def test_a_run_that_is_killed_leaves_a_record_that_is_refused_and_no_process(tmp_path: Path, runs: list[Run]) -> None:
    runs.append(run := Run(tmp_path, "slow"))
    run.wait_for_results()
    run.popen.kill()
    run.end()
    with pytest.raises(ValueError, match="no footer|truncated"):
        read(run.record)
    wait_until(lambda: not processes(run.mark), "the end of all processes", 10)
