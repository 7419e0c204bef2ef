"""Records come back as they were written, and what is no complete record is refused with a reason and a remedy."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from convt_conformance.records import SCHEMA_VERSION, RecordError, Writer, read, schema

Line = dict[str, Any]
HEADER: Line = {
    "convt": "0.1.0",
    "implementation": {"name": "näme", "version": "1", "language": "Python", "home": "", "supports": ["NCL"], "packages": {"numpy": "2"}},
    "seed": 7,
    "level": "smoke",
    "examples": 20,
    "rulings": {"S3": "as-printed"},
    "command": "convt check näme",
    "platform": {"system": "Linux"},
    "started": "2024-05-01T00:00:00+00:00",
}
EVIDENCE: Line = {"case": "N1,C1,M1,L1,K1,float32,int:1", "kind": "value", "observed": "[1]", "required": "[2]\n", "after": []}
RESULT: Line = {
    "line": "result",
    "law": "test_V1_values",
    "clause": "V1",
    "verdict": "deviates",
    "kind": "value",
    "judged": 3,
    "effective": 2,
    "unsupported": 1,
    "refused": 0,
    "avoided": 0,
    "failures": 2,
    "reason": "",
    "follows": [],
    "refuted": {"a": EVIDENCE},
    "evidence": EVIDENCE,
    "listed": {"reason": "r", "link": ""},
}
ANSWER: Line = {"line": "answer", "case": "N1,C1,M1,L1,K1,float32,int:1", "outcome": "computed", "shape": [1, 1, 1], "digest": "0123"}
COVERAGE: Line = {"line": "coverage", "attribute": "stride", "values": {"1": 4, "2": 1}}
FACTS: Line = {
    "judged": 3,
    "stale": ["O3 reading"],
    "seconds": 1.5,
    "effects": [{"what": "working directory", "cases": 2, "case": "N1,C1,M1,L1,K1,float32,int:1"}],
}


def written(path: Path) -> Path:
    with Writer(path, HEADER) as writer:
        for line in (RESULT, ANSWER, COVERAGE):
            writer.write(line)
        writer.finish(complete=True, **FACTS)
    return path


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return written(tmp_path / "some.jsonl")


def change(path: Path, number: int, edit: Callable[[Line], Any]) -> None:
    """Edit the line of this number, counted from 0."""
    lines = path.read_text(encoding="utf-8").split("\n")
    line = json.loads(lines[number])
    edit(line)
    lines[number] = json.dumps(line)
    path.write_text("\n".join(lines), encoding="utf-8")


def assert_refused(path: Path, *words: str) -> None:
    with pytest.raises(RecordError) as found:
        read(path)
    message = str(found.value)
    assert str(path) in message
    assert "\n" not in message
    for word in words:
        assert word in message, message


def test_a_record_comes_back_as_it_was_written(record: Path) -> None:
    found = read(record)
    assert found.header == {"line": "header", "schema": SCHEMA_VERSION, **HEADER}
    assert (found.results, found.answers, found.coverage) == ([RESULT], [ANSWER], {"stride": COVERAGE["values"]})
    assert found.footer == {"line": "footer", "complete": True, "lines": 5, **FACTS}
    assert (found.name, found.version, found.path) == ("näme", "1", record)


def test_each_line_is_on_disk_at_once(tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    with Writer(path, HEADER) as writer:
        writer.write(RESULT)
        assert len(path.read_text(encoding="utf-8").splitlines()) == 2


def test_a_record_without_any_result_can_be_read(tmp_path: Path) -> None:
    with Writer(tmp_path / "none.jsonl", HEADER) as writer:
        writer.finish(complete=False, judged=0, stale=[], seconds=0, effects=[])
    assert read(tmp_path / "none.jsonl").results == []


def test_an_interrupted_record_can_be_read(record: Path) -> None:
    change(record, -2, lambda footer: footer.update(complete=False))
    assert read(record).footer["complete"] is False


def test_blank_lines_do_not_matter(record: Path) -> None:
    record.write_text(record.read_text(encoding="utf-8").replace("\n", "\n\n") + "\n\n", encoding="utf-8")
    assert read(record).results == [RESULT]


@pytest.mark.parametrize("text", ["1\u20282", "1\x852", "1\u20292"])
def test_unusual_line_ends_inside_a_text_do_not_break_a_line(tmp_path: Path, text: str) -> None:
    header = {**HEADER, "implementation": {**HEADER["implementation"], "version": text}}
    with Writer(tmp_path / "some.jsonl", header) as writer:
        writer.finish(complete=True, judged=0, stale=[], seconds=0, effects=[])
    assert read(tmp_path / "some.jsonl").version == text


def test_a_text_that_utf8_does_not_have_can_be_written(tmp_path: Path) -> None:
    with Writer(tmp_path / "some.jsonl", HEADER) as writer:
        writer.write({**RESULT, "reason": "no such file: \udc80"})
        writer.finish(complete=True, **FACTS)
    assert read(tmp_path / "some.jsonl").results[0]["reason"].startswith("no such file: ")


@pytest.mark.parametrize("text", ["", "\n", " \n\n"])
def test_an_empty_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "empty.jsonl").write_text(text)
    assert_refused(tmp_path / "empty.jsonl", "is empty", "convt check")


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert_refused(tmp_path / "missing.jsonl", "No such file")
    assert_refused(tmp_path, "cannot be read")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "odd.jsonl").write_bytes(b"\xff\xfe\x00{")
    assert_refused(tmp_path / "odd.jsonl", "cannot be read", "no text")


def test_a_record_without_header_is_refused(record: Path) -> None:
    record.write_text("\n".join(record.read_text(encoding="utf-8").split("\n")[1:]), encoding="utf-8")
    assert_refused(record, "header", "no record of convt check")


@pytest.mark.parametrize("version", [0, SCHEMA_VERSION + 1, str(SCHEMA_VERSION), None])
def test_another_schema_version_is_refused(record: Path, version: object) -> None:
    change(record, 0, lambda header: header.update(schema=version))
    assert_refused(record, f"schema version {version!r}", f"reads {SCHEMA_VERSION}", "again")


@pytest.mark.parametrize("lines", [1, 2, 3, 4])
def test_a_record_without_footer_is_refused(record: Path, lines: int) -> None:
    record.write_text("\n".join(record.read_text(encoding="utf-8").split("\n")[:lines]), encoding="utf-8")
    assert_refused(record, "no footer", "convt check")


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_record_cut_in_the_middle_of_a_line_is_refused(record: Path, share: float) -> None:
    text = record.read_text(encoding="utf-8")
    record.write_text(text[: int(len(text) * share)], encoding="utf-8")
    assert_refused(record, "is no JSON", "truncated", "again")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_footer_that_counts_other_lines_is_refused(record: Path, number: int) -> None:
    lines = record.read_text(encoding="utf-8").split("\n")
    record.write_text("\n".join([*lines[:number], *lines[number + 1 :]]), encoding="utf-8")
    assert_refused(record, "holds 4 lines", "footer says 5", "lines are missing")
    record.write_text("\n".join([*lines[:number], lines[number], *lines[number:]]), encoding="utf-8")
    assert_refused(record, "holds 6 lines")


def test_a_law_that_stands_twice_is_refused(record: Path) -> None:
    lines = record.read_text(encoding="utf-8").split("\n")
    record.write_text("\n".join([*lines[:2], lines[1], *lines[3:]]), encoding="utf-8")
    assert_refused(record, f"the law {RESULT['law']} twice", "again")


def test_two_records_in_one_file_are_refused(record: Path) -> None:
    record.write_text(record.read_text(encoding="utf-8") * 2, encoding="utf-8")
    assert_refused(record)


@pytest.mark.parametrize("kind", ["header", "footer"])
def test_a_second_header_or_footer_is_refused(record: Path, kind: str) -> None:
    lines = record.read_text(encoding="utf-8").strip().split("\n")
    record.write_text("\n".join([*lines[:2], lines[0 if kind == "header" else -1], *lines[2:]]), encoding="utf-8")
    assert_refused(record, "line 3", kind)


NO_LINES = {"this is no JSON": "no JSON", "{'line': 'header'}": "no JSON"} | dict.fromkeys(["[1, 2]", "3", '"a"', "null"], "no JSON object")


@pytest.mark.parametrize("text", NO_LINES)
@pytest.mark.parametrize("place", [0, 1, 5])
def test_a_line_that_is_no_object_is_refused(record: Path, text: str, place: int) -> None:
    lines = record.read_text(encoding="utf-8").strip().split("\n")
    lines.insert(place, text)
    record.write_text("\n".join(lines), encoding="utf-8")
    assert_refused(record, f"line {place + 1}", NO_LINES[text])


@pytest.mark.parametrize("text", ["1" * 5000, "[" * 100_000], ids=["a long number", "many brackets"])
def test_a_line_that_python_cannot_parse_is_refused(record: Path, text: str) -> None:
    record.write_text(record.read_text(encoding="utf-8") + text + "\n", encoding="utf-8")
    assert_refused(record, "line 6")


@pytest.mark.parametrize("kind", ["results", None, 3, "", ["result"]])
def test_a_line_of_unknown_kind_is_refused(record: Path, kind: object) -> None:
    change(record, 2, lambda line: line.update(line=kind))
    assert_refused(record, "line 3", "unknown kind", "again")


FOOTER: Line = {"line": "footer", "complete": True, "lines": 5, **FACTS}
LINES = {0: {"line": "header", "schema": SCHEMA_VERSION, **HEADER}, 1: RESULT, 2: ANSWER, 3: COVERAGE, 4: FOOTER}
FIELDS = [(number, name) for number, line in LINES.items() for name in line if name not in ("line", "schema")]


@pytest.mark.parametrize(("number", "name"), FIELDS)
def test_a_missing_field_is_refused(record: Path, number: int, name: str) -> None:
    change(record, number, lambda line: line.pop(name))
    assert_refused(record, f"line {number + 1}", "schema", name)


@pytest.mark.parametrize(("number", "name"), FIELDS)
def test_a_field_of_another_type_is_refused(record: Path, number: int, name: str) -> None:
    change(record, number, lambda line: line.update({name: [{}]}))
    assert_refused(record, f"line {number + 1}", "schema", f"at {name}")


@pytest.mark.parametrize("number", LINES)
def test_an_unknown_field_is_refused(record: Path, number: int) -> None:
    change(record, number, lambda line: line.update(odd=1))
    assert_refused(record, f"line {number + 1}", "odd")


NESTED: dict[str, tuple[int, Callable[[Line], Any]]] = {
    "implementation": (0, lambda line: line["implementation"].pop("version")),
    "implementation/packages/numpy": (0, lambda line: line["implementation"]["packages"].update(numpy=2)),
    "rulings/S3": (0, lambda line: line["rulings"].update(S3=None)),
    "examples": (0, lambda line: line.update(examples=0)),
    "verdict": (1, lambda line: line.update(verdict="wrong")),
    "kind": (1, lambda line: line.update(kind="odd")),
    "clause": (1, lambda line: line.update(clause="1V")),
    "judged": (1, lambda line: line.update(judged=-1)),
    "refuted/a": (1, lambda line: line["refuted"]["a"].pop("case")),
    "evidence": (1, lambda line: line["evidence"].pop("observed")),
    "listed": (1, lambda line: line["listed"].pop("link")),
    "outcome": (2, lambda line: line.update(outcome="odd")),
    "shape/0": (2, lambda line: line.update(shape=[-1])),
    "values/1": (3, lambda line: line["values"].update({"1": 0.5})),
    "stale/0": (4, lambda line: line.update(stale=[1])),
    "seconds": (4, lambda line: line.update(seconds=-1)),
}


@pytest.mark.parametrize("place", NESTED)
def test_a_wrong_value_is_refused_at_its_place(record: Path, place: str) -> None:
    number, edit = NESTED[place]
    change(record, number, edit)
    assert_refused(record, f"line {number + 1}", f"at {place}")


def test_the_schema_is_a_valid_one_and_describes_every_kind_of_line() -> None:
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(schema())
    kinds = {each["$ref"].rpartition("/")[2] for each in schema()["oneOf"]}
    assert kinds == {"header", "claim", "result", "answer", "cause", "power", "coverage", "footer"}
    for line in LINES.values():
        Draft202012Validator(schema()).validate(line)
