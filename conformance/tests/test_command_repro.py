"""`convt repro`: one case beside the exact answer, and a program that shows it without convt."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import harness
import numpy as np
import pytest
from runs import SEED, Ran, assert_error, convt, process
from strangers import EVEN, ODD, TESTS, named

from convt_conformance.protocol import array_message

EXAMPLE = "N1,C2,M1,L4,K2,float32,lit:4:0:9:7:8:0:9:2/7:0:4:2"


def lines(ran: Ran) -> dict[str, str]:
    """The first word of each line of the output, and the rest."""
    return {word: rest.strip() for word, _, rest in (line.partition(" ") for line in ran.out.splitlines())}


@pytest.mark.parametrize("name", ["bundled", named("right")])
def test_a_conforming_case(name: str) -> None:
    ran = convt("repro", name, EXAMPLE)
    assert (ran.code, ran.err) == (0, "")
    found = lines(ran)
    assert found["case"] == EXAMPLE
    assert found["call"].startswith("y = ")
    assert found["observed"] == "float32 (1, 1, 5) [60 16 99 75 4]"
    assert found["required"] == "shape (1, 1, 5) [60 16 99 75 4]"
    assert ran.out.splitlines()[-1] == "conforms"


def test_a_deviating_case() -> None:
    ran = convt("repro", named("reversed_kernel"), EXAMPLE)
    assert (ran.code, ran.err) == (1, "")
    assert lines(ran)["observed"] == "float32 (1, 1, 5) [16 60 18 103 57]"
    assert ran.out.splitlines()[-1] == "deviates"


AT_47 = """
from convt_impl import conv1d_transpose
def f(x, weight, bias=None, **given):
    y = conv1d_transpose(x, weight, bias, **given)
    if y.shape[-1] > 47:
        y[0, 0, 47] += 14
        y[0, 0, 49] += 1
    else:
        y[0, 47, 0] += 14
    return y
