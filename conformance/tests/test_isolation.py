"""Whatever an implementation does to its process becomes the right outcome, and the next case works."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import strangers
from in_process import in_process
from strangers import EVEN, ODD, named

import convt_impl
from convt_conformance import isolation
from convt_conformance.adapters import find
from convt_conformance.isolation import Isolated, Limits
from convt_conformance.outcomes import CannotRun, Computed, Crashed, Outcome, OutOfMemory, Rejected, TimedOut, Unsupported
from convt_conformance.protocol import outcome_from_message, outcome_message
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


@pytest.fixture(autouse=True)
def leaves_no_process() -> Iterator[None]:
    before = children()
    yield
    assert children() <= before


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
        assert_right(implementation.run_fresh(EVEN_CASE), EVEN_CASE)
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
        assert isinstance(implementation.run_fresh(ODD_CASE), OutOfMemory)
        assert_recovers(implementation)


def test_limits_hold_for_confirmations() -> None:
    with Isolated(named("spins"), limits=HANGING) as implementation:
        assert_right(implementation.run(EVEN_CASE), EVEN_CASE)
        start = time.monotonic()
        assert implementation.run_fresh(ODD_CASE) == TimedOut(seconds=0.3)
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


REFUSALS = {
    "leaves": Rejected(error="SystemExit", message="the call tried to end the process"),
    "raises_system_exit": Rejected(error="SystemExit", message="the call tried to end the process"),
    "raises_interrupt": Rejected(error="KeyboardInterrupt", message="the call tried to end the process"),
    "raises_unspeakable": Rejected(error="Unspeakable", message="(the exception's own text could not be made)"),
    "raises_many_lines": Rejected(error="ValueError", message="the size is wrong"),
    "raises_nameless": Rejected(error="Nameless", message="odd"),
    "raises_odd_name": Rejected(error="Odd  " * 20, message=""),
    "recurses": Rejected(error="RecursionError", message="maximum recursion depth exceeded"),
}
NO_ARRAYS = {
    "gives_list": "list",
    "gives_none": "NoneType",
    "gives_number": "float32",
    "gives_masked": "MaskedArray",
    "gives_lazy": "Lazy",
    "gives_pretender": "Pretender",
}
OTHER_MEMORY = ("gives_strided", "gives_transposed_memory", "gives_big_endian", "gives_read_only", "gives_mapped_file")


def told(name: str, case: Case = ODD_CASE) -> Outcome:
    """What the runner hears of a stranger's call; no process is needed for strangers that leave theirs alone."""
    outcome = in_process(getattr(strangers, name), name).run(case)
    assert isinstance(outcome, Computed | Rejected | Unsupported | OutOfMemory)
    return outcome_from_message(json.loads(json.dumps(outcome_message(outcome))))


@pytest.mark.parametrize("name", REFUSALS)
def test_whatever_is_raised_is_a_refusal(name: str) -> None:
    outcome = told(name)
    assert isinstance(outcome, Rejected), outcome
    assert outcome.error == REFUSALS[name].error
    assert outcome.message.startswith(REFUSALS[name].message)
    assert len(outcome.message) <= 300
    assert_right(told(name, EVEN_CASE), EVEN_CASE)


def test_an_exception_whose_text_ends_the_process_is_a_refusal() -> None:
    with Isolated(named("raises_unspeakably"), limits=LIMITS) as implementation:
        assert implementation.run(ODD_CASE) == Rejected(error="Unspeakably", message="(the exception's own text could not be made)")


def test_nothing_can_be_asked_of_the_user() -> None:
    with Isolated(named("asks"), limits=LIMITS) as implementation:
        assert implementation.run(ODD_CASE) == Rejected(error="EOFError", message="EOF when reading a line")
        assert_right(implementation.run(EVEN_CASE), EVEN_CASE)


def test_the_text_of_a_refusal_can_be_written_to_a_record() -> None:
    outcome = told("raises_surrogates")
    assert isinstance(outcome, Rejected), outcome
    assert outcome.message.startswith("no such file: ")
    assert outcome.message.encode("utf-8")


@pytest.mark.parametrize("name", NO_ARRAYS)
def test_a_result_that_is_no_array_is_named_by_its_type(name: str) -> None:
    assert told(name) == Computed(array=None, dtype=NO_ARRAYS[name])


@pytest.mark.parametrize(("name", "dtype"), [("gives_objects", "object"), ("gives_words", "str")])
def test_an_array_that_holds_no_numbers_is_named_by_its_dtype(name: str, dtype: str) -> None:
    outcome = told(name)
    assert isinstance(outcome, Computed), outcome
    assert outcome.array is None
    assert dtype in outcome.dtype


@pytest.mark.parametrize("name", OTHER_MEMORY)
def test_the_memory_of_a_result_does_not_matter(name: str) -> None:
    assert_right(told(name), ODD_CASE)


