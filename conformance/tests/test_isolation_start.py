"""An implementation that cannot be found, loaded or started is told as what it is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from isolated import (
    EVEN_CASE,
    LIMITS,
    assert_right,
    children,
)
from strangers import named

from convt_conformance import isolation
from convt_conformance.adapters import find
from convt_conformance.isolation import Isolated
from convt_conformance.outcomes import CannotRun

pytestmark = pytest.mark.usefixtures("leaves_no_process")


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