"""
"""Wrong far beyond the numbers that one line shows."""
LONG = "N1,C1,M1,L49,K3,float32,int:3"


@pytest.fixture
def wrong_at_47(tmp_path: Path) -> str:
    (tmp_path / "at_47.py").write_text(AT_47)
    return f"{tmp_path}/at_47.py:f"


def test_a_long_result_shows_where_it_differs(wrong_at_47: str) -> None:
    ran = convt("repro", wrong_at_47, LONG)
    assert (ran.code, ran.err) == (1, "")
    found = lines(ran)
    assert found["observed"].partition("(")[2] == found["required"].partition("(")[2]
    assert found["where"] == "2 of 51 samples differ, first y[0,0,47] = -14, required -28 there, as NCL"
    real = lines(convt("repro", wrong_at_47, LONG.replace("int", "real")))["where"]
    assert real.startswith("y[0,0,47] = 13.8")
    assert real.endswith("within the rounding of float32")


@pytest.mark.parametrize(("name", "case"), [(named("right"), LONG), (named("reversed_kernel"), EXAMPLE), (named("gives_rank_two"), ODD)])
def test_what_is_right_or_short_or_misshapen_has_no_place_of_its_own(name: str, case: str) -> None:
    assert "where" not in lines(convt("repro", name, case))


def clause_lines(ran: Ran) -> list[str]:
    return [line.partition("]")[0].strip("[") for line in ran.out.splitlines() if line.startswith("[")]


def test_a_wrong_number_is_laid_to_no_clause_that_it_does_not_fit(wrong_at_47: str) -> None:
    assert clause_lines(convt("repro", named("right"), LONG)) == ["V3"]
    assert clause_lines(convt("repro", wrong_at_47, LONG)) == []
    assert clause_lines(convt("repro", named("gives_rank_two"), ODD)) == []


def test_a_clause_whose_readings_ask_for_other_lengths_or_refuse_is_told_where_they_do_not_fit(tmp_path: Path) -> None:
    (tmp_path / "ones.py").write_text(
        "import numpy as np\ndef f(x, weight, bias=None, **given):\n    return np.ones((1, 1, 77), x.dtype)\n"
    )
    same = convt("repro", f"{tmp_path}/ones.py:f", "N1,C1,M1,L5,K3,stride=2,padding=SAME,float32,int:1")
    assert (same.code, clause_lines(same)) == (1, ["S3"])
    added = convt("repro", f"{tmp_path}/ones.py:f", "N1,C1,M1,L5,K3,stride=2,output_padding=2,float32,int:1")
    assert (added.code, clause_lines(added)) == (1, ["O3"])
    assert "fits no listed reading of closed" in added.out


def test_a_case_under_another_reading_conforms_and_says_which() -> None:
    ran = convt("repro", "bundled", "N1,C1,M1,L5,K3,stride=2,padding=SAME,float32,int:1")
    assert ran.code == 0
    (line,) = [line for line in ran.out.splitlines() if line.startswith("[S3]")]
    assert "fits inverse-end" in line
    assert "as-printed-up" in line.partition(" of ")[2]


def test_a_ruling_takes_the_excuse_away() -> None:
    same = ("repro", "bundled", "N1,C1,M1,L5,K3,stride=2,padding=SAME,float32,int:1", "--ruling")
    kept, wanted = convt(*same, "S3=inverse-end"), convt(*same, "S3=as-printed-up")
    assert (kept.code, wanted.code) == (0, 1)
    assert lines(kept)["observed"].partition("(")[2] == lines(kept)["required"].partition("(")[2]
    assert lines(wanted)["required"].startswith("3 samples per channel")
    assert "[S3] SAME: length and crop: fits inverse-end" in wanted.out
    script = convt(*same, "S3=as-printed-up", "--script")
    assert "required: 3 samples per channel" in script.out
    assert convt("repro", "bundled", same[2], "--law", "test_S3_same", "--ruling", "S3=as-printed-up").code == 1
    assert convt("repro", "bundled", same[2], "--ruling", "S4=dilation-reset", "--ruling", "V3=identity").code == 0
    assert_error(convt(*same, "S3=best"), 2, "'best'", "inverse-end")


def test_a_refusal_where_one_is_required() -> None:
    ran = convt("repro", "bundled", "N1,C1,M1,L5,K3,stride=0,float32,int:1")
    assert ran.code == 0
    assert lines(ran)["required"] == "a refusal ([I1] stride >= 1 is required)"
    assert lines(ran)["observed"].startswith("ValueError: ")


SECOND = """
import numpy as np
from convt_impl import conv1d_transpose
calls = []
def f(x, weight, bias=None, **given):
    calls.append(1)
    return conv1d_transpose(x, weight, bias, **given) + (len(calls) == 2)