def test_a_result_of_another_rank_comes_back_as_it_is() -> None:
    np.testing.assert_array_equal(computed(told("gives_rank_two")), right_answer(ODD_CASE)[0])
    found = computed(told("gives_rank_zero"))
    assert (found.shape, found.item()) == ((), 1.5)


def test_a_subclass_cannot_claim_another_shape_or_dtype() -> None:
    found = told("gives_liar")
    assert (computed(found).shape, computed(found).dtype) == (right_answer(ODD_CASE)[..., :-1].shape, np.float64)
    assert computed(told("gives_matrix")).ndim == 2


def test_a_view_of_the_input_is_what_it_was_then() -> None:
    np.testing.assert_array_equal(computed(told("gives_input")), arrays(ODD_CASE)[0][:, ::-1])


def test_a_result_that_only_claims_to_be_huge_is_not_made() -> None:
    with Isolated(named("claims_terabytes"), limits=LIMITS) as implementation:
        assert isinstance(implementation.run(ODD_CASE), OutOfMemory)
        assert_recovers(implementation)


def test_a_result_of_another_dtype_comes_back_as_it_is() -> None:
    assert computed(told("gives_complex")).dtype == np.complex64


@pytest.mark.parametrize("name", ["writes_input", "writes_kernel", "reshapes_input"])
def test_a_changed_argument_is_told(name: str) -> None:
    outcome = told(name)
    assert isinstance(outcome, Computed), outcome
    assert outcome.changed_input


def test_one_process_goes_on_after_every_strange_result() -> None:
    with Isolated(named("takes_turns"), limits=LIMITS) as implementation:
        for stranger in strangers.STRANGE_RESULTS:
            observed, expected = implementation.run(ODD_CASE), told(stranger.__name__)
            assert type(observed) is type(expected)
            assert str(observed) == str(expected)
            assert_right(implementation.run(EVEN_CASE), EVEN_CASE)
        assert implementation.restarts == 0


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
        fresh = computed(implementation.run_fresh(EVEN_CASE)).item()
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


def refused(name: str, **settings: str) -> CannotRun:
    """Why a worker says that it cannot start."""
    with Isolated(name, limits=LIMITS, **settings) as implementation, pytest.raises(CannotRun) as found:
        _ = implementation.description
    return found.value


def not_found(name: str) -> CannotRun:
    """Why the implementation cannot be loaded, asked in this process."""
    path, modules = list(sys.path), set(sys.modules)
    try:
        with pytest.raises(CannotRun) as found:
            find(name)
    finally:
        sys.path[:] = path
        for module in set(sys.modules) - modules:
            del sys.modules[module]
    return found.value


def assert_refused(found: CannotRun, kind: str, *words: str) -> None:
    assert found.kind == kind, found
    for word in words:
        assert word in str(found)


BROKEN_MODULES = {
    "import not_there_at_all": "not_there_at_all",
    "1 / 0": "ZeroDivisionError",
    "def f(:": "SyntaxError",
    "raise SystemExit(0)": "SystemExit",
    "raise KeyboardInterrupt": "KeyboardInterrupt",
    "raise ImportError('libodd.so: cannot open shared object file')": "libodd.so",
}


@pytest.mark.parametrize("text", BROKEN_MODULES)
def test_a_module_that_cannot_be_imported_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "odd_module.py").write_text(text + "\n")
    assert_refused(not_found(f"{tmp_path}/odd_module.py:f"), "broken", "odd_module.py", BROKEN_MODULES[text])
    monkeypatch.syspath_prepend(tmp_path)
    assert_refused(not_found("odd_module:f"), "broken", "odd_module", BROKEN_MODULES[text])


def test_a_broken_module_is_told_by_the_worker(tmp_path: Path) -> None:
    (tmp_path / "odd_module.py").write_text("print('about to fail')\n1 / 0\n")
    assert_refused(refused(f"{tmp_path}/odd_module.py:f"), "broken", "odd_module.py", "ZeroDivisionError: division by zero")


def test_a_module_that_ends_the_process_died(tmp_path: Path) -> None:
    (tmp_path / "odd_module.py").write_text("import os, sys\nprint('dear me', file=sys.stderr)\nos._exit(4)\n")
    assert_refused(refused(f"{tmp_path}/odd_module.py:f"), "died", "exit status 4", "dear me")


def test_a_module_that_does_not_end_its_import_died(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "START_SECONDS", 0.8)
    (tmp_path / "odd_module.py").write_text("while True: pass\n")
    assert_refused(refused(f"{tmp_path}/odd_module.py:f"), "died", "did not start in time")


@pytest.mark.parametrize("name", ["no_such_module:f", "no_such_package.inner:f", "json.no_such_module:f"])
def test_a_module_that_is_not_there_is_absent(name: str) -> None:
    assert_refused(not_found(name), "absent", name.partition(":")[0].partition(".")[0], "--python")


