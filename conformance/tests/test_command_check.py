"""`convt check`: what it says, what it writes and how it ends."""

from __future__ import annotations

import os
import signal
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis.core
import pytest
from runs import FEW_EXAMPLES, SEED, Ran, assert_error, convt, few_laws_program, process, use_few_laws
from strangers import named

from convt.commands.check import record_paths
from convt_conformance import isolation
from convt_conformance.records import Record, read
from convt_conformance.rounds import RESTART_BUDGET
from convt_spec import clauses

FewLaws = Callable[[str], None]


@pytest.fixture
def few_laws(monkeypatch: pytest.MonkeyPatch) -> FewLaws:
    return lambda names: use_few_laws(monkeypatch, names)


def check(tmp_path: Path, name: str, *options: object) -> Ran:
    return convt("check", name, "--level", "smoke", "--seed", SEED, "--out", tmp_path / "out", *options)


def record(tmp_path: Path, name: str) -> Record:
    return read(tmp_path / "out" / f"strangers.py-{name}.jsonl")


def verdicts(found: Record) -> dict[str, str]:
    return {result["clause"]: result["verdict"] for result in found.results}


def assert_judged(ran: Ran, code: int) -> None:
    """The run came to its end, quietly."""
    assert (ran.code, ran.err) == (code, ""), ran
    assert f"seed {SEED}, level smoke" in ran.out
    assert "record: " in ran.out


def test_a_right_function_conforms(tmp_path: Path, few_laws: FewLaws) -> None:
    few_laws("E1 R1 W3 A1 V5")
    ran = check(tmp_path, named("right"))
    assert_judged(ran, 0)
    assert "4 laws hold, 0 fail, 0 fail as listed, 1 unsupported" in ran.out
    found = record(tmp_path, "right")
    assert verdicts(found) == {"A1": "unsupported", "E1": "conforms", "R1": "conforms", "V5": "conforms", "W3": "conforms"}
    assert found.footer["complete"]


def test_a_right_layer_conforms(tmp_path: Path, few_laws: FewLaws) -> None:
    few_laws("E1 R1 W3 A1 B2")
    ran = check(tmp_path, named("Layer"))
    assert_judged(ran, 0)
    assert "unsupported" not in verdicts(record(tmp_path, "Layer")).values()


@pytest.mark.parametrize("name", ["reversed_kernel", "WrongLayer"])
def test_a_wrong_implementation_deviates_where_it_is_wrong(tmp_path: Path, few_laws: FewLaws, name: str) -> None:
    few_laws("W3 R1")
    ran = check(tmp_path, named(name))
    assert_judged(ran, 1)
    assert verdicts(record(tmp_path, name)) == {"W3": "deviates", "R1": "conforms"}
    assert "[W3] deviates, value" in ran.out
    assert "[R1]" not in ran.out
    assert "1 laws hold, 1 fail" in ran.out


def test_a_deviation_comes_with_its_smallest_case_and_the_command_that_shows_it(tmp_path: Path, few_laws: FewLaws) -> None:
    few_laws("W3")
    ran = check(tmp_path, named("reversed_kernel"))
    (result,) = record(tmp_path, "reversed_kernel").results
    evidence = result["evidence"]
    assert "C1,M1,L1,K2" in evidence["case"]
    assert f"observed {evidence['observed']}\n" in ran.out
    assert f"required {evidence['required']}\n" in ran.out
    assert f"convt repro {named('reversed_kernel')} {evidence['case']}" in ran.out
    assert convt("repro", named("reversed_kernel"), evidence["case"]).code == 1
    assert convt("repro", named("right"), evidence["case"]).code == 0


def test_a_function_that_does_nothing_does_not_conform(tmp_path: Path, few_laws: FewLaws) -> None:
    few_laws("E1 R1 I1 I14 A1 S1")
    ran = check(tmp_path, named("unimplemented"))
    assert_judged(ran, 1)
    found = verdicts(record(tmp_path, "unimplemented"))
    assert found["E1"] == found["R1"] == found["S1"] == "deviates"
    assert found["I14"] == "mistrusted"


