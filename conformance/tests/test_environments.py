"""What a record is made of, and what is said of those that cannot be run."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import environments
import pytest
from environments import digest, sources, write_absent

from convt_conformance.adapters.catalogue import CATALOGUE


def names(implementation: str) -> set[str]:
    return {path.name for path in sources(CATALOGUE[implementation])}


def test_a_record_is_made_of_its_own_adapter_and_of_what_all_share() -> None:
    assert {"torch.py", "torch.toml", "torch.txt", "document_call.py", "judge.py", "lengths.py"} <= names("torch")
    assert not {"tensorflow.py", "tensorflow.toml", "tensorflow.txt", "cpu.py", "calls.toml", "followed.toml"} & names("torch")
    assert "cpu.py" in names("bundled")


def test_an_export_is_made_of_the_adapter_of_its_framework_too() -> None:
    assert {"exported.py", "exported.toml", "torch.py", "exported-torch.txt"} <= names("exported:torch-onnx")


def test_what_translates_is_no_part_of_a_record() -> None:
    assert not any("translation" in path.parts for path in sources(CATALOGUE["torch"]))


def test_a_digest_tells_files_and_words_apart(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text("1")
    second.write_text("1")
    assert digest([first]) != digest([second])
    assert digest([first], "x") != digest([first]) == digest([first])
    before = digest([first])
    first.write_text("2")
    assert digest([first]) != before


def test_what_could_not_be_run_is_said_with_the_reason(tmp_path: Path) -> None:
    for name, code, why in (("torch-cuda", 3, "no device"), ("torch", 0, ""), ("paddle", 1, "")):
        made = {"of": "", "code": code, "name": name.replace("-", ":"), "why": why}
        (tmp_path / f"{name}.made.json").write_text(json.dumps(made))
    write_absent(["torch", "torch:cuda", "paddle", "jax:gpu"], tmp_path)
    assert json.loads((tmp_path / "absent.json").read_text()) == {"absent": {"torch:cuda": "no device"}}


def fake(patch: pytest.MonkeyPatch, interpreter: Callable[..., str], recorded: Callable[..., int]) -> None:
    patch.setattr(environments, "interpreter", interpreter)
    patch.setattr(environments, "recorded", recorded)


def test_the_next_environment_is_made_while_one_is_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The judgement of the first waits here until the environment of the third is there, so that it would end late without."""
    made: dict[str, threading.Event] = {name: threading.Event() for name in ("torch", "onnx")}
    order: list[str] = []

    def interpreter(entry: Any, cache: Path) -> str:
        order.append(entry.environment)
        made[entry.environment].set()
        return f"python of {entry.environment}"

    def recorded(entry: Any, out: Path, python: Callable[[], str], options: Any, *, of: str) -> int:
        assert python() == f"python of {entry.environment}"
        assert made["onnx"].wait(timeout=30)
        return len(entry.name)

    fake(monkeypatch, interpreter, recorded)
    names = ["torch", "torch:native", "onnxruntime"]
    entries = [CATALOGUE[name] for name in names]
    assert environments.judge(entries, tmp_path, tmp_path, []) == [len(name) for name in names]
    assert order == ["torch", "onnx"]


def test_no_environment_is_made_for_a_record_that_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, lost = CATALOGUE["torch"], CATALOGUE["ncnn"]
    of = digest(sources(kept), repr(kept))
    (tmp_path / "torch.made.json").write_text(json.dumps({"of": of, "code": 0, "name": "torch", "why": ""}))
    order: list[str] = []

    def interpreter(entry: Any, cache: Path) -> str:
        order.append(entry.environment)
        return "python"

    fake(monkeypatch, interpreter, lambda entry, out, python, options, *, of: 0)
    assert environments.judge([kept, lost], tmp_path, tmp_path, []) == [0, 0]
    assert order == ["ncnn"]


def test_an_environment_that_cannot_be_made_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interpreter(entry: Any, cache: Path) -> str:
        raise OSError("no room")

    fake(monkeypatch, interpreter, lambda entry, out, python, options, *, of: len(python()))
    with pytest.raises(OSError, match="no room"):
        environments.judge([CATALOGUE["torch"]], tmp_path, tmp_path, [])