def test_a_module_that_misses_one_whose_name_it_begins_with_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "oddly_made.py").write_text("import odd\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert_refused(not_found("oddly_made:f"), "broken", "oddly_made", "odd")


def test_a_framework_that_is_not_there_is_absent() -> None:
    if any((Path(folder) / "paddle").exists() for folder in sys.path):
        pytest.skip("paddle is installed here; run in an environment without it")
    assert_refused(refused("paddle"), "absent", "pip install paddlepaddle", "--python")


@pytest.mark.parametrize("text", ["raise ImportError('libtorch.so is missing')", "import not_there_at_all", "1 / 0"])
def test_a_framework_whose_import_fails_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text(text + "\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert_refused(refused("torch"), "broken", "torch", "broken")


def test_a_framework_of_which_only_the_folder_is_left_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "torch").mkdir()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert_refused(refused("torch"), "broken", "torch", "broken")


USAGE = {
    named("no_such_function"): ("has no no_such_function", "give a callable"),
    named("number"): ("is not callable", "int"),
    "no_such_file.py:f": ("no such file: no_such_file.py",),
    "json:no_such_function": ("has no no_such_function", "such as"),
    "json:decoder.no_such_class": ("has no decoder.no_such_class", "such as"),
    ":f": ("unknown implementation", "module:callable"),
    "f:": ("unknown implementation", "module:callable"),
}


@pytest.mark.parametrize("name", USAGE)
def test_a_name_that_leads_nowhere_is_wrong_usage(name: str) -> None:
    assert_refused(not_found(name), "usage", *USAGE[name])


KEYWORDS = ("stride", "padding", "output_padding", "output_size", "groups", "dilation", "data_format")
LAYER_KEYWORDS = ("stride", "padding", "output_padding", "groups", "dilation", "weight_attr", "bias_attr", "data_format")


def function_without(name: str) -> str:
    return f"def f(x, weight, bias=None, *, {', '.join(f'{each}=1' for each in KEYWORDS if each != name)}): ...\n"


def layer_without(name: str) -> str:
    given = ", ".join(f"{each}=1" for each in LAYER_KEYWORDS if each != name)
    return f"class f:\n    def __init__(self, in_channels, out_channels, kernel_size, {given}): ...\n"


SIGNATURES = {f"function without {name}": (function_without(name), f"lacks {name}") for name in KEYWORDS}
SIGNATURES |= {f"layer without {name}": (layer_without(name), f"lacks {name}") for name in LAYER_KEYWORDS}
SIGNATURES |= {
    "two positionals": (f"def f(x, weight, *, {', '.join(f'{each}=1' for each in KEYWORDS)}): ...\n", "fewer than three positional"),
    "bias by name only": (
        f"def f(x, weight, *, bias=None, {', '.join(f'{each}=1' for each in KEYWORDS)}): ...\n",
        "fewer than three positional",
    ),
    "no arguments": ("def f(): ...\n", "lacks stride, padding"),
}


@pytest.mark.parametrize("case", SIGNATURES)
def test_a_callable_with_another_call_is_wrong_usage(tmp_path: Path, case: str) -> None:
    text, lack = SIGNATURES[case]
    (tmp_path / "signature_of_f.py").write_text(text)
    remedy = "Conv1DTranspose(in_channels" if text.startswith("class") else "conv1d_transpose(x, weight, bias=None"
    assert_refused(not_found(f"{tmp_path}/signature_of_f.py:f"), "usage", lack, f"the call is {remedy}")


@pytest.mark.parametrize(
    "text",
    [
        function_without("nothing"),
        layer_without("nothing"),
        "def f(x, weight, bias=None, **given): ...\n",
        "def f(*arrays, **given): ...\n",
        "from functools import partial\ndef g(a, x, weight, bias=None, **given): ...\nf = partial(g, 1)\n",
        "class Call:\n    def __call__(self, x, weight, bias=None, **given): ...\nf = Call()\n",
    ],
)
def test_a_callable_with_the_documents_call_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "taken", raising=False)
    (tmp_path / "taken.py").write_text(text)
    supports = find(f"{tmp_path}/taken.py:f").description().supports
    assert ("layer" in supports, "function" in supports) == (("class f" in text), ("class f" not in text))


def test_an_interpreter_that_does_not_exist_is_wrong_usage() -> None:
    assert_refused(refused(named("right"), python="/no/such/python"), "usage", "/no/such/python", "No such file")


@pytest.mark.parametrize("program", ["/bin/true", "/bin/echo", "/bin/cat"])
def test_a_program_that_is_no_interpreter_died(program: str) -> None:
    assert_refused(refused(named("right"), python=program), "died", "ended while starting")


def test_a_start_that_fails_leaves_no_process_and_can_be_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "odd_module.py"
    path.write_text("1 / 0\n")
    with Isolated(f"{path}:right", limits=LIMITS) as implementation:
        before = children()
        with pytest.raises(CannotRun):
            implementation.run(EVEN_CASE)
        assert children() == before
        path.write_text("from convt_impl import conv1d_transpose as right\n")
        assert_right(implementation.run(EVEN_CASE), EVEN_CASE)


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