def test_nothing_but_unsupported_is_no_success(tmp_path: Path, few_laws: FewLaws) -> None:
    few_laws("A1 B2")
    ran = check(tmp_path, named("right"))
    assert_judged(ran, 1)
    assert "0 laws hold, 0 fail, 0 fail as listed, 2 unsupported" in ran.out


def test_a_crash_at_every_call_is_told_once_per_law(tmp_path: Path, few_laws: FewLaws) -> None:
    few_laws("E1")
    ran = check(tmp_path, named("always_crashes"))
    assert_judged(ran, 1)
    assert verdicts(record(tmp_path, "always_crashes")) == {"E1": "crashes"}
    assert "the process ended with exit status 1" in ran.out
    assert {answer["outcome"] for answer in record(tmp_path, "always_crashes").answers} == {"crashed"}


def test_a_crash_costs_few_processes(tmp_path: Path, few_laws: FewLaws, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    spawn = isolation.spawn
    monkeypatch.setattr(isolation, "spawn", lambda python: started.append(1) or spawn(python))
    few_laws("R1")
    check(tmp_path, named("always_crashes"))
    panel = len(record(tmp_path, "always_crashes").answers)
    assert len(started) <= panel + RESTART_BUDGET + 8


def test_a_hang_is_told(tmp_path: Path, few_laws: FewLaws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "FIRST_CALL_SECONDS", 0.25)
    few_laws("E1")
    (tmp_path / "odd.py").write_text("def f(x, weight, bias=None, **given):\n    while True: pass\n")
    ran = check(tmp_path, f"{tmp_path}/odd.py:f", "--timeout", "0.2")
    assert_judged(ran, 1)
    assert "[E1] hangs" in ran.out
    assert "no result within 0.2" in ran.out


def test_appetite_is_told(tmp_path: Path, few_laws: FewLaws) -> None:
    few_laws("E1")
    (tmp_path / "odd.py").write_text("import numpy as np\ndef f(x, weight, bias=None, **given):\n    return np.ones(10**10)\n")
    ran = check(tmp_path, f"{tmp_path}/odd.py:f", "--memory", "256")
    assert_judged(ran, 1)
    assert "[E1] exhausts-memory" in ran.out


ODD_RESULTS = {
    "complex_numbers": "E1 W1 V5 V7 S1",
    "one_item_too_many": "N1 V4",
    "trimmed": "V2 V4 G1",
    "unsteady": "V2 V4 G1 N1",
    "one_dilation_too_many": "D1",
    "surrogates": "E1",
}


@pytest.mark.parametrize("name", ODD_RESULTS)
def test_an_odd_result_does_not_end_the_run(tmp_path: Path, few_laws: FewLaws, name: str) -> None:
    few_laws(ODD_RESULTS[name])
    assert_judged(check(tmp_path, named(name)), 1)
    assert record(tmp_path, name).footer["complete"]
    assert "deviates" in verdicts(record(tmp_path, name)).values()


def test_a_ruling_is_enforced(tmp_path: Path, few_laws: FewLaws) -> None:
    few_laws("A18")
    assert check(tmp_path, named("right")).code == 0
    assert record(tmp_path, "right").results[0]["follows"] == ["refused"]
    ran = check(tmp_path, named("right"), "--ruling", "A18=left-right")
    assert_judged(ran, 1)
    assert record(tmp_path, "right").header["rulings"] == {"A18": "left-right"}
    assert "[A18] deviates, rejects-valid" in ran.out
    (line,) = [line.split() for line in ran.out.splitlines() if line.lstrip().startswith("convt repro")]
    assert line[-2:] == ["--ruling", "A18=left-right"]
    assert convt(*line[1:]).code == 1
    assert convt(*line[1:-2]).code == 0


@pytest.mark.parametrize(("clause", "reading"), [("A18", "refused"), ("V3", "identity"), ("I15", "empty")])
def test_a_ruling_that_is_followed_conforms(tmp_path: Path, few_laws: FewLaws, clause: str, reading: str) -> None:
    few_laws(clause)
    assert_judged(check(tmp_path, named("right"), "--ruling", f"{clause}={reading}"), 0)


def test_a_clause_with_a_new_failure_is_not_shown_as_listed(tmp_path: Path, few_laws: FewLaws) -> None:
    """Whichever of its laws comes first."""
    few_laws("G1 E1")
    (tmp_path / "faults.py").write_text(
        "import convt_impl\n"
        "def f(x, weight, bias=None, **given):\n"
        "    y = convt_impl.conv1d_transpose(x, weight, bias, **given)\n"
        "    return y if given.get('groups', 1) == 1 else y + 1\n"
    )
    known = tmp_path / "known.toml"
    known.write_text('[[deviation]]\nclause = "G1"\nkind = "value"\nwhen = "bias and groups > 1"\nreason = "r"\n')
    some = check(tmp_path, f"{tmp_path}/faults.py:f", "--deviations", known)
    assert some.code == 1
    assert "(listed)" not in some.out
    known.write_text('[[deviation]]\nclause = "G1"\nkind = "value"\nreason = "r"\n')
    every = check(tmp_path, f"{tmp_path}/faults.py:f", "--deviations", known)
    assert every.code == 0
    assert "deviates (listed)" in every.out


def test_records_with_names_alike_stand_side_by_side() -> None:
    names = ["a/b.py:f", "c/b.py:f", "a-b.py:f"]
    assert [path.name for path in record_paths(names, Path())] == ["a-b.py-f.jsonl", "c-b.py-f.jsonl", "a-b.py-f-2.jsonl"]


def test_several_implementations_are_judged_one_after_the_other(tmp_path: Path, few_laws: FewLaws) -> None:
    few_laws("W3")
    ran = convt("check", named("right"), named("reversed_kernel"), named("right"), "--level", "smoke", "--seed", SEED, "--out", tmp_path)
    assert ran.code == 1
    assert ran.out.count("record: ") == 2
    assert {path.name for path in tmp_path.iterdir()} == {"strangers.py-right.jsonl", "strangers.py-reversed_kernel.jsonl"}


def test_two_implementations_of_the_same_name_get_two_records(tmp_path: Path, few_laws: FewLaws) -> None:
    few_laws("W3")
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "ops.py").write_text("from convt_impl import conv1d_transpose\n")
    names = [f"{tmp_path}/{folder}/ops.py:conv1d_transpose" for folder in ("one", "two")]
    convt("check", *names, "--level", "smoke", "--seed", SEED, "--out", tmp_path / "out")
    assert {read(path).name for path in (tmp_path / "out").iterdir()} == set(names)


