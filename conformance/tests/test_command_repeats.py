"""The same seed gives the same results, in one process or in several."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from runs import SEED, Ran, convt, few_laws_program, process, use_few_laws
from strangers import named

from convt_conformance.records import read

CLAUSES = "E1 W3 R1 V7 A13 A18"


class Run:
    """What one run printed, and everything in its record but when it was and how long it took."""

    def __init__(self, ran: Ran, out: Path) -> None:
        (path,) = out.iterdir()
        record = read(path)
        self.ran, self.printed = ran, ran.out.splitlines()[:-1]
        self.results = sorted(record.results, key=lambda result: str(result["law"]))
        self.others = {"answers": record.answers, "coverage": record.coverage, "judged": record.footer["judged"]}


def line(seed: object, out: Path) -> list[Any]:
    return ["check", named("reversed_kernel"), "--level", "smoke", "--seed", seed, "--out", out]


def alone(out: Path, seed: object = SEED) -> Run:
    with pytest.MonkeyPatch.context() as patch:
        use_few_laws(patch, CLAUSES)
        return Run(convt(*line(seed, out)), out)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return alone(tmp_path_factory.mktemp("run") / "first")


def assert_same(one: Run, other: Run) -> None:
    assert (one.ran.code, one.ran.err) == (other.ran.code, other.ran.err) == (1, "")
    assert one.results == other.results
    assert one.others == other.others
    assert one.printed == other.printed


def test_the_same_seed_gives_the_same_lines(tmp_path: Path, first: Run) -> None:
    assert_same(first, alone(tmp_path / "out"))


def test_two_processes_give_the_lines_of_one(tmp_path: Path, first: Run) -> None:
    ran = process(few_laws_program(tmp_path, CLAUSES), *line(SEED, tmp_path / "out"), "--jobs", "2")
    assert_same(first, Run(ran, tmp_path / "out"))


def test_another_seed_gives_other_cases_but_the_same_panel(tmp_path: Path, first: Run) -> None:
    other = alone(tmp_path / "out", seed=2)
    assert first.others["coverage"] != other.others["coverage"]
    assert first.others["answers"] == other.others["answers"]
