"""Wrong usage ends with one sentence that names the value and the remedy, exit code 2 or 3, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from runs import Ran, assert_error, convt, process, use_few_laws
from strangers import EVEN, named

from convt.command import COMMANDS
from convt_conformance.adapters.catalogue import CATALOGUE

CHECK = ("check", "bundled", "--level", "smoke")
REPRO = ("repro", "bundled")


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test runs in an empty folder."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


USAGE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "no command": ((), ("COMMAND", "convt --help")),
    "an unknown command": (("chekc",), ("'chekc'", "check", "convt --help")),
    "no implementation": (("check",), ("IMPLEMENTATION", "convt check --help")),
    "an unknown option": ((*CHECK, "--fast"), ("--fast", "--help")),
    "an unknown level": (("check", "bundled", "--level", "quick"), ("'quick'", "smoke", "thorough")),
    "no jobs": ((*CHECK, "--jobs", "0"), ("--jobs", "'0'", "whole number from 1")),
    "less than no jobs": ((*CHECK, "--jobs", "-1"), ("--jobs", "'-1'")),
    "half a job": ((*CHECK, "--jobs", "1.5"), ("--jobs", "'1.5'")),
    "a negative limit": ((*CHECK, "--timeout", "-1"), ("--timeout", "'-1'", "above 0")),
    "no time": ((*CHECK, "--timeout", "0"), ("--timeout", "'0'")),
    "a limit that is no number": ((*CHECK, "--timeout", "nan"), ("--timeout", "'nan'")),
    "an endless limit": ((*CHECK, "--timeout", "inf"), ("--timeout", "'inf'")),
    "a word for memory": ((*CHECK, "--memory", "x"), ("--memory", "'x'")),
    "no memory": ((*CHECK, "--memory", "0"), ("--memory", "'0'")),
    "a word for a seed": ((*CHECK, "--seed", "x"), ("--seed", "'x'")),
    "an unknown implementation": (("check", "bundeld"), ("'bundeld'", "did you mean bundled?", "module:callable")),
    "an implementation like no other": (("check", "xyzzy"), ("'xyzzy'", "torch", "module:callable")),
    "no program": (("check", "cmd:"), ("'cmd:'", "cmd:PROGRAM ARGS")),
    "a program that is not there": (("check", "cmd:./mine --fast"), ("./mine", "No such file")),
    "a folder as a program": (("repro", "cmd:/", EVEN), ("the program / ", "Permission denied")),
    "a program without closing quotation": (("check", "cmd:node 'x"), ("no closing quotation", "shell")),
    "a missing file": (("check", "no/such/file.py:f"), ("no/such/file.py",)),
    "a missing callable": (("check", named("no_such_function")), ("no_such_function", "such as")),
    "no callable": (("check", named("number")), ("is not callable", "int")),
    "a missing interpreter": ((*CHECK, "--python", "/no/such/python"), ("/no/such/python", "environment")),
    "a folder as interpreter": ((*CHECK, "--python", "/"), ("--python /",)),
    "more memory than there can be": ((*CHECK, "--memory", str(10**17)), ("at most", "MiB")),
    "a ruling without reading": ((*CHECK, "--ruling", "S3"), ("S3", "inverse-end")),
    "a ruling of an unknown clause": ((*CHECK, "--ruling", "S99=x"), ("'S99'",)),
    "a ruling with an unknown reading": ((*CHECK, "--ruling", "S3=best"), ("'best'", "S3", "inverse-end")),
    "missing deviations": ((*CHECK, "--deviations", "missing.toml"), ("missing.toml", "No such file")),
    "deviations to write where no folder is": (
        (*CHECK, "--deviations", "no/such/known.toml", "--update-deviations"),
        ("no/such/known.toml", "cannot be written"),
    ),
    "deviations of several": (("check", "bundled", "torch", "--deviations", "x.toml"), ("--deviations", "one by one")),
    "an unknown clause": (("explain", "S99"), ("'S99'", "convt explain")),
    "a clause in lower case": (("explain", "s3"), ("'s3'", "near it: S3")),
    "a record that is missing": (("explain", "S3", "--records", "missing.jsonl"), ("missing.jsonl", "No such file")),
    "no case": (REPRO, ("CASE", "convt repro --help")),
    "a text that is no case": ((*REPRO, "stride=2"), ("not a case", "stride=2")),
    "an unknown law": ((*REPRO, EVEN, "--law", "test_V1"), ("unknown law 'test_V1'", "convt check")),
    "an empty case": ((*REPRO, ""), ("not a case",)),
    "an unknown attribute": ((*REPRO, "N1,C1,M1,L5,K3,strides=2,float32,int:1"), ("strides=2",)),
    "an attribute twice": ((*REPRO, "N1,N2,C1,M1,L5,K3,float32,int:1"), ("batch is given twice",)),
    "an unknown dtype": ((*REPRO, "N1,C1,M1,L5,K3,float16,int:1"), ("float16", "float32")),
    "an unknown recipe": ((*REPRO, "N1,C1,M1,L5,K3,float32,ints:1"), ("ints:1", "int:7")),
    "a negative seed": ((*REPRO, "N1,C1,M1,L5,K3,float32,int:-1"), ("int:-1",)),
    "too few numbers": ((*REPRO, "N1,C1,M1,L2,K1,float32,lit:1/1"), ("1 number", "needs 2")),
    "too many numbers": ((*REPRO, "N1,C1,M1,L1,K1,float32,lit:1/1:2"), ("2 numbers", "needs 1")),
    "a number beyond the dtype": ((*REPRO, "N1,C1,M1,L1,K1,float32,lit:99999999999999999999/1"), ("99999999999999999999",)),
    "the layer of a function": (("repro", named("right"), "layer," + EVEN), ("has no call for layer,N1", "no layer form")),
    "no records to report": (("report", "missing", "--out", "report"), ("missing",)),
    "no folder for the report": (("report", "missing"), ("--out",)),
}


@pytest.mark.parametrize("case", USAGE)
def test_wrong_usage(case: str) -> None:
    arguments, words = USAGE[case]
    assert_error(convt(*arguments), 2, *words)


@pytest.mark.parametrize("case", [case for case, (arguments, _) in USAGE.items() if arguments])
def test_wrong_usage_leaves_nothing_behind(empty_folder: Path, case: str) -> None:
    convt(*USAGE[case][0])
    assert list(empty_folder.iterdir()) == []


def test_what_could_not_be_run_leaves_nothing_behind(tmp_path: Path, empty_folder: Path) -> None:
    (tmp_path / "odd.py").write_text("1 / 0\n")
    assert convt("check", f"{tmp_path}/odd.py:f").code == 3
    assert list(empty_folder.iterdir()) == []


BEYOND_MEMORY = (
    "N100000,C100000,M1,L100000,K1,float32,int:0",
    "N1,C1,M1,L99999999999999999999,K1,float32,int:0",
    "N1,C1,M1,L2,K1,stride=10000000000000,float32,int:0",
    "N1,C1,M1,L2,K2,dilation=99999999999999999,float32,int:0",
    "N1,C1,M1,L2,K3,padding=99999999999999999999,float32,int:0",
)


@pytest.mark.parametrize("text", BEYOND_MEMORY)
def test_a_case_beyond_any_memory_does_not_end_in_a_traceback(text: str) -> None:
    ran = convt(*REPRO, text)
    assert ran.code in (0, 1, 2)
    if ran.code == 2:
        assert_error(ran, 2)


def test_an_output_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert_error(convt(*CHECK, "--out", tmp_path / "file"), 2, str(tmp_path / "file"), "name a folder")
    assert_error(convt(*CHECK, "--out", tmp_path / "file" / "inside"), 2, "inside", "name a folder")


@pytest.mark.parametrize("folder", ["/proc/convt", "/dev/null/convt"])
def test_an_output_folder_that_cannot_be_written(folder: str) -> None:
    assert_error(convt(*CHECK, "--out", folder), 2, folder, "name a folder that can be written")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere: run the tests as an ordinary user")
def test_an_output_folder_without_permission(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    assert_error(convt(*CHECK, "--out", tmp_path / "locked"), 2, "locked", "Permission denied")


def test_a_record_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_few_laws(monkeypatch, "E1")
    (tmp_path / "out" / "bundled.jsonl").mkdir(parents=True)
    assert_error(convt(*CHECK, "--out", tmp_path / "out"), 2, "bundled.jsonl")


@pytest.mark.parametrize("text", ["deviation = ", '[[deviation]]\nclause = "V1"\n'])
def test_deviations_that_cannot_be_used(tmp_path: Path, text: str) -> None:
    (tmp_path / "known.toml").write_text(text)
    assert_error(convt(*CHECK, "--deviations", tmp_path / "known.toml", "--out", tmp_path / "out"), 2, "known.toml")


def test_wrong_usage_leaves_an_earlier_record_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "bundled.jsonl").write_text("earlier")
    assert_error(convt(*CHECK, "--out", tmp_path / "out", "--deviations", "missing.toml"), 2, "missing.toml")
    assert (tmp_path / "out" / "bundled.jsonl").read_text() == "earlier"


def installed(name: str) -> bool:
    return any((Path(folder) / name).exists() for folder in sys.path)


@pytest.mark.parametrize("command", [("check", "tensorflow"), ("repro", "tensorflow", EVEN)], ids=["check", "repro"])
def test_a_framework_that_is_not_there_could_not_be_run(command: tuple[str, ...]) -> None:
    if installed("tensorflow"):
        pytest.skip("tensorflow is installed here; run in an environment without it")
    assert_error(convt(*command), 3, "tensorflow is not installed", "pip install tensorflow-cpu", "--python")


@pytest.fixture
def broken_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "path" / "torch").mkdir(parents=True)
    (tmp_path / "path" / "torch" / "__init__.py").write_text("raise OSError('libtorch_cpu.so: undefined symbol')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "path"))


@pytest.mark.usefixtures("broken_torch")
@pytest.mark.parametrize("command", [("check", "torch"), ("repro", "torch", EVEN)], ids=["check", "repro"])
def test_a_framework_that_is_broken_could_not_be_run(command: tuple[str, ...]) -> None:
    assert_error(convt(*command), 3, "torch is installed but broken", "libtorch_cpu.so")


@pytest.mark.usefixtures("broken_torch")
def test_the_list_tells_what_is_broken_and_what_is_absent() -> None:
    ran = convt("list")
    lines = {line.split()[0]: line for line in ran.out.splitlines()}
    assert (ran.code, ran.err) == (0, "")
    assert set(CATALOGUE) <= set(lines)
    assert "libtorch_cpu.so" in lines["torch"]
    assert "NCL NLC function layer" in lines["bundled"]
    assert "computes on the CPU only" in lines["bundled:gpu"]
    if not installed("paddle"):
        assert "pip install paddlepaddle" in lines["paddle"]


def test_the_list_of_what_is_no_interpreter_blames_each() -> None:
    ran = convt("list", "--python", "/bin/true")
    assert (ran.code, ran.err) == (0, "")
    assert "ended while starting" in ran.out


def test_a_module_that_cannot_be_imported_could_not_be_run(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text("1 / 0\n")
    assert_error(convt("check", f"{tmp_path}/odd.py:f"), 3, "odd.py", "ZeroDivisionError")
    assert_error(convt("check", "no_such_module:f"), 3, "no_such_module", "--python")


def test_a_program_that_is_no_interpreter_could_not_be_run() -> None:
    assert_error(convt(*CHECK, "--python", "/bin/true"), 3, "bundled", "exit status 0")


def test_an_error_in_a_process_of_its_own() -> None:
    assert_error(process("-m", "convt", "check", "bundled", "--jobs", "0"), 2, "--jobs")


HEAVY = ("numpy", "hypothesis", "pytest", "pandas", "jsonschema", "jinja2", "packaging", "convt_conformance", "convt_spec", "convt_reports")
LIGHT = f"""
import sys
from convt.command import main
try:
    code = main(sys.argv[1:])
except SystemExit as end:
    code = end.code
print([name for name in {HEAVY!r} if name in sys.modules], code)
"""


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("check", "--help"), ("chekc",)])
def test_help_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    ran = process("-c", LIGHT, *arguments)
    assert ran.out.splitlines()[-1] == f"[] {2 if arguments == ('chekc',) else 0}"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    ran = convt(command, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"usage: convt {command}")


def test_help_lists_every_command() -> None:
    ran = convt("--help")
    assert (ran.code, ran.err) == (0, "")
    for command in COMMANDS:
        assert re.search(rf"\n    {command}\s", ran.out)


def test_the_version() -> None:
    import convt as package

    assert convt("--version") == Ran(0, f"convt {package.__version__}\n", "")
