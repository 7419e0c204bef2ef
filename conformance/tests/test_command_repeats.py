"""The same seed gives the same results, in one process or in several."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from strangers import SEED, convt, few_laws_program, named, process, use_few_laws

from convt_conformance.records import read

CLAUSES = "E1 W3 R1 S3 V7 I14 A13 O3"


def run_in_several(tmp_path: Path, out: Path, name: str, jobs: int) -> None:
    line = ["check", name, "--level", "smoke", "--seed", SEED, "--jobs", jobs, "--out", out]
    ran = process(few_laws_program(tmp_path, CLAUSES), *line)
    assert (ran.code, ran.err) == (1 if "reversed" in name else 0, ""), ran


def lines(out: Path) -> dict[str, Any]:
    """Everything in a record but how long it took and when."""
    (path,) = out.iterdir()
    record = read(path)
    results = sorted(record.results, key=lambda result: str(result["law"]))
    return {"results": results, "answers": record.answers, "coverage": record.coverage, "judged": record.footer["judged"]}


@pytest.mark.parametrize("name", ["right", "reversed_kernel"])
def test_the_same_seed_gives_the_same_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    use_few_laws(monkeypatch, CLAUSES)
    for out in ("first", "second"):
        convt("check", named(name), "--level", "smoke", "--seed", SEED, "--out", tmp_path / out)
    assert lines(tmp_path / "first") == lines(tmp_path / "second")


def test_another_seed_gives_other_cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_few_laws(monkeypatch, CLAUSES)
    for seed in ("1", "2"):
        convt("check", named("right"), "--level", "smoke", "--seed", seed, "--out", tmp_path / seed)
    first, second = lines(tmp_path / "1"), lines(tmp_path / "2")
    assert first["coverage"] != second["coverage"]
    assert first["answers"] == second["answers"]


@pytest.mark.parametrize("name", ["reversed_kernel"])
def test_two_processes_give_the_lines_of_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    use_few_laws(monkeypatch, CLAUSES)
    convt("check", named(name), "--level", "smoke", "--seed", SEED, "--out", tmp_path / "one")
    run_in_several(tmp_path, tmp_path / "two", named(name), 2)
    assert lines(tmp_path / "one") == lines(tmp_path / "two")


def test_the_printed_result_is_the_same_from_two_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_few_laws(monkeypatch, CLAUSES)
    line = ["check", named("right"), "--level", "smoke", "--seed", SEED]
    alone = convt(*line, "--out", tmp_path / "one").out
    together = process(few_laws_program(tmp_path, CLAUSES), *line, "--jobs", "2", "--out", tmp_path / "two").out
    assert alone.splitlines()[:-1] == together.splitlines()[:-1]
