"""The programs of the deviations: run with the framework alone, and what each of them shows of its record."""

from __future__ import annotations

import contextlib
import io
import json
import platform
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import alone
import harness
import numpy as np
import pytest
import scripts
from runs import Ran, convt, process

from convt_conformance import kin
from convt_conformance.outcomes import Computed, Crashed, OutOfMemory, Rejected, TimedOut
from convt_conformance.protocol import LENGTHS
from convt_conformance.records import Writer
from convt_reports.scripts import load_scripts

OPS = """
import os, time
import numpy as np
seen = []

def right(x, weight, bias=None, *, stride=1, padding=0, output_padding=None, output_size=None, groups=1, dilation=1, data_format="NCL"):
    if stride < 1:
        raise ValueError(f"stride must be at least 1, got {stride}")
    y = np.zeros((x.shape[0], weight.shape[1], (x.shape[2] - 1) * stride + weight.shape[2]), x.dtype)
    for at in range(x.shape[2]):
        y[:, :, at * stride:at * stride + weight.shape[2]] += np.einsum("nc,cmk->nmk", x[:, :, at], weight)
    return y

def guilty(x, weight, bias=None, *, stride=1, padding=0, output_padding=None, output_size=None, groups=1, dilation=1, data_format="NCL"):
    length = x.shape[2]
    seen.append(length)
    y = right(x, weight, stride=max(stride, 1))
    if length == 3:
        return y + 1
    if length == 4:
        os.abort()
    if length == 5:
        time.sleep(600)
    if length == 6:
        return np.ones(50 * 10**9)
    if length == 7:
        raise RuntimeError("no\\nsuch kernel")
    if length == 8:
        return y + (seen[:-1] == [9])
    if length == 10:
        x += 1
    if length == 11:
        return y + os.urandom(1)[0]
    if length == 12:
        return y + (output_padding == 0)
    if length == 13:
        return y.astype(np.float64)
    if length == 14:
        return y[..., :-1]
    if length == 16:
        return y + ("GLIBC_TUNABLES" in os.environ)
    if length == 15:
        return y + (len(seen) == 2)
    return y
"""
CALL = "N1,C1,M1,L{length},K2,{more}float32,int:1"
VALUES, DEFAULT = "test_V1_values", "test_A4_default_output_padding"


def call(length: int, more: str = "") -> str:
    return CALL.format(length=length, more=more)


GUILTY: dict[str, tuple[str, str, str, str, tuple[str, ...], str]] = {
    "wrong": (VALUES, "deviates", "value", call(3), (), "yes"),
    "aborts": (VALUES, "crashes", "", call(4), (), "yes"),
    "a hog": (VALUES, "exhausts-memory", "", call(6), (), "yes"),
    "refuses": (VALUES, "deviates", "rejects-valid", call(7), (), "yes"),
    "accepts": ("test_I1_stride_below_one", "deviates", "accepts-invalid", call(2, "stride=0,"), (), "yes"),
    "needs a call before": ("test_I14_after_other_calls", "deviates", "depends-on-order", call(8), (call(9),), "yes"),
    "writes to its input": ("test_I13_inputs_unchanged", "deviates", "changes-input", call(10), (), "yes"),
    "is another each time": (VALUES, "deviates", "not-deterministic", call(11), (), "yes"),
    "two calls, each right by the law of its own": (DEFAULT, "deviates", "value", call(12), (), "law"),
    "the second call of two": (DEFAULT, "deviates", "value", call(15), (), "law"),
    "is right where new memory holds zeros": (VALUES, "deviates", "value", call(16), (), "yes"),
    "another dtype": ("test_V5_dtype", "deviates", "dtype", call(13), (), "yes"),
    "another length than the record says": (VALUES, "deviates", "value", call(14), (), "differs"),
    "crashes by the record only": (VALUES, "crashes", "", call(3, "stride=2,"), (), "differs"),
}
HANGING = {"hangs": (VALUES, "hangs", "", call(5), (), "yes")}
INNOCENT: dict[str, tuple[str, str, str, str, tuple[str, ...], str]] = {
    "right": (VALUES, "deviates", "value", call(3), (), "no"),
    "refuses as it must": ("test_I1_stride_below_one", "deviates", "accepts-invalid", call(2, "stride=0,"), (), "no"),
    "lives": (VALUES, "crashes", "", call(4), (), "no"),
    "the same after another": ("test_I14_after_other_calls", "deviates", "depends-on-order", call(8), (call(9),), "no"),
    "the same each time": (VALUES, "deviates", "not-deterministic", call(11), (), "unsettled"),
    "right in both calls": (DEFAULT, "deviates", "value", call(12), (), "no"),
    "untouched": ("test_I13_inputs_unchanged", "deviates", "changes-input", call(10), (), "no"),
}


