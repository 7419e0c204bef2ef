"""`convt explain`: one clause, all clauses, and who follows which reading."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from runs import SEED, assert_error, convt, process, use_few_laws
from strangers import named

from convt_spec import clauses


@pytest.mark.parametrize("name", clauses.inventory())
def test_every_clause_can_be_explained(name: str) -> None:
    clause = clauses.find(name)
    ran = convt("explain", name)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"{name}. {clause.title}\n")
    for word in (*clause.readings, *clause.statements, clause.status, clause.text):
        assert word in ran.out


def test_without_a_clause_all_are_listed() -> None:
    ran = convt("explain")
    assert (ran.code, ran.err) == (0, "")
    assert [line.split()[0] for line in ran.out.splitlines()] == list(clauses.inventory())


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    out = tmp_path_factory.mktemp("records")
    with pytest.MonkeyPatch.context() as patch:
        use_few_laws(patch, "A18 W3")
        convt("check", named("right"), named("reversed_kernel"), "--level", "smoke", "--seed", SEED, "--out", out)
    return sorted(out.glob("*.jsonl"))


def test_records_say_who_follows_which_reading(records: list[Path]) -> None:
    ran = convt("explain", "A18", "--records", *records)
    assert (ran.code, ran.err) == (0, "")
    lines = {line.split()[0]: line for line in ran.out.splitlines() if line.startswith(str(named("")))}
    assert "conforms, follows refused" in lines[f"{named('right')}"]
    assert "conforms" in lines[f"{named('reversed_kernel')}"]
    assert f"{named('reversed_kernel')} unversioned: deviates; smallest case " in convt("explain", "W3", "--records", *records).out


def test_a_clause_that_a_record_did_not_judge_is_said_so(records: list[Path]) -> None:
    ran = convt("explain", "V1", "--records", records[0])
    assert ran.code == 0
    assert ran.out.rstrip().endswith("not judged")


def test_the_clause_may_stand_after_the_records(records: list[Path]) -> None:
    ran = convt("explain", "--records", records[0], "S3")
    assert ran.out.startswith("S3. ") or ran.code == 2


def test_a_damaged_record_is_refused(tmp_path: Path, records: list[Path]) -> None:
    text = records[0].read_text(encoding="utf-8")
    (tmp_path / "part.jsonl").write_text(text[: len(text) // 2], encoding="utf-8")
    assert_error(convt("explain", "S3", "--records", tmp_path / "part.jsonl"), 2, str(tmp_path / "part.jsonl"), "make it again")


def test_a_reader_that_goes_away_is_no_error() -> None:
    line = [sys.executable, "-m", "convt", "explain"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as ran:
        assert ran.stdout
        assert ran.stderr
        ran.stdout.close()
        assert ran.stderr.read() == b""
    assert ran.returncode == 141


def test_a_terminal_that_knows_ascii_only_gets_an_answer() -> None:
    ran = process("-m", "convt", "explain", "S3", PYTHONIOENCODING="ascii")
    assert (ran.code, ran.err) == (0, "")
