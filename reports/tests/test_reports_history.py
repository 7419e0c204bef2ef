"""The history of releases in a report: read with care, shown whole."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from beside import page, summary, written

from convt_conformance.records import Record, RecordError
from convt_reports import write_report
from convt_reports.extras import Extras
from convt_reports.history import CHANGES, History, change_table, history_table, load_history, release_table
from convt_reports.markdown import table_page

CASE = "N1,C1,M1,L1,K1,stride=0,float32,int:1"
COUNTS = {"conform": 80, "fail": 5, "unsupported": 14, "cases": 2500}


def stood(version: str, verdict: str = "conforms", kinds: tuple[str, ...] = (), follows: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"version": version, "verdict": verdict, "kinds": list(kinds), "follows": list(follows)}


def change(clause: str = "I1", word: str = "mended", **facts: Any) -> dict[str, Any]:
    sides = {"before": stood("1.0", "deviates", ("accepts-invalid",)), "after": stood("2.0")}
    seen = {"case": CASE, "observed_before": "float32 (1, 1, 1) [3]", "observed_after": "ValueError: stride must be above 0"}
    return {"clause": clause, "law": f"test_{clause}_x", "change": word, **sides, **seen, **facts}


def release(version: str, **facts: Any) -> dict[str, Any]:
    return {"version": version, "released": "2030-01", "judged": "laws", "why_not": "", **COUNTS, **facts}


def part(*changed: dict[str, Any], **facts: Any) -> dict[str, Any]:
    missing = {"version": "0.5", "released": "2029-01", "judged": "", "why_not": "AttributeError: no such thing"}
    releases = [missing, release("1.0"), {"version": "2.0", "released": "2031-01", "judged": "cases", "why_not": ""}, release("3.0")]
    run = {"name": "alpha", "seed": 7, "level": "smoke", "examples": 20, "made": "2031-05-04"}
    absent = [{"version": "before 0.5", "why": "no wheel"}]
    return {**run, "releases": releases, "absent": absent, "changes": list(changed), "unconfirmed": [{"clause": "V7"}], **facts}


def whole(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"format": 1, "implementations": list(parts)}


@pytest.fixture
def history(tmp_path: Path) -> History:
    later = {"before": stood("2.0", follows=("closed",)), "after": stood("3.0", follows=("half-open",))}
    reading = change("O3", "reading", **later, case="N1,C1,M1,L1,K1,output_padding=1,float32,int:1")
    return load_history(written(tmp_path / "history.json", whole(part(change(), change("I2"), reading))))


@pytest.mark.parametrize(
    "value",
    [
        *("", "[]", "[" * 100_000, {}),
        *({**whole(), "format": 2}, whole(part(), part()), whole({"name": "alone"}), whole(part(seed=math.inf)), whole(part(seed="7"))),
        *(whole(part(change(word="bettered"))), whole(part(change("Z9"))), whole(part(change(before=stood("0.5"))))),
        *(whole(part(change(after=stood("3.0")))), whole(part(change(after=stood("2.0", "fine"))))),
        *(whole(part(releases=[release("1.0", judged="guessed")])), whole(part(releases=[release("1.0", why_not="broken")]))),
        whole(part(releases=[release("1.0", fail="5")])),
    ],
    ids=[
        *("empty", "list", "nested", "object", "format", "twice", "fields", "infinity", "text", "word", "clause", "not judged"),
        *("not the next", "verdict", "judged", "both", "count"),
    ],
)
def test_what_is_no_history_is_refused_with_the_remedy(value: Any, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"history\.json is no history of releases: make it with `nox -s history\(NAME\)`"):
        load_history(written(tmp_path / "history.json", value))


def test_a_history_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"cannot read the history of releases .*none\.json: No such file"):
        load_history(tmp_path / "none.json")


def test_the_published_history_is_taken() -> None:
    published = load_history(Path(__file__).parents[1] / "published" / "history.json")
    assert published.parts and {each.change for each in published.changes} <= set(CHANGES)


def test_each_change_has_a_row(history: History) -> None:
    table = change_table(history)
    assert list(table["clause"]) == ["I1", "I2", "O3"]
    assert list(table["stood"]) == ["deviates (accepts-invalid)"] * 2 + ["conforms, follows closed"]
    assert list(table["stands"]) == ["conforms", "conforms", "conforms, follows half-open"]
    assert list(table["before"] + " " + table["after"]) == ["1.0 2.0", "1.0 2.0", "2.0 3.0"]


def test_each_release_has_a_row_also_where_it_was_not_judged(history: History) -> None:
    table = release_table(history)
    assert list(table["version"]) == ["before 0.5", "0.5", "1.0", "2.0", "3.0"]
    assert list(table["judged"]) == ["no", "no", "laws", "cases", "laws"]
    assert list(table["why_not"]) == ["no wheel", "AttributeError: no such thing", "", "", ""]
    assert list(table["fail"].fillna(-1)) == [-1, -1, 5, -1, 5]


def test_clauses_that_one_case_shows_stand_together(history: History) -> None:
    assert [[row["clauses"] for row in block["rows"]] for block in history.blocks] == [[["I1", "I2"]], [["O3"]]]
    assert list(history.words) == ["mended", "reading"]


def test_the_page_shows_changes_and_releases(three: list[Record], history: History) -> None:
    text = page(three, Extras(history=history))
    assert '<section id="history">' in text and 'href="#history"' in text and 'href="tables/history.csv"' in text
    assert "<td>I1, I2</td>" in text and '<span class="chip conforms">mended</span>' in text
    assert "AttributeError: no such thing" in text and "2,500" in text and "no wheel" in text
    assert "20 cases per law, seed 7, 2031-05-04; 1 more verdict differs" in text


def test_the_summary_shows_changes_and_releases(three: list[Record], history: History) -> None:
    text = summary(three, Extras(history=history))
    assert "## History" in text and "* mended: the case deviates before and fits since" in text
    assert "| alpha | 1.0 | 2.0 | I1, I2 | mended | deviates (accepts-invalid) | conforms |" in text
    assert "| alpha | 1.0 | 2030-01 | laws | 80 | 5 | 14 | 2500 |  |" in text
    assert "* history: [CSV](tables/history.csv)" in text


def test_no_change_is_said(three: list[Record], tmp_path: Path) -> None:
    found = load_history(written(tmp_path / "history.json", whole(part())))
    assert "<p>None changed.</p>" in page(three, Extras(history=found))
    assert "None." in summary(three, Extras(history=found)).partition("## History")[2]


def test_the_report_without_a_history_does_not_speak_of_one(three: list[Record]) -> None:
    assert 'id="history"' not in page(three, Extras())
    assert "History" not in summary(three, Extras())


def test_hostile_text_stays_text_on_one_line(three: list[Record], tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script> | `b` {{ 7*7 }}\n\x00\u202e" + "long" * 1000
    seen = dict.fromkeys(("case", "observed_before", "observed_after"), hostile)
    absent = [{"version": hostile, "why": hostile}]
    found = load_history(written(tmp_path / "history.json", whole(part(change(**seen), absent=absent, name=hostile, made=hostile))))
    table = history_table(found)
    texts = [page(three, Extras(history=found)), summary(three, Extras(history=found)), table_page(table, table.build(()))]
    for text in texts:
        assert "<script" not in text and "{{ 7*7 }}" in text.replace("\\", "") and "long" * 1000 in text
        assert all(letter.isprintable() or letter == "\n" for letter in text)


def test_the_files_hold_the_table(three: list[Record], history: History, tmp_path: Path) -> None:
    names = {path.relative_to(tmp_path / "out").as_posix() for path in write_report(three, tmp_path / "out", Extras(history=history))}
    assert {"tables/history.csv", "tables/history.json", "tables/history.md"} <= names
    assert len(json.loads((tmp_path / "out" / "tables" / "history.json").read_text())) == 3


def test_the_command_takes_a_history(record_file: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from convt.command import main

    record, out = str(record_file()), tmp_path / "out"
    assert main(["report", record, "--history", str(written(tmp_path / "history.json", whole(part(change())))), "--out", str(out)]) == 0
    assert (out / "tables" / "history.md").is_file()
    assert main(["report", record, "--history", str(written(tmp_path / "history.json", "{")), "--out", str(out)]) == 2
    assert "is no history of releases" in capsys.readouterr().err