def test_a_fresh_seed_is_printed_and_recorded(tmp_path: Path, few_laws: FewLaws) -> None:
    few_laws("E1")
    seeds = set()
    for _ in range(2):
        ran = convt("check", named("right"), "--level", "smoke", "--out", tmp_path / "out")
        seed = record(tmp_path, "right").header["seed"]
        assert f"seed {seed}, level smoke" in ran.out
        seeds.add(seed)
    assert len(seeds) == 2


def test_the_header_says_who_was_judged_and_how(tmp_path: Path, few_laws: FewLaws) -> None:
    few_laws("E1")
    check(tmp_path, named("right"))
    header = record(tmp_path, "right").header
    assert (header["seed"], header["level"], header["examples"], header["rulings"]) == (int(SEED), "smoke", FEW_EXAMPLES, {})
    assert header["implementation"]["name"] == named("right")
    assert "layer" not in header["implementation"]["supports"]
    assert header["command"].startswith("convt check ")


def test_coverage_counts_every_judged_case_once(tmp_path: Path, few_laws: FewLaws) -> None:
    few_laws("E1 R1 V5")
    check(tmp_path, named("right"))
    found = record(tmp_path, "right")
    for attribute in ("call", "dtype", "layout", "length"):
        assert sum(found.coverage[attribute].values()) == found.footer["judged"] == sum(result["judged"] for result in found.results)


