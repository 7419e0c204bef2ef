"""Whatever an implementation does to its process becomes the right outcome, and the next case works."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
import strangers
from isolated import (
    EVEN_CASE,
    HANGING,
    LAYER_CASE,
    LIMITS,
    ODD_CASE,
    assert_gone,
    assert_recovers,
    assert_right,
    available,
    children,
    computed,
    own_process,
    watching,
)
from strangers import named

from convt_conformance import isolation
from convt_conformance.isolation import Isolated, Limits
from convt_conformance.outcomes import CannotRun, Computed, Crashed, OutOfMemory, TimedOut, Unsupported
from convt_spec.case import Case

pytestmark = pytest.mark.usefixtures("leaves_no_process")

ENDINGS = {
    "segfault": "signal 11 (SIGSEGV)",
    "exit_zero": "exit status 0",
    "exit_seven": "exit status 7",
    "abort": "signal 6 (SIGABRT)",
    "killed": "signal 9 (SIGKILL)",
    "hangs_up": "exit status 1",
    "hangs_up_on_the_runner": "exit status 1",
}


@pytest.mark.parametrize("name", ENDINGS)
def test_a_process_that_ends_is_a_crash(name: str) -> None:
    with Isolated(named(name), limits=LIMITS) as implementation:
        assert implementation.run(ODD_CASE) == Crashed(how=ENDINGS[name])
        assert implementation.restarts == 1
        assert_recovers(implementation)


def test_a_crash_after_good_cases_ends_the_process_only_once() -> None:
    with Isolated(named("exit_seven"), limits=LIMITS) as implementation:
        assert_right(implementation.run(EVEN_CASE), EVEN_CASE)
        assert implementation.run(ODD_CASE) == Crashed(how="exit status 7")
        assert_recovers(implementation)
        implementation.restart()
        assert_right(implementation.run(EVEN_CASE), EVEN_CASE)
        assert implementation.restarts == 1


def test_the_last_words_of_a_crash_are_kept() -> None:
    with Isolated(named("flood_and_die"), limits=LIMITS) as implementation:
        outcome = implementation.run(ODD_CASE)
        assert isinstance(outcome, Crashed)
        assert outcome.stderr.endswith("the end")
        assert len(outcome.stderr) <= 2000


@pytest.mark.parametrize("name", ["spins", "sleeps", "stops", "spins_with_signals_blocked", "spins_in_c"])
def test_a_call_that_does_not_end_is_a_hang(name: str) -> None:
    with Isolated(named(name), limits=HANGING) as implementation:
        assert_right(implementation.run(EVEN_CASE), EVEN_CASE)
        hanging = own_process(implementation)
        start = time.monotonic()
        assert implementation.run(ODD_CASE) == TimedOut(seconds=0.3)
        assert time.monotonic() - start < 5
        assert_gone(hanging)
        assert implementation.restarts == 1
        assert_recovers(implementation)


def test_the_first_call_has_a_limit_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "FIRST_CALL_SECONDS", 0.6)
    with Isolated(named("spins"), limits=HANGING) as implementation:
        assert implementation.run(ODD_CASE) == TimedOut(seconds=0.6)
        assert_right(implementation.run(EVEN_CASE), EVEN_CASE)
        assert implementation.run(ODD_CASE) == TimedOut(seconds=0.3)


def test_a_limit_above_that_of_the_first_call_holds_for_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "FIRST_CALL_SECONDS", 0.1)
    with Isolated(named("spins"), limits=Limits(seconds=0.5)) as implementation:
        assert implementation.run(ODD_CASE) == TimedOut(seconds=0.5)


@pytest.mark.parametrize("name", ["hog", "gradual_hog", "memory_error_in_words"])
def test_appetite_is_out_of_memory(name: str) -> None:
    with Isolated(named(name), limits=LIMITS) as implementation:
        outcome = implementation.run(ODD_CASE)
        assert isinstance(outcome, OutOfMemory), outcome
        assert "llocate" in outcome.message
        assert_recovers(implementation)


@pytest.mark.parametrize("name", ["shared_hog", "memory_file_hog", "family_hog"])
def test_memory_beside_the_private_one_counts(name: str) -> None:
    with Isolated(named(name), limits=LIMITS) as implementation:
        assert_right(implementation.run(EVEN_CASE), EVEN_CASE)
        free = available()
        start, lowest = time.monotonic(), []
        with watching(lambda: lowest.append(available())):
            outcome = implementation.run(ODD_CASE)
        assert outcome == OutOfMemory(message="more than 256 MiB beyond the loaded implementation, shared and in child processes")
        assert time.monotonic() - start < 10
        assert free - min(lowest) < 2 << 30
        assert_recovers(implementation)


def test_a_leak_over_many_quick_calls_is_noticed() -> None:
    with Isolated(named("leaks_shared"), limits=LIMITS) as implementation:
        outcomes = (implementation.run(ODD_CASE) for _ in range(40))
        assert any(isinstance(outcome, OutOfMemory) for outcome in outcomes)
        assert_recovers(implementation)


def test_what_a_call_without_memory_still_holds_does_not_count_against_the_next() -> None:
    with Isolated(named("keeps_all"), limits=LIMITS) as implementation:
        assert isinstance(implementation.run(ODD_CASE), OutOfMemory)
        assert_recovers(implementation)
        implementation.restart()
        assert isinstance(implementation.run(ODD_CASE), OutOfMemory)
        assert_recovers(implementation)


def test_limits_hold_for_confirmations() -> None:
    with Isolated(named("spins"), limits=HANGING) as implementation:
        assert_right(implementation.run(EVEN_CASE), EVEN_CASE)
        start = time.monotonic()
        implementation.restart()
        assert implementation.run(ODD_CASE) == TimedOut(seconds=0.3)
        assert time.monotonic() - start < 10


def test_the_memory_limit_counts_from_what_the_implementation_holds() -> None:
    with Isolated(named("hundred_mebibytes"), limits=Limits(memory=256)) as implementation:
        assert computed(implementation.run(ODD_CASE)).tolist() == [100 << 20]
    with Isolated(named("hundred_mebibytes"), limits=Limits(memory=64)) as implementation:
        assert isinstance(implementation.run(ODD_CASE), OutOfMemory)
        assert_right(implementation.run(EVEN_CASE), EVEN_CASE)


def test_a_result_too_big_for_a_message_is_out_of_memory() -> None:
    with Isolated(named("big_result"), limits=LIMITS) as implementation:
        outcome = implementation.run(ODD_CASE)
        assert isinstance(outcome, OutOfMemory), outcome
        assert_recovers(implementation)


@pytest.mark.parametrize("name", ["chatter", "flood", "closes_output", "closes_stdout"])
def test_noise_does_not_reach_the_protocol(name: str) -> None:
    with Isolated(named(name), limits=LIMITS) as implementation:
        for case in (ODD_CASE, ODD_CASE, EVEN_CASE):
            assert_right(implementation.run(case), case)
        assert implementation.restarts == 0
        assert_recovers(implementation)


def test_noise_at_import_does_not_reach_the_protocol(tmp_path: Path) -> None:
    (tmp_path / "noisy.py").write_text("import os\nprint('{}')\nos.write(1, b'{}\\n')\nfrom strangers import right\n")
    (tmp_path / "strangers.py").write_text(Path(strangers.__file__).read_text())
    with Isolated(f"{tmp_path}/noisy.py:right", limits=LIMITS) as implementation:
        assert_right(implementation.run(EVEN_CASE), EVEN_CASE)


def test_noise_of_the_interpreter_itself_does_not_reach_the_protocol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('welcome to this cluster')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Isolated(named("right"), limits=LIMITS) as implementation:
        assert_right(implementation.run(EVEN_CASE), EVEN_CASE)


def test_gigabytes_of_noise_are_drained() -> None:
    with Isolated(named("floods_a_gibibyte"), limits=LIMITS) as implementation:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert_right(implementation.run(ODD_CASE), ODD_CASE)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 << 10
        assert_recovers(implementation)


def test_changed_surroundings_are_put_back_and_told() -> None:
    """The stranger itself refuses a call that finds anything of an earlier one."""
    with Isolated(named("surroundings"), limits=LIMITS) as implementation:
        for change, effect in strangers.EFFECTS.items():
            outcome = implementation.run(ODD_CASE)
            assert isinstance(outcome, Computed), (change, outcome)
            expected = {effect, "random state", "NumPy's random state"}  # it draws numbers itself
            assert set(outcome.effects) == expected, (change, outcome.effects)
        assert implementation.restarts == 0


def test_an_alarm_that_is_left_behind_does_not_ring_in_a_later_call() -> None:
    with Isolated(named("sets_alarm"), limits=LIMITS) as implementation:
        implementation.run(ODD_CASE)
        time.sleep(1.2)
        assert_right(implementation.run(EVEN_CASE), EVEN_CASE)
        assert implementation.restarts == 0


def test_a_call_that_changes_nothing_has_no_effects() -> None:
    with Isolated(named("right"), limits=LIMITS) as implementation:
        outcome = implementation.run(EVEN_CASE)
        assert isinstance(outcome, Computed)
        assert outcome.effects == ()


def test_a_call_that_cannot_be_expressed_is_unsupported() -> None:
    with Isolated(named("right"), limits=LIMITS) as implementation:
        assert implementation.run(LAYER_CASE) == Unsupported(reason="this is a function, and has no layer form")
        assert_right(implementation.run(EVEN_CASE), EVEN_CASE)


@pytest.mark.parametrize(
    "text",
    ["N0,C2,M3,L4,K2,flaw=input-rank-2,float32,int:1", "N1,C0,M3,L4,K2,flaw=kernel-rank-2,float32,int:1"],
)
def test_a_case_without_samples_cannot_end_the_process(text: str) -> None:
    with Isolated(named("right"), limits=LIMITS) as implementation:
        outcome = implementation.run(Case.parse(text))
        assert not isinstance(outcome, Crashed), outcome


def test_cases_share_a_process_until_a_fresh_one_is_asked_for() -> None:
    with Isolated(named("process_id"), limits=LIMITS) as implementation:
        first, second = (computed(implementation.run(EVEN_CASE)).item() for _ in range(2))
        implementation.restart()
        fresh = computed(implementation.run(EVEN_CASE)).item()
        assert first == second
        assert fresh not in (first, os.getpid())
        assert implementation.restarts == 0


def test_close_ends_the_process() -> None:
    implementation = Isolated(named("process_id"), limits=LIMITS)
    worker = int(computed(implementation.run(EVEN_CASE)).item())
    assert worker in children()
    implementation.close()
    assert worker not in children()
    implementation.close()


def test_close_ends_what_the_implementation_started() -> None:
    with Isolated(named("leaves_child"), limits=LIMITS) as implementation:
        child = int(computed(implementation.run(ODD_CASE)).item())
        os.kill(child, 0)
    assert_gone(child)


@pytest.mark.parametrize("name", ["leaves_session", "leaves_daemon"])
def test_close_ends_also_what_left_its_group(name: str) -> None:
    with Isolated(named(name), limits=LIMITS) as implementation:
        outcome = implementation.run(ODD_CASE)
        child = int(computed(outcome).item())
        os.kill(child, 0)
        assert isinstance(outcome, Computed)
        assert "child processes" in outcome.effects
    assert_gone(child)


def test_a_child_of_a_call_that_crashed_is_ended_too() -> None:
    with Isolated(named("leaves_child_and_dies"), limits=LIMITS) as implementation:
        outcome = implementation.run(ODD_CASE)
        assert isinstance(outcome, Crashed), outcome
        assert_gone(int(outcome.stderr))


def test_a_child_that_holds_the_pipe_does_not_hide_a_crash() -> None:
    with Isolated(named("dies_beside_child"), limits=Limits(seconds=1)) as implementation:
        assert_right(implementation.run(EVEN_CASE), EVEN_CASE)
        assert implementation.run(ODD_CASE) == Crashed(how="exit status 5")


def test_a_process_that_dies_between_two_calls_is_a_crash_of_the_second() -> None:
    with Isolated(named("dies_later"), limits=LIMITS) as implementation:
        assert_right(implementation.run(ODD_CASE), ODD_CASE)
        time.sleep(0.5)
        assert implementation.run(EVEN_CASE) == Crashed(how="exit status 9")
        assert_right(implementation.run(EVEN_CASE), EVEN_CASE)


def test_a_worker_dies_with_its_runner() -> None:
    program = (
        "import sys; from convt_conformance.isolation import Isolated\n"
        "i = Isolated(sys.argv[1]); i.description; print(i.process.popen.pid, flush=True); input()"
    )
    line = [sys.executable, "-c", program, named("right")]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as runner:
        assert runner.stdout
        worker = int(runner.stdout.readline())
        os.kill(worker, 0)
        runner.kill()
    assert_gone(worker)


def test_descriptors_are_given_back() -> None:
    def opened() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    with contextlib.suppress(CannotRun), Isolated(named("number")) as implementation:
        _ = implementation.description
    before = opened()
    for _ in range(3):
        with Isolated(named("exit_seven"), limits=LIMITS) as implementation:
            implementation.run(ODD_CASE)
            implementation.run(EVEN_CASE)
    deadline = time.monotonic() + 5
    while opened() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert opened() <= before


def test_a_lower_limit_of_the_user_stays_in_force() -> None:
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_DATA, (1 << 30, 1 << 30))\n"
        "from convt_conformance.isolation import Isolated, Limits\n"
        "with Isolated(sys.argv[1], limits=Limits(memory=4096)) as implementation: print(implementation.description.language)"
    )
    done = subprocess.run([sys.executable, "-c", program, named("right")], capture_output=True, text=True, timeout=60)
    assert done.stdout == "Python\n", done.stderr[-500:]


def test_the_patience_for_a_first_call_is_had_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "FIRST_CALL_SECONDS", 1.5)
    with Isolated(named("spins"), limits=Limits(seconds=0.3)) as implementation:
        assert [implementation.run(ODD_CASE) for _ in range(2)] == [TimedOut(seconds=1.5), TimedOut(seconds=0.3)]