"""
PLAIN = "N1,C1,M1,L3,K2,float32,int:1"


def test_a_law_shows_all_its_calls(tmp_path: Path) -> None:
    (tmp_path / "second.py").write_text(SECOND)
    name = f"{tmp_path}/second.py:f"
    assert convt("repro", name, PLAIN).code == 0
    shown = convt("repro", name, PLAIN, "--law", "test_A4_default_output_padding")
    assert (shown.code, shown.err) == (1, "")
    calls = [line for line in shown.out.splitlines() if line.startswith("call ")]
    assert calls[1:3] == [f"call 1    {PLAIN}", "call 2    N1,C1,M1,L3,K2,output_padding=0,float32,int:1"]
    assert "\ntest_A4_default_output_padding\n  case " in shown.out
    assert convt("repro", "bundled", PLAIN, "--law", "test_A4_default_output_padding").code == 0


def test_a_law_without_a_supported_call_is_wrong_usage() -> None:
    nothing = f"cmd:{sys.executable} {harness.__file__} always unsupported"
    assert_error(convt("repro", nothing, PLAIN, "--law", "test_V1_values"), 2, "has no call", "test_V1_values")


def test_cases_before_are_read_like_the_case_itself() -> None:
    assert_error(convt("repro", "bundled", PLAIN, "--after", "N1,C1,M1,L3,K1,float32,lit:1/1"), 2, "1 numbers")


def test_a_process_that_is_lost_before_the_case_is_told(tmp_path: Path) -> None:
    ran = convt("repro", named("exit_zero"), EVEN, "--after", ODD)
    assert "the process ended with exit status 0; what ran up to here does not count" in ran.err


def test_arrays_beyond_the_memory_are_one_sentence() -> None:
    large = convt("repro", "bundled", "N1,C1,M1,L20000000,K1,float64,int:1", "--memory", "20")
    assert_error(large, 2, "may not fit into 20 MiB", "--memory")


def test_a_law_that_refuses_what_should_be_computed() -> None:
    shown = convt("repro", named("unimplemented"), PLAIN, "--law", "test_V3_no_activation")
    assert (shown.code, shown.out.splitlines()[-1]) == (1, "deviates")


ENDS = {
    "segfault": "the process ended with signal 11 (SIGSEGV)",
    "exit_zero": "the process ended with exit status 0",
    "hog": "out of memory: ",
    "raises_unspeakable": "Unspeakable: (the exception's own text could not be made)",
    "gives_list": "a result of type list, which is no array",
    "gives_rank_two": "float32 (3, 6) [",
    "raises_surrogates": "ValueError: no such file",
    "gives_complex": "complex64 (1, 3, 6)",
}


@pytest.mark.parametrize("name", ENDS)
def test_whatever_happens_is_shown(name: str) -> None:
    ran = convt("repro", named(name), ODD, "--memory", "256")
    assert (ran.code, ran.err) == (1, "")
    assert lines(ran)["observed"].startswith(ENDS[name])
    assert lines(ran)["required"].startswith("shape (1, 3, 6) [")


def test_a_terminal_that_knows_ascii_only_gets_an_answer(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text("def f(x, weight, bias=None, **given):\n    raise ValueError('ungültige Größe')\n", encoding="utf-8")
    ran = process("-m", "convt", "repro", f"{tmp_path}/odd.py:f", EXAMPLE, PYTHONIOENCODING="ascii")
    assert (ran.code, ran.err) == (1, "")


def test_a_case_can_be_shown_after_others(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text(
        "import convt_impl\nseen = []\n"
        "def f(x, weight, bias=None, **given):\n"
        "    seen.append(1)\n"
        "    return len(seen) * convt_impl.conv1d_transpose(x, weight, bias, **given)\n"
    )
    name = f"{tmp_path}/odd.py:f"
    assert convt("repro", name, EXAMPLE).code == 0
    after = convt("repro", name, EXAMPLE, "--after", EVEN, "--after", ODD)
    assert after.code == 1
    assert observed_numbers(after)[-1] == 3 * observed_numbers(convt("repro", name, EXAMPLE))[-1] != 0
    assert convt("repro", name, EXAMPLE, "--after", "L1").code == 2


def script(tmp_path: Path, name: str, case: str) -> Path:
    ran = convt("repro", name, case, "--script")
    assert (ran.code, ran.err) == (0, ""), ran
    path = tmp_path / "script" / "shown.py"
    path.parent.mkdir()
    path.write_text(ran.out, encoding="utf-8")
    return path


def observed_numbers(ran: Ran) -> list[float]:
    return numbers(ran, "observed")


def numbers(ran: Ran, word: str) -> list[float]:
    """The shape and the numbers of a line such as `required: shape (1, 1, 2) [3.0, 4.0]` or `observed  float32 (1, 1, 2) [3 4]`."""
    (line,) = [line for line in ran.out.splitlines() if line.startswith(word)]
    return [float(each) for each in line.partition("(")[2].translate(str.maketrans("()[],", "     ")).split()]


SCRIPTS = {
    "a function": (named("right"), EVEN),
    "a wrong function": (named("reversed_kernel"), EXAMPLE),
    "the bundled function": ("bundled", EVEN),
    "a function with everything": (
        "bundled",
        "N1,C2,M2,L2,K3,stride=3,padding=list:1,output_padding=2,groups=2,dilation=2,data_format=NLC,bias,float64,int:5",
    ),
    "a layer": (named("Layer"), "layer," + EVEN),
    "a layer without bias and with a length": ("bundled", "layer,N1,C2,M3,L3,K2,stride=2,output_size=7,bias_attr=false,float32,int:5"),
    "a layer by position": ("bundled", "positional,N1,C2,M2,L3,K2,stride=3,groups=2,float32,int:5"),
    "real numbers": (named("right"), "N1,C2,M1,L4,K3,stride=2,bias,float32,real:9"),
    "real numbers in double": (named("right"), "N1,C1,M1,L3,K2,float64,real:9"),
    "no samples": (named("right"), "N0,C1,M1,L3,K2,float64,int:9"),
}


@pytest.mark.parametrize("case", SCRIPTS)
def test_the_script_observes_what_convt_observed(tmp_path: Path, case: str) -> None:
    name, text = SCRIPTS[case]
    ran = process(script(tmp_path, name, text), folder=tmp_path / "script", PYTHONDONTWRITEBYTECODE="1")
    assert (ran.code, ran.err) == (0, "")
    shown = convt("repro", name, text)
    assert observed_numbers(ran) == pytest.approx(observed_numbers(shown), rel=1e-8)
    assert numbers(ran, "required") == pytest.approx(numbers(shown, "required"), rel=1e-8)
    assert "convt repro" not in ran.out


CALLED = """
import convt_impl
seen = []
def f(x, weight, bias=None, **given):
    seen.append(weight.shape[2])
    y = convt_impl.conv1d_transpose(x, weight, bias, **given)
    return y + (seen[:-1] == [2, 3])
