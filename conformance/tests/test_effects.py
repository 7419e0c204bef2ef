"""What calls left changed around them is told in the table and in the record."""

from __future__ import annotations

from pathlib import Path

import pytest
from runs import SEED, convt, use_few_laws
from strangers import EVEN, ODD, named

from convt_conformance.effects import Effect, Effects
from convt_conformance.outcomes import Computed, Rejected
from convt_conformance.records import read
from convt_spec.case import Case

SMALL, LARGE = sorted((Case.parse(EVEN), Case.parse(ODD)), key=lambda case: case.size)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_call_that_moves_elsewhere_is_told_and_conforms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    use_few_laws(monkeypatch, "V1 B1")
    ran = convt("check", named("moves"), "--level", "smoke", "--seed", SEED, "--out", tmp_path, "--jobs", jobs)
    assert ran.code == 0
    (effect,) = read(tmp_path / "strangers.py-moves.jsonl").footer["effects"]
    assert effect["what"] == "working directory"
    assert effect["cases"] > 1
    problem = Case.parse(effect["case"]).problem
    assert (problem.in_channels if problem.layout == "NLC" else problem.length) == 3, "the stranger moves there"
    assert f"working directory ({effect['cases']} cases), such as {effect['case']}" in ran.out


def test_nothing_is_told_of_a_call_that_leaves_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_few_laws(monkeypatch, "B1")
    ran = convt("check", named("right"), "--level", "smoke", "--seed", SEED, "--out", tmp_path)
    assert "left changed" not in ran.out
    assert read(tmp_path / "strangers.py-right.jsonl").footer["effects"] == []


def test_effects_are_counted_with_their_smallest_case() -> None:
    first, second = Effects(), Effects()
    first.note(LARGE, Computed(array=None, dtype="list", effects=("alarm", "environment")))
    second.note(SMALL, Computed(array=None, dtype="list", effects=("environment",)))
    second.note(SMALL, Rejected(error="ValueError", message=""))
    first.update(second)
    assert first.found == {"alarm": Effect(cases=1, smallest=LARGE), "environment": Effect(cases=2, smallest=SMALL)}
    assert [part["what"] for part in first.parts()] == ["environment", "alarm"]
