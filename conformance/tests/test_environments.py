"""What a record is made of, and what is said of those that cannot be run."""

from __future__ import annotations

import json
from pathlib import Path

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