"""


@pytest.mark.parametrize("program", ["", "cmd:"])
def test_the_script_makes_the_calls_before(tmp_path: Path, program: str) -> None:
    (tmp_path / "called.py").write_text(CALLED)
    name = f"cmd:{sys.executable} {harness.__file__} right" if program else f"{tmp_path}/called.py:f"
    case, before = (
        "N1,C1,M1,L3,K4,bias,float32,int:5",
        ("--after", "N1,C1,M1,L3,K2,float32,int:1", "--after", "N1,C2,M1,L3,K3,float32,int:2"),
    )
    shown = convt("repro", name, case, *before)
    assert shown.code == (0 if program else 1)
    path = tmp_path / "shown.py"
    path.write_text(convt("repro", name, case, *before, "--script").out, encoding="utf-8")
    ran = process(path, folder=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    listed = [line.partition("[")[2] if not program else line.rpartition("[")[2] for line in ran.out.splitlines() if "observed" in line]
    assert [float(each) for each in listed[0].strip("]").split(", ")] == observed_numbers(shown)[3:]


REFUSED = """
import convt_impl
refused = []
def f(x, weight, bias=None, **given):
    try:
        return convt_impl.conv1d_transpose(x, weight, bias, **given) + len(refused)
    except ValueError:
        refused.append(1)
        raise
"""


def test_a_call_before_may_be_refused_in_the_script_too(tmp_path: Path) -> None:
    (tmp_path / "refused.py").write_text(REFUSED)
    asked = (f"{tmp_path}/refused.py:f", PLAIN, "--after", "N1,C1,M1,L3,K2,stride=0,float32,int:1")
    shown = convt("repro", *asked)
    assert shown.code == 1
    path = tmp_path / "shown.py"
    path.write_text(convt("repro", *asked, "--script").out, encoding="utf-8")
    ran = process(path, folder=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert observed_numbers(ran) == observed_numbers(shown)


def test_a_law_that_is_not_about_the_case_blames_nobody() -> None:
    shown = convt("repro", "bundled", "N1,C1,M1,L3,K3,dilation=0,float32,int:1", "--law", "test_D1_kernel_with_holes")
    assert_error(shown, 2, "test_D1_kernel_with_holes", "is not about")


def test_numbers_by_channel_go_with_a_flaw() -> None:
    assert convt("repro", "bundled", "N1,C1,M1,L3,K2,flaw=kernel-channels,float32,uneven:1").code == 0


def test_a_script_holds_no_law() -> None:
    assert_error(convt("repro", "bundled", PLAIN, "--law", "test_V1_values", "--script"), 2, "--script", "--law")


def test_the_script_needs_nothing_of_convt(tmp_path: Path) -> None:
    text = script(tmp_path, named("right"), EVEN).read_text()
    assert "import numpy as np" in text
    assert "convt" not in text.replace(str(TESTS), "")


def test_the_script_of_a_refusal_raises_it(tmp_path: Path) -> None:
    ran = process(script(tmp_path, "bundled", "N1,C1,M1,L5,K3,stride=0,float32,int:1"), folder=tmp_path)
    assert ran.code == 1
    assert ran.err.splitlines()[-1].startswith("ValueError: stride")


NAMES = {
    "a file name that is no identifier": ("my-ops 2.py", "conv"),
    "an attribute of an attribute": ("ops.py", "inner.deep"),
    "a callable named like an array": ("ops.py", "b"),
    "a file named like a module of the standard library": ("json.py", "conv"),
    "a folder with a quote": ("it's/ops.py", "conv"),
}
OPS = """
from convt_impl import conv1d_transpose as conv
class inner:
    deep = staticmethod(conv)