def result(law: str, verdict: str, kind: str, case: str, after: tuple[str, ...]) -> dict[str, Any]:
    counts = dict.fromkeys(("judged", "effective", "failures"), 5) | dict.fromkeys(("unsupported", "refused", "avoided"), 0)
    evidence = {"case": case, "kind": kind or verdict, "observed": "this", "required": "this", "after": list(after)}
    found = {"law": law, "clause": law.split("_")[1], "verdict": verdict, "kind": kind, "reason": "", "follows": [], "refuted": {}}
    return {"line": "result", **found, **counts, "evidence": evidence, "listed": None}


def written(folder: Path, function: str, lines: list[dict[str, Any]], version: str = "unversioned", asked: str = "") -> Path:
    """A record of these results on a function of `OPS`, or on what is `asked`, whatever it does."""
    (folder / "ops.py").write_text(OPS)
    name = function if asked else f"{folder / 'ops.py'}:{function}"
    who = {"name": name, "version": version, "language": "Python", "home": "", "supports": [], "packages": {}}
    run = {
        "convt": "1",
        "asked": asked or name,
        "seed": 1,
        "level": "smoke",
        "examples": 1,
        "rulings": {},
        "command": "",
        "platform": {},
        "started": "",
    }
    with Writer(folder / "record.jsonl", {"implementation": who, **run}) as writer:
        seen: dict[str, int] = {}
        for line in lines:
            seen[line["law"]] = seen.get(line["law"], 0) + 1
            if seen[line["law"]] == 1:
                writer.write(line)
            else:
                writer.write(cause(line))
        writer.finish(complete=True, judged=1, stale=[], seconds=1, effects=[])
    return folder / "record.jsonl"


def cause(line: dict[str, Any]) -> dict[str, Any]:
    """The same as a cause: a record holds one result of a law."""
    facts = {"verdict": line["verdict"], "kinds": [line["kind"]] if line["kind"] else [], "evidence": line["evidence"]}
    counts = {"condition": None, "near": None, "failures": 1, "passes": 0}
    return {"line": "cause", **facts, **counts, "clauses": [line["clause"]], "law": line["law"], "laws": [line["law"]]}


