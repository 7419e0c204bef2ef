"""Which records a report takes, which it refuses and how, and what it calls them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from convt_conformance.records import Record, RecordError
from convt_reports.load import labels, load, printable

MakeFile = Callable[..., Path]
MakeRecord = Callable[..., Record]


def names(records: list[Record]) -> list[tuple[str, str]]:
    return [(record.name, record.version) for record in records]


def assert_refused(paths: list[Path], *words: str) -> None:
    with pytest.raises(RecordError) as caught:
        load(paths)
    missing = [word for word in words if word not in str(caught.value)]
    assert not missing, f"the message lacks {missing}: {caught.value}"


def test_files_and_folders_are_accepted_and_sorted(record_file: MakeFile, tmp_path: Path) -> None:
    record_file("beta", "2")
    record_file("beta", "1")
    elsewhere = tmp_path / "alone.jsonl"
    record_file("alpha", "9").rename(elsewhere)
    (tmp_path / "records" / "notes.txt").write_text("no record")
    assert names(load([tmp_path / "records", elsewhere])) == [("alpha", "9"), ("beta", "1"), ("beta", "2")]


def test_the_same_file_given_twice_counts_once(record_file: MakeFile) -> None:
    path = record_file()
    assert names(load([path, path.parent, path.parent / ".." / path.parent.name / path.name])) == [("alpha", "1.0")]


def test_two_records_of_one_implementation_are_refused_by_name(record_file: MakeFile) -> None:
    one, other = record_file(file="first.jsonl"), record_file(file="second.jsonl")
    assert_refused([one, other], str(one), str(other), "alpha 1.0", "give one")


def test_a_folder_without_records_is_refused_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "record.json").write_text("{}")
    assert_refused([tmp_path], str(tmp_path), "no records", "convt check")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda lines: [], ["is empty"]),
        (lambda lines: lines[:-1], ["no footer", "cut short"]),
        (lambda lines: [lines[0].replace('"schema": 1', '"schema": 99'), *lines[1:]], ["schema version 99"]),
        (lambda lines: [lines[0], "{half a li", *lines[1:]], ["line 2", "no JSON"]),
        (lambda lines: lines[1:], ["does not start with a header"]),
        (lambda lines: [lines[0], *lines[2:]], ["lines are missing"]),
        (lambda lines: [line.replace('"V1"', '"V999"') for line in lines], ["unknown clauses, V999"]),
    ],
    ids=["empty", "no-footer", "schema", "no-json", "no-header", "line-missing", "unknown-clause"],
)
def test_what_is_no_whole_record_is_refused(record_file: MakeFile, change: Callable[[list[str]], list[str]], words: list[str]) -> None:
    path = record_file()
    path.write_text("\n".join(change(path.read_text().splitlines())))
    assert_refused([path], str(path), *words)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert_refused([tmp_path / "none.jsonl"], "none.jsonl", "cannot be read")


def test_labels_carry_the_version_only_where_it_is_needed(record: MakeRecord) -> None:
    records = [record("beta", "1"), record("alpha", "1"), record("alpha", "2"), record("title", "3")]
    assert list(labels(records)) == ["alpha 1", "alpha 2", "beta", "title 3"]
    assert labels(records)["alpha 2"].version == "2"


def test_printable_texts_hold_nothing_that_a_page_cannot(record_file: MakeFile) -> None:
    path = record_file(results=[{"clause": "V1", "reason": "PLACE"}])
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    lines[1]["reason"] = "two\nlines\x00\u202e\ud800 é 好"
    path.write_text("\n".join(json.dumps(line) for line in lines))
    found = printable(load([path])[0])
    assert found.results[0]["reason"] == "two lines\ufffd\ufffd\ufffd é 好"
    assert found.results[0]["judged"] == 5