def test_the_record_is_made_while_the_run_goes_on(tmp_path: Path, few_laws: FewLaws, monkeypatch: pytest.MonkeyPatch) -> None:
    from convt_conformance import lines as module

    few_laws("E1 R1")
    sizes = []
    line = module.result_line
    monkeypatch.setattr(module, "result_line", lambda *each: sizes.append(path.stat().st_size) or line(*each))
    path = tmp_path / "out" / "strangers.py-right.jsonl"
    check(tmp_path, named("right"))
    assert 0 < sizes[0] < sizes[1]


def test_nothing_but_the_record_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    program = few_laws_program(tmp_path, "R1")
    assert_judged(process(program, "check", named("right"), "--level", "smoke", "--seed", SEED, folder=tmp_path / "here"), 0)
    assert [path.name for path in (tmp_path / "here").iterdir()] == ["convt-results"]


STARTS = """
from pathlib import Path
from typing import Any
count = Path(__file__).with_name("starts")
count.write_text(count.read_text() + "x" if count.exists() else "x")
if len(count.read_text()) > {starts}:
    raise OSError("the device is busy")
import os
def f(x, weight, bias=None, **given):
    os._exit(1)
"""


def test_an_implementation_that_cannot_be_started_again_could_not_be_run(tmp_path: Path, few_laws: FewLaws) -> None:
    few_laws("E1 R1")
    (tmp_path / "odd.py").write_text(STARTS.format(starts=2))
    assert_error(check(tmp_path, f"{tmp_path}/odd.py:f"), 3, "the device is busy")


def test_the_same_in_several_processes(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text(STARTS.format(starts=2))
    program = few_laws_program(tmp_path, "E1 R1")
    ran = process(program, "check", f"{tmp_path}/odd.py:f", "--level", "smoke", "--jobs", "2", folder=tmp_path)
    assert_error(ran, 3, "the device is busy")


def test_an_interrupt_inside_hypothesis_ends_the_run_well(tmp_path: Path, few_laws: FewLaws, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = hypothesis.core.StateForActualGivenExecution.run_engine

    def interrupted(*given: Any) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        engine(*given)

    few_laws("E1 R1")
    monkeypatch.setattr("hypothesis.core.StateForActualGivenExecution.run_engine", interrupted)
    assert check(tmp_path, named("right")).code == 130
    assert not record(tmp_path, "right").footer["complete"]


def test_more_processes_than_laws_are_wrong_usage(tmp_path: Path, few_laws: FewLaws) -> None:
    few_laws("E1 R1")
    assert_error(check(tmp_path, named("right"), "--jobs", "1000"), 2, "--jobs 1000", "the 2 laws", "at most 2")


def test_a_module_in_the_current_folder_is_found(tmp_path: Path, few_laws: FewLaws, monkeypatch: pytest.MonkeyPatch) -> None:
    few_laws("E1")
    (tmp_path / "my_ops.py").write_text("from convt_impl import conv1d_transpose as conv\n")
    monkeypatch.chdir(tmp_path)
    assert_judged(check(tmp_path, "my_ops:conv"), 0)
    assert read(tmp_path / "out" / "my_ops-conv.jsonl").name == "my_ops:conv"


def test_an_interpreter_without_numpy_could_not_be_run(tmp_path: Path) -> None:
    venv.create(tmp_path / "bare", symlinks=True)
    ran = check(tmp_path, "bundled", "--python", tmp_path / "bare" / "bin" / "python")
    assert_error(ran, 3, "bundled", "numpy")


def test_the_bundled_implementation_conforms_in_every_law(tmp_path: Path) -> None:
    """The only run over all laws; its record is checked line by line when it is read."""
    ran = process("-m", "convt", "check", "bundled", "--level", "smoke", "--seed", SEED, "--jobs", "2", folder=tmp_path)
    assert_judged(ran, 0)
    found = read(tmp_path / "convt-results" / "bundled.jsonl")
    assert {result["verdict"] for result in found.results} == {"conforms"}
    assert {result["clause"] for result in found.results} == set(clauses.inventory())
    assert len(found.answers) > 100
    assert found.footer["complete"]
