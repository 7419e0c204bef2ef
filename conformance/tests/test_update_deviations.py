"""`convt check --update-deviations` writes what a run found, keeps what people wrote, and takes out what is gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from runs import SEED, Ran, convt, use_few_laws

from convt_conformance.deviations import load
from convt_conformance.records import read

FAULTS = """
__version__ = "2.5"
import convt_impl


def biased(x, weight, bias=None, **given):
    y = convt_impl.conv1d_transpose(x, weight, bias, **given)
    return y + 1 if bias is not None and given.get("groups", 1) != 1 else y


def right(x, weight, bias=None, **given):
    return convt_impl.conv1d_transpose(x, weight, bias, **given)
"""


@pytest.fixture(autouse=True)
def few_laws(monkeypatch: pytest.MonkeyPatch) -> None:
    use_few_laws(monkeypatch, "V1 G1 S1")


def check(tmp_path: Path, name: str, *options: Any) -> Ran:
    (tmp_path / "faults.py").write_text(FAULTS)
    return convt("check", f"{tmp_path}/faults.py:{name}", "--seed", SEED, "--out", tmp_path / "out", *options)


def update(tmp_path: Path, name: str) -> Ran:
    return check(tmp_path, name, "--deviations", tmp_path / "known.toml", "--update-deviations")


def smallest(tmp_path: Path) -> dict[str, str]:
    """The case that each failed law shows."""
    (record,) = (tmp_path / "out").glob("*.jsonl")
    return {each["law"]: each["evidence"]["case"] for each in read(record).results if each["verdict"] == "deviates"}


def test_what_a_run_found_is_written_and_then_known(tmp_path: Path) -> None:
    ran = update(tmp_path, "biased")
    assert ran.code == 1
    assert "0 entries taken out, 1 written; give each a reason" in ran.out
    before = smallest(tmp_path)
    entries = load(tmp_path / "known.toml")
    assert [(each.clauses, each.kinds, each.when, each.versions, each.reason) for each in entries] == [
        (("V1", "G1"), ("value",), "bias and groups > 1", ">=2.5", ""),
    ]
    again = check(tmp_path, "biased", "--deviations", tmp_path / "known.toml")
    assert again.code == 0
    assert again.out.count("listed without a reason") == 1
    assert smallest(tmp_path) == before, "a known deviation has its smallest case too"


def test_what_people_wrote_is_kept(tmp_path: Path) -> None:
    update(tmp_path, "biased")
    text = (tmp_path / "known.toml").read_text()
    text = "# seen by us\n" + text.replace('reason = ""', 'reason = "we know"  # at last', 1)
    (tmp_path / "known.toml").write_text(text)
    assert update(tmp_path, "biased").code == 0
    assert (tmp_path / "known.toml").read_text() == text


def test_what_no_longer_occurs_goes(tmp_path: Path) -> None:
    update(tmp_path, "biased")
    other = '[[deviation]]\nclause = "V1"\nkind = "length"\nversions = "<2"\nreason = "in the old days"\n'
    with (tmp_path / "known.toml").open("a") as file:
        file.write(other)
    ran = update(tmp_path, "right")
    assert "1 entry taken out, 0 written" in ran.out
    assert [each.reason for each in load(tmp_path / "known.toml")] == ["in the old days"]


def test_it_needs_a_file(tmp_path: Path) -> None:
    ran = check(tmp_path, "right", "--update-deviations")
    assert ran.code == 2
    assert "--deviations FILE" in ran.err