@pytest.fixture(scope="module")
def without_convt(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An interpreter that has NumPy and not convt."""
    folder = tmp_path_factory.mktemp("without") / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = str(folder / "bin" / "python")
    look = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = subprocess.run([python, "-c", look], capture_output=True, text=True, check=True).stdout.strip()
    for part in Path(np.__file__).parents[1].glob("numpy*"):
        Path(packages, part.name).symlink_to(part)
    return python


def shown(python: str, record: Path, *options: str) -> Ran:
    """The command in this process; with no interpreter given, the implementation's own."""
    name = json.loads(record.read_text().partition("\n")[0])["implementation"]["name"]
    line = [str(record), *(["--python", f"{name}={python}"] if python else []), "--memory", "256", *options]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = scripts.main(line)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
            print(end.code, file=err)
    return Ran(code, out.getvalue(), err.getvalue())


def found(record: Path) -> dict[str, dict[str, Any]]:
    """The rows of the file beside a record, by case."""
    return {each["case"]: each for each in json.loads(record.with_name("scripts.json").read_text())["deviations"]}


def lines_of(those: Mapping[str, tuple[str, str, str, str, tuple[str, ...], str]]) -> list[dict[str, Any]]:
    return [result(*each[:5]) for each in those.values()]


def test_what_deviates_is_shown_by_its_program(tmp_path: Path, without_convt: str) -> None:
    record = written(tmp_path, "guilty", lines_of(GUILTY))
    ran = shown(without_convt, record)
    assert {case: each["shown"] for case, each in found(record).items()} == {each[3]: each[5] for each in GUILTY.values()}, ran
    assert ran.code == 1  # two of them show something else than the record says
    rows = found(record)
    assert rows[call(3)]["why"] == "value: observed [41 -56 14 16] as NCL; required [40 -57 13 15] as NCL; the record has this"
    assert rows[call(3)]["output"][-1] == "4 of 4 samples differ, first y[0, 0, 0] = 41.0, required 40.0"
    assert rows[call(4)]["output"] == ["signal 6 (SIGABRT)"]
    assert rows[call(7)]["output"] == ["RuntimeError: no"]
    assert rows[call(10)]["output"][-1] == "changed: an argument was written to"
    assert rows[call(8)]["after"] == [call(9)] and "--after" in rows[call(8)]["command"]
    assert "over 2 calls, each a program after those before it:" in rows[call(15)]["why"]
    assert "over 2 calls, each a program of its own:" in rows[call(12)]["why"]
    assert rows[call(12)]["command"].endswith(f"--law {DEFAULT}") and rows[call(3)]["command"].endswith("--script")
    assert rows[call(16)]["why"].startswith("in run 2 of the program, with GLIBC_TUNABLES=glibc.malloc.perturb=64:")
    assert " samples differ, first y[0, 0, 0] = " in rows[call(16)]["output"][-1]
    assert str(tmp_path) not in json.dumps([each["output"] for each in rows.values()])


def test_a_program_that_hangs_is_ended(tmp_path: Path, without_convt: str) -> None:
    record = written(tmp_path, "guilty", lines_of(HANGING))
    assert shown(without_convt, record, "--timeout", "2").code == 0
    assert found(record)[call(5)]["output"] == ["stopped: late"]
    assert "no result within 2 s" in found(record)[call(5)]["why"]


def test_what_is_right_contradicts_a_record_that_accuses_it(tmp_path: Path, without_convt: str) -> None:
    record = written(tmp_path, "right", lines_of(INNOCENT))
    ran = shown(without_convt, record)
    assert {case: each["shown"] for case, each in found(record).items()} == {each[3]: each[5] for each in INNOCENT.values()}, ran
    assert (ran.code, ran.err) == (1, "")
    assert f"no: convt repro {tmp_path}/ops.py:right {call(3)} --script" in ran.out
    assert shown(without_convt, record, "--any").code == 0


def test_a_program_runs_once(tmp_path: Path, without_convt: str) -> None:
    record = written(tmp_path, "guilty", lines_of({name: GUILTY[name] for name in ("wrong", "refuses")}))
    assert shown(without_convt, record).code == 0
    path = record.with_name("scripts.json")
    changed = json.loads(path.read_text())
    changed["deviations"][0]["why"] = "kept"
    path.write_text(json.dumps({**changed, "complete": False}))
    assert shown(without_convt, record).code == 0
    rows = json.loads(path.read_text())
    assert rows["complete"] and [each["why"] == "kept" for each in rows["deviations"]] == [True, False]
    (tmp_path / "ops.py").write_text(OPS.replace("y + 1", "y"))  # the program reads the same, so it is the one that ran
    assert shown(without_convt, record).code == 0
    path.unlink()
    assert shown(without_convt, record).code == 1


def test_a_case_that_refutes_a_reading_is_held_against_that_reading(tmp_path: Path, without_convt: str) -> None:
    case = call(3, "output_padding=1,")
    line = result("test_O3_output_padding_range", "deviates", "reading", case, ())
    refuted = {reading: {**line["evidence"], "kind": "length"} for reading in ("closed", "half-open")}
    record = written(tmp_path, "right", [{**line, "refuted": refuted}])
    ran = shown(without_convt, record)
    rows = {each["reading"]: each for each in json.loads(record.with_name("scripts.json").read_text())["deviations"]}
    assert (ran.code, {name: each["shown"] for name, each in rows.items()}) == (0, {"O3=closed": "yes", "O3=half-open": "yes"}), ran
    assert rows["O3=half-open"]["output"][0].startswith("required: a refusal ([O3]")
    assert rows["O3=closed"]["output"][0].startswith("required: shape (1, 1, 5)")
    assert rows["O3=half-open"]["command"].endswith("--ruling O3=half-open --script")


def test_what_needs_convt_is_not_run(tmp_path: Path, without_convt: str) -> None:
    record = written(tmp_path, "right", lines_of({"right": INNOCENT["right"]}))
    ran = shown(sys.executable, record)
    assert ran.code == 1 and "can import convt" in ran.err and "name an environment without convt" in ran.err
    (tmp_path / "ops.py").write_text(f"import convt_spec\n{OPS}")
    assert shown(without_convt, record).code == 1
    assert found(record)[call(3)]["shown"] == "unsettled"
    assert "fails before the call: ModuleNotFoundError: No module named 'convt_spec'" in found(record)[call(3)]["why"]


PROGRAMS = {
    ("wrong", "deviates", "value"): ("yes", " samples differ, first y[0, 0, 3] = "),
    ("a refusal without words", "deviates", "rejects-valid"): ("unsettled", "'outcome': 'rejected'"),
    ("aborts", "crashes", ""): ("yes", "observed: {'outcome': 'none, exit status -6'}"),
    ("an unknown dtype", "deviates", "value"): ("unsettled", "bfloat16"),
    ("right", "deviates", "value"): ("no", "observed: shape [1, 1, 4] [40.0, -57.0, 13.0, 15.0]"),
}


@pytest.mark.parametrize("told", PROGRAMS, ids=[mode for mode, _, _ in PROGRAMS])
def test_a_program_in_any_language_is_asked_by_a_script_of_its_own(tmp_path: Path, told: tuple[str, str, str]) -> None:
    (mode, verdict, kind), (word, last) = told, PROGRAMS[told]
    asked = f"cmd:{sys.executable} {harness.__file__} {mode}"
    record = written(tmp_path, "harness", [result(VALUES, verdict, kind, call(3), ())], "1", asked)
    ran = shown("", record)
    each = found(record)[call(3)]
    assert (ran.code, each["shown"]) == (int(word != "yes"), word), ran
    assert last in each["output"][-1]


def test_a_record_of_another_version_is_not_settled(tmp_path: Path, without_convt: str) -> None:
    record = written(tmp_path, "guilty", lines_of({"wrong": GUILTY["wrong"]}), version="7")
    assert shown(without_convt, record).code == 1
    assert "ops.py:guilty 7, the environment has" in found(record)[call(3)]["why"]


def test_a_damaged_record_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "record.jsonl"
    path.write_text("{")
    with pytest.raises(SystemExit, match="2"):
        scripts.main([str(path)])
    assert "is no JSON" in capsys.readouterr().err


def test_the_file_is_one_for_the_report(tmp_path: Path, without_convt: str) -> None:
    record = written(tmp_path, "guilty", lines_of({"wrong": GUILTY["wrong"]}))
    assert shown(without_convt, record).code == 0
    assert [each.shown for each in load_scripts(record.with_name("scripts.json")).scripts] == ["yes"]
    assert convt("report", record, "--scripts", record.with_name("scripts.json"), "--out", tmp_path / "report").code == 0
    assert call(3) in (tmp_path / "report" / "tables" / "scripts.md").read_text()


ROOM = alone.Room(seconds=3, most=1 << 30)
TRACE = """noise
Traceback (most recent call last):
  File "/x/lib.py", line 2, in <module>
    import nothing
ImportError: nothing

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/x/program.py", line {line}, in <module>
    y = f(x)
        ^^^^
  File "/x/lib.py", line 90, in f
    raise Refused
lib.errors.Refused: ---
  {message}
more noise
"""
PROGRAM = "import lib\n\nx = 1\n\ny = f(x)\nprint(y)"


@pytest.mark.parametrize(
    ("line", "array"),
    [
        ("observed: ndarray float32 (1, 1, 3) [1.0, nan, -inf]", np.array([[[1, np.nan, -np.inf]]], np.float32)),
        ("observed: ndarray float64 (1, 0, 1) []", np.zeros((1, 0, 1))),
        ("observed: Matrix float32 () [0.1]", np.float32(0.1)),
        ("observed: ndarray bool (2,) [True, False]", np.array([True, False])),
        ("observed: ndarray complex64 (2,) [(1+2j), 3j]", np.array([1 + 2j, 3j], np.complex64)),
        ("observed: ndarray >f4 (1,) [2.0]", np.array([2], ">f4")),
    ],
)
def test_a_result_is_read_as_it_was_printed(line: str, array: Any) -> None:
    found = alone.outcome(ran(out=f"noise\nrequired: shape (1,) [3.0]\n{line}\n"), ROOM)
    assert isinstance(found, Computed)
    np.testing.assert_array_equal(found.array, array, strict=True)


@pytest.mark.parametrize(
    "line", ["list [[1, 2]]", "NoneType None", "MaskedArray float32 (1,) [1.0]", "ndarray object (1,) [None]", "float 1.5"]
)
def test_what_is_no_array_of_numbers_is_none(line: str) -> None:
    found = alone.outcome(ran(out=f"observed: {line}\n"), ROOM)
    assert isinstance(found, Computed) and found.array is None


def test_a_length_is_read_where_only_lengths_are_inferred() -> None:
    found = alone.outcome(ran(out="observed: tuple (1, 2, 5)\n"), ROOM, [LENGTHS])
    assert isinstance(found, Computed) and found.array is not None
    assert (found.array.shape, found.only_lengths) == ((1, 2, 5), True)
    below = alone.outcome(ran(out="observed: tuple (1, 2, -5)\n"), ROOM, [LENGTHS])
    assert isinstance(below, Computed) and below.array is None


def ran(*, out: str = "", err: str = "", status: int = 1, stopped: str = "") -> alone.Ran:
    return alone.Ran(program=PROGRAM, status=status, out=out, err=err, stopped=stopped)


def test_an_exception_counts_where_the_call_raised_it() -> None:
    assert alone.outcome(ran(err=TRACE.format(line=5, message="no such stride")), ROOM) == Rejected(
        error="Refused", message="no such stride"
    )
    assert isinstance(alone.outcome(ran(err=TRACE.format(line=5, message="std::bad_alloc")), ROOM), OutOfMemory)
    with pytest.raises(alone.Broken, match=r"before the call: Refused: no such stride"):
        alone.outcome(ran(err=TRACE.format(line=1, message="no such stride")), ROOM)


def test_an_end_without_a_result_is_told_by_its_kind() -> None:
    assert alone.outcome(ran(status=-11), ROOM) == Crashed(how="signal 11 (SIGSEGV)")
    assert alone.outcome(ran(status=0), ROOM) == Crashed(how="exit status 0")
    assert alone.outcome(ran(status=-9, stopped="late"), ROOM) == TimedOut(seconds=3)
    assert isinstance(alone.outcome(ran(status=-9, stopped="overfull"), ROOM), OutOfMemory)


def test_a_program_finds_nothing_beside_its_interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_convt: str) -> None:
    (tmp_path / "stray.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    program = "import os, numpy\nprint(os.listdir(), 'PYTHONPATH' in os.environ)\nimport stray"
    done = alone.run(without_convt, program, alone.Room(seconds=60, most=1 << 40))
    assert done.out == "['program.py'] False\n" and "No module named 'stray'" in done.err


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc fills memory: run it on a Linux with glibc")
def test_new_memory_can_be_filled(without_convt: str) -> None:
    malloc = "import ctypes\nc = ctypes.CDLL(None)\nc.malloc.restype = ctypes.c_void_p\n"
    program = f"{malloc}print(ctypes.string_at(c.malloc(600) + 64, 4).hex())"
    assert alone.run(without_convt, program, alone.Room(seconds=60, most=1 << 40), filled=64).out == "bfbfbfbf\n"


def test_what_a_program_started_ends_with_it(without_convt: str, leaves_no_process: None) -> None:
    asleep = "[sys.executable, '-c', 'import time; time.sleep(600)']"
    program = f"import subprocess, sys\nprint(subprocess.Popen({asleep}, start_new_session=True).pid)"
    done = alone.run(without_convt, program, alone.Room(seconds=60, most=1 << 40))
    deadline = time.monotonic() + 10
    while kin.alive(int(done.out)):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_script_of_a_call_that_writes_to_its_input_says_so(tmp_path: Path) -> None:
    (tmp_path / "ops.py").write_text(OPS)
    for length, said in ((10, True), (2, False)):
        program = convt("repro", f"{tmp_path}/ops.py:guilty", call(length), "--script").out
        (tmp_path / "program.py").write_text(program)
        assert ("changed: an argument was written to" in process(tmp_path / "program.py").out) == said
    assert "bytes_given" not in convt("repro", f"{tmp_path}/ops.py:right", call(2, "state=kept,"), "--script").out
