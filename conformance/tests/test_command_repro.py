"""`convt repro`: one case beside the exact answer, and a program that shows it without convt."""

from __future__ import annotations

from pathlib import Path

import pytest
from strangers import EVEN, ODD, SEED, TESTS, Ran, convt, named, process

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


def test_a_case_under_another_reading_conforms_and_says_which() -> None:
    ran = convt("repro", "bundled", "N1,C1,M1,L5,K3,stride=2,padding=SAME,float32,int:1")
    assert ran.code == 0
    (line,) = [line for line in ran.out.splitlines() if line.startswith("[S3]")]
    assert "fits inverse-end" in line
    assert "as-printed-up" in line.partition(" of ")[2]


def test_a_refusal_where_one_is_required() -> None:
    ran = convt("repro", "bundled", "N1,C1,M1,L5,K3,stride=0,float32,int:1")
    assert ran.code == 0
    assert lines(ran)["required"] == "a refusal ([I1] stride >= 1 is required)"
    assert lines(ran)["observed"].startswith("ValueError: ")


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
    """The shape and the numbers of a line such as `observed: shape (1, 1, 2) [3.0, 4.0]` or `observed  float32 (1, 1, 2) [3 4]`."""
    (line,) = [line for line in ran.out.splitlines() if line.startswith("observed")]
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
    assert lines(ran)["required:"] == lines(shown)["required"]
    assert "convt repro" not in ran.out


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


def test_the_script_shows_a_result_that_is_no_array(tmp_path: Path) -> None:
    ran = process(script(tmp_path, named("gives_list"), ODD), folder=tmp_path / "script")
    assert (ran.code, ran.err) == (0, "")


def test_a_case_of_a_record_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from strangers import use_few_laws

    from convt_conformance.records import read

    use_few_laws(monkeypatch, "E1 W3")
    convt("check", named("reversed_kernel"), "--level", "smoke", "--seed", SEED, "--out", tmp_path)
    (path,) = tmp_path.glob("*.jsonl")
    for result in read(path).results:
        evidence = result["evidence"]
        ran = convt("repro", named("reversed_kernel"), evidence["case"])
        assert ran.code == 1
        assert evidence["observed"].removesuffix(" as NCL") in ran.out