b = conv
"""


@pytest.mark.parametrize("case", NAMES)
def test_the_script_finds_the_callable_again(tmp_path: Path, case: str) -> None:
    file, attribute = NAMES[case]
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(OPS)
    shown = convt("repro", f"{path}:{attribute}", EXAMPLE)
    assert (shown.code, shown.err) == (0, "")
    ran = process(script(tmp_path, f"{path}:{attribute}", EXAMPLE), folder=tmp_path / "script")
    assert ran.err == ""
    assert observed_numbers(ran) == observed_numbers(shown)


def test_the_script_finds_a_module_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_ops.py").write_text(OPS)
    monkeypatch.chdir(tmp_path)
    shown = convt("repro", "my_ops:conv", EXAMPLE)
    here = script(tmp_path, "my_ops:conv", EXAMPLE).rename(tmp_path / "shown.py")
    ran = process(here, folder=tmp_path)
    assert ran.err == ""
    assert observed_numbers(ran) == observed_numbers(shown)


STRANGE = {
    "gives_list": "list [[[",
    "gives_none": "NoneType None",
    "gives_pretender": "Pretender <",
    "gives_number": "float32 1.0",
    "gives_rank_zero": "ndarray float32 () [1.5]",
    "gives_rank_two": "ndarray float32 (3, 6) [",
    "gives_input": "ndarray float32 (1, 2, 3) [",
    "gives_liar": "Matrix float64 (1, 3, 5) [",
    "gives_masked": "MaskedArray float32 (1, 3, 6) [",
    "gives_complex": "ndarray complex64 (1, 3, 6) [",
    "gives_objects": "ndarray object (1, 3, 6) [",
    "gives_words": "ndarray <U32 (1, 3, 6) [",
}


@pytest.mark.parametrize("data", ["int:1", "real:1"])
@pytest.mark.parametrize("name", STRANGE)
def test_the_script_shows_a_result_of_another_shape_or_kind(tmp_path: Path, name: str, data: str) -> None:
    ran = process(script(tmp_path, named(name), ODD.replace("int:1", data)), folder=tmp_path / "script")
    assert (ran.code, ran.err) == (0, "")
    assert lines(ran)["observed:"].startswith(STRANGE[name])
    assert lines(ran)["required:"].startswith("shape (1, 3, 6) [")


LAST = {
    LONG: "2 of 51 samples differ, first y[0, 0, 47] = -14.0, required -28.0",
    "N1,C1,M2,L49,K3,data_format=NLC,bias,float64,int:3": "1 of 102 samples differ, first y[0, 47, 0] = -22.0, required -36.0",
    "N1,C2,M3,L25,K3,stride=2,bias,float32,nonfinite:11": "2 of 153 samples differ, first y[0, 0, 47] = 13.0, required -1.0",
    "N1,C1,M1,L49,K3,float64,real:3": "largest difference 14 at y[0, 0, 47] = 1",
}


@pytest.mark.parametrize("case", LAST)
def test_the_script_shows_where_a_long_result_differs(tmp_path: Path, wrong_at_47: str, case: str) -> None:
    path = script(tmp_path, wrong_at_47, case)
    assert len(path.read_text().splitlines()) <= 28
    ran = process(path, folder=tmp_path / "script")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[-1].startswith(LAST[case])
    assert len(numbers(ran, "required")) == len(numbers(ran, "observed")) > 50


@pytest.mark.parametrize("program", ["", "cmd:"])
def test_the_script_of_a_very_long_result_holds_no_more_than_its_beginning(tmp_path: Path, program: str) -> None:
    name = f"cmd:{sys.executable} {harness.__file__} right" if program else named("right")
    path = script(tmp_path, name, "N1,C1,M1,L1001,K1,float32,int:1")
    ran = process(path, folder=tmp_path / "script")
    assert (ran.code, ran.err) == (0, "")
    assert lines(ran)["required:"].endswith(" ...]")


def test_the_script_takes_NaN_for_an_infinity(tmp_path: Path) -> None:
    (tmp_path / "nan.py").write_text(
        "import numpy as np\nimport convt_impl\n"
        "def f(x, weight, bias=None, **given):\n"
        "    y = convt_impl.conv1d_transpose(x, weight, bias, **given)\n"
        "    return np.where(np.isinf(y), np.float32(np.nan), y)\n"
    )
    shown = process(script(tmp_path, f"{tmp_path}/nan.py:f", "N1,C2,M3,L25,K3,stride=2,bias,float32,nonfinite:11"), folder=tmp_path)
    assert (shown.code, len(shown.out.splitlines())) == (0, 2)
    assert "inf" in lines(shown)["required:"]
    assert "inf" not in lines(shown)["observed:"]


def fixed_program(folder: Path, array: np.ndarray | None) -> str:
    """A program that gives this array, or an outcome without one, whatever it is asked."""
    result = {"outcome": "computed", "array": array_message(array)} if array is not None else {"outcome": "computed", "result": "a table"}
    (folder / "fixed.py").write_text(
        "import json, sys\n"
        "for line in sys.stdin:\n"
        "    asked = json.loads(line)\n"
        "    if asked['request'] == 'start':\n"
        f"        print(json.dumps({harness.STARTED}), flush=True)\n"
        "    if asked['request'] == 'run':\n"
        f"        print(json.dumps({{'id': asked['id'], **json.loads({json.dumps(result)!r})}}), flush=True)\n"
    )
    return f"cmd:{sys.executable} {folder}/fixed.py"


ZEROS = np.zeros((1, 2, 49), np.float32)
ONE_NAN = ZEROS.copy()
ONE_NAN[0, 1, 30] = np.nan
ANSWERS = {
    "zeros": (ZEROS, "int:3", "98 of 98 samples differ, first y[0, 0, 0] = 0.0, required "),
    "zeros for NaN": (ZEROS, "nonfinite:7", " samples differ, first y[0, 0, 1] = 0.0, required nan"),
    "NaN where nothing says so": (
        np.full_like(ZEROS, np.nan),
        "nonfinite:7",
        "51 of 98 samples differ, first y[0, 0, 47] = nan, required 0",
    ),
    "zeros for reals": (ZEROS, "real:3", "largest difference 0."),
    "NaN for reals": (ONE_NAN, "real:3", "largest difference inf at y[0, 1, 30] = nan, required "),
    "one sample more": (np.zeros((1, 2, 50), np.float32), "int:3", "observed: shape [1, 2, 50] [0.0, "),
    "no samples": (np.zeros((1, 2, 0), np.float32), "real:3", "observed: shape [1, 2, 0] []"),
    "whole numbers": (ZEROS.astype(np.int8), "int:3", "observed: {'id': 1, 'outcome': 'computed', 'array': {'dtype': 'int8'"),
    "no array": (None, "int:3", "observed: {'id': 1, 'outcome': 'computed', 'result': 'a table'}"),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_script_of_a_program_shows_where_its_answer_differs(tmp_path: Path, answer: str) -> None:
    array, data, last = ANSWERS[answer]
    path = script(tmp_path, fixed_program(tmp_path, array), f"N1,C1,M2,L47,K3,float32,{data}")
    assert len(path.read_text().splitlines()) <= 25
    ran = process(path, folder=tmp_path / "script")
    assert (ran.code, ran.err) == (0, "")
    assert last in ran.out.splitlines()[-1]
    assert lines(ran)["required:"].startswith("shape [1, 2, 49] [")


def test_a_case_of_a_record_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from runs import use_few_laws

    from convt_conformance.records import read

    use_few_laws(monkeypatch, "E1 W3")
    convt("check", named("reversed_kernel"), "--level", "smoke", "--seed", SEED, "--out", tmp_path)
    (path,) = tmp_path.glob("*.jsonl")
    for result in read(path).results:
        evidence = result["evidence"]
        ran = convt("repro", named("reversed_kernel"), evidence["case"])
        assert ran.code == 1
        assert evidence["observed"].removesuffix(" as NCL") in ran.out
