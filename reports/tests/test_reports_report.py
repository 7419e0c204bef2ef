"""The folder of a report: all files, the same bytes for the same records, and nothing half-written."""

from __future__ import annotations

import csv
import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from convt_conformance.records import Record
from convt_reports import report, tables, write_report

NAMES = {
    *(f"tables/{table.name}.{ending}" for table in tables.TABLES for ending in ("csv", "json", "md")),
    *("report.md", "index.html", "junit.xml"),
}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_all_files_are_written_and_named(three: list[Record], tmp_path: Path) -> None:
    out = tmp_path / "new" / "report"
    written = write_report(three, out)
    assert {path.relative_to(out).as_posix() for path in written} == NAMES == set(contents(out))
    assert sorted(path.name for path in out.iterdir()) == ["index.html", "junit.xml", "report.md", "tables"]
    assert all(contents(out).values())


def test_csv_and_json_hold_what_the_tables_hold(three: list[Record], tmp_path: Path) -> None:
    write_report(three, tmp_path)
    for name, frame in tables.build(three).items():
        objects = json.loads((tmp_path / "tables" / f"{name}.json").read_text())
        with (tmp_path / "tables" / f"{name}.csv").open(newline="") as file:
            lines = list(csv.DictReader(file))
        assert len(objects) == len(lines) == len(frame)
        assert bool(objects) == (name != "exports")  # none of the three is a route
        assert all(list(each) == list(frame.columns) for each in (*objects[:1], *lines[:1]))
        for one, other in zip(objects, lines, strict=True):
            assert {key: "" if value is None else str(value) for key, value in one.items()} == other


def test_the_same_records_give_the_same_bytes_in_any_order(three: list[Record], tmp_path: Path) -> None:
    write_report(three, tmp_path / "one")
    write_report(three, tmp_path / "two")
    write_report(three[::-1], tmp_path / "three")
    assert contents(tmp_path / "one") == contents(tmp_path / "two") == contents(tmp_path / "three")


def test_the_order_of_laws_in_a_record_does_not_matter(three: list[Record], tmp_path: Path) -> None:
    turned = [replace(each, results=each.results[::-1], answers=each.answers[::-1]) for each in three]
    write_report(three, tmp_path / "one")
    write_report(turned, tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_an_earlier_report_is_replaced_and_other_files_stay(three: list[Record], tmp_path: Path) -> None:
    write_report(three, tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    write_report(three[:1], tmp_path / "out")
    write_report(three[:1], tmp_path / "fresh")
    assert contents(tmp_path / "out") == {**contents(tmp_path / "fresh"), "notes.txt": b"mine"}


@pytest.mark.parametrize("name", ["table_files", "report_page", "index_page", "junit"])
def test_a_part_that_fails_leaves_everything_as_it_was(
    name: str, three: list[Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_report(three[:1], tmp_path / "old")
    before = contents(tmp_path / "old")

    def broken(*_: Any) -> str:
        raise RuntimeError("half-way")

    monkeypatch.setattr(report, name, broken)
    for folder in ("old", "new"):
        with pytest.raises(RuntimeError, match="half-way"):
            write_report(three, tmp_path / folder)
    assert contents(tmp_path / "old") == before
    assert not (tmp_path / "new").exists()


def test_a_disk_that_fills_up_leaves_everything_as_it_was(three: list[Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_report(three[:1], tmp_path)
    before = sorted(tmp_path.rglob("*")), contents(tmp_path)
    write_text, written = Path.write_text, []

    def full(path: Path, *args: Any, **kwargs: Any) -> int:
        written.append(path)
        if len(written) == 5:
            raise OSError(28, "No space left on device")
        return write_text(path, *args, **kwargs)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space left"):
        write_report(three, tmp_path)
    assert len(written) == 5
    assert (sorted(tmp_path.rglob("*")), contents(tmp_path)) == before


def test_a_folder_in_the_place_of_a_file_is_named_before_anything_is_moved(three: list[Record], tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "junit.xml").mkdir(parents=True)
    with pytest.raises(IsADirectoryError, match=r"junit\.xml is a folder"):
        write_report(three, out)
    assert contents(out) == {}


def test_no_file_holds_characters_that_cannot_be_shown(record: Callable[..., Record], tmp_path: Path) -> None:
    seen = ("case\x07", "two\nlines\x00", "\u202ereversed")
    out = tmp_path / "out"
    write_report([record(results=[{"clause": "V1", "verdict": "deviates", "kind": "value", "evidence": seen}])], out)
    ElementTree.parse(out / "junit.xml")
    assert "two lines\ufffd" in (out / "tables" / "deviations.csv").read_text()
    for name, content in contents(out).items():
        assert all(letter.isprintable() or letter == "\n" for letter in content.decode()), name


def test_a_report_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one record"):
        write_report([], tmp_path)
    assert contents(tmp_path) == {}
