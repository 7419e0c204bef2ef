"""The inventory against SPEC.md's own tables, and the errors of looking something up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from convt_spec import clauses
from convt_spec.clauses import STATUSES, Clause, UnknownName, clause, find, inventory, rulings, specification

TEXT = specification()
STATEMENTS = {
    row[0]: row[1]
    for row in re.findall(r"^\| (T\d+) \| [^|]+ \| [^|]+ \| ([^|]+) \|$", TEXT.split("\n## Statements")[1], flags=re.MULTILINE)
}
"""The last column of the table of statements: clause ids, or why there are none."""


def cited(statement: str) -> set[str]:
    return set() if STATEMENTS[statement].startswith("none: ") else set(STATEMENTS[statement].split(", "))


def kinds() -> set[str]:
    table = TEXT.split("| kind | what is checked |")[1].split("\n\n")[0]
    return {name for row in re.findall(r"^\| ([a-z, ]+) \|", table, flags=re.MULTILINE) for name in row.split(", ")}


def each_clause() -> list[Clause]:
    return list(inventory().values())


def test_every_heading_with_an_id_is_a_clause_in_order() -> None:
    headings = [line.split()[1].rstrip(".") for line in TEXT.splitlines() if line.startswith("#### ")]
    assert list(inventory()) == headings
    assert len(headings) > 60


def test_ids_run_from_1_under_their_letter() -> None:
    letters = list(dict.fromkeys(name[0] for name in inventory()))
    numbers = {letter: [int(name[1:]) for name in inventory() if name[0] == letter] for letter in letters}
    assert numbers == {letter: list(range(1, len(found) + 1)) for letter, found in numbers.items()}
    assert re.findall(r"^### ([A-Z])\. ", TEXT, flags=re.MULTILINE) == letters


def test_statements_are_numbered_in_order_without_a_gap() -> None:
    assert list(STATEMENTS) == [f"T{number}" for number in range(1, 42)]


def test_clauses_and_statements_name_each_other() -> None:
    from_clauses = {(statement, each.id) for each in each_clause() for statement in each.statements}
    from_statements = {(statement, name) for statement in STATEMENTS for name in cited(statement)}
    assert from_clauses == from_statements


def test_statements_without_a_clause_say_why() -> None:
    assert {name for name in STATEMENTS if not cited(name)} == {"T1", "T9", "T10", "T41"}


@pytest.mark.parametrize("name", list(inventory()))
def test_each_clause_is_complete(name: str) -> None:
    found = inventory()[name]
    assert found.id == name
    assert found.status in STATUSES
    assert found.kind in kinds()
    assert found.ruling in found.readings
    assert len(set(found.readings)) == len(found.readings)
    assert len(set(found.statements)) == len(found.statements) >= 1
    assert len(found.text) >= 50
    assert not re.search(r"^(\* (kind|status|ruling)|#)", found.text, flags=re.MULTILINE)
    assert not found.title.endswith(".")


@pytest.mark.parametrize("name", list(inventory()))
def test_the_status_fits_the_readings(name: str) -> None:
    found = inventory()[name]
    assert found.has_readings == (found.status in ("ambiguous", "contradictory"))
    if not found.has_readings:
        assert found.readings == ({"sound": "as-printed", "implied": "as-implied"}[found.status],)


@pytest.mark.parametrize("found", [each for each in each_clause() if each.has_readings], ids=lambda each: each.id)
def test_several_readings_are_each_explained_and_the_ruling_is_justified(found: Clause) -> None:
    assert re.findall(r"^\* `([^`]+)`: ", found.text, flags=re.MULTILINE) == list(found.readings)
    assert found.text.count("\nRuling: ") == 1


def test_kinds_and_statuses_are_all_in_use() -> None:
    assert {each.kind for each in each_clause()} == kinds()
    assert {each.status for each in each_clause()} == set(STATUSES)


def test_one_clause_in_full() -> None:
    found = find("W2")
    assert (found.title, found.statements) == ("The kernel's axes, several groups", ("T6", "T7", "T31"))
    assert (found.kind, found.status) == ("kernel", "contradictory")
    assert (found.readings, found.ruling) == (("in-out", "out-in", "undivided"), "in-out")
    assert found.text.startswith("With groups the overview divides")
    assert found.text.endswith("no statement of the document decides it.")


def test_rulings_are_one_listed_reading_of_every_clause() -> None:
    assert list(rulings()) == list(inventory())
    assert all(reading in find(name).readings for name, reading in rulings().items())
    assert (rulings()["S3"], rulings()["O3"], rulings()["I1"], rulings()["A1"]) == ("inverse-end", "closed", "as-implied", "as-printed")


@pytest.mark.parametrize(("name", "near"), [("S33", "S3"), ("A121", "A12"), ("O33", "O3")])
def test_an_unknown_clause_names_near_ones(name: str, near: str) -> None:
    with pytest.raises(UnknownName) as raised:
        find(name)
    listed = str(raised.value).split("near it: ")[1].split(";")[0]
    assert near in listed.split(", ")
    assert repr(name) in str(raised.value)


@pytest.mark.parametrize("name", ["S3", "A1", "I15"])
def test_a_clause_in_lower_case_is_unknown_and_its_own_nearest(name: str) -> None:
    with pytest.raises(UnknownName, match=f"^unknown clause '{name.lower()}'; near it: {name}[,;]"):
        find(name.lower())


def test_an_unknown_clause_like_no_other_names_the_range() -> None:
    with pytest.raises(UnknownName, match=r"^unknown clause 'nothing'; clauses run from A1 to I18, see `convt explain`$"):
        find("nothing")


BODY = "* stands in: T1, T2\n* kind: values\n* status: {status}\n* readings: `one`, `two`\n* ruling: `{ruling}`\n\nSome words.\n"


def test_a_body_becomes_a_clause() -> None:
    body = BODY.format(status="ambiguous", ruling="two") + "\n### Z. Another chapter\n\nOther words.\n"
    assert clause("Z1", " A title ", body) == Clause(
        id="Z1",
        title="A title",
        statements=("T1", "T2"),
        kind="values",
        status="ambiguous",
        readings=("one", "two"),
        ruling="two",
        text="Some words.",
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (BODY.format(status="odd", ruling="two"), "status='odd'"),
        (BODY.format(status="sound", ruling="three"), "ruling='three'"),
        (BODY.format(status="sound", ruling="two").replace("* kind: values\n", ""), "missing kind"),
        ("Only words.", "missing kind, readings, ruling, stands in, status"),
    ],
)
def test_a_body_that_makes_no_sense_is_an_error(body: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as raised:
        clause("Z7", "A title", body)
    assert "clause Z7" in str(raised.value)


def test_a_missing_specification_is_an_error_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clauses, "__file__", str(tmp_path / "package" / "clauses.py"))
    with pytest.raises(FileNotFoundError, match="install convt again"):
        specification()


def test_the_installed_specification_comes_before_the_one_of_the_source_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "package"
    package.mkdir()
    monkeypatch.setattr(clauses, "__file__", str(package / "clauses.py"))
    (tmp_path / "SPEC.md").write_text("the source tree's", encoding="utf-8")
    assert specification() == "the source tree's"
    (package / "SPEC.md").write_text("the package's", encoding="utf-8")
    assert specification() == "the package's"


def test_the_specification_is_in_our_own_words() -> None:
    """No letters of the scripts in which the document may be written: CJK, kana, hangul, full-width forms."""
    assert re.findall(r"[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]", TEXT) == []
