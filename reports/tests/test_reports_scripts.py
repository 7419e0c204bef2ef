"""The programs of the deviations in a report: read with care, about its records alone, shown whole."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from beside import page, summary, written

from convt_conformance.records import Record, RecordError
from convt_reports import write_report
from convt_reports.extras import Extras
from convt_reports.markdown import table_page
from convt_reports.scripts import SCRIPT_COLUMNS, Scripts, claims, load_scripts, script_figures, script_table, scripts_table

CASE = "N1,C1,M1,L2,K0,float32,int:0"
ROW = {
    "implementation": "alpha",
    "version": "1.0",
    "clauses": ["I3", "V1"],
    "kinds": ["accepts-invalid"],
    "reading": "",
    "listed": False,
    "case": CASE,
    "after": [],
    "shown": "yes",
    "why": "observed [0]; required a refusal",
    "output": ["required: a refusal", "observed: ndarray float32 (1, 1, 1) [0.0]"],
    "command": f"convt repro alpha {CASE} --script",
    "of": "00",
}
LAW = {**ROW, "case": "N1,K1,int:0", "shown": "law", "why": "over 2 calls", "command": "convt repro alpha N1,K1,int:0 --law test"}


def result(*rows: dict[str, Any], **facts: Any) -> dict[str, Any]:
    return {"format": 1, "complete": True, "deviations": list(rows), **facts}


@pytest.fixture
def scripts(tmp_path: Path) -> Scripts:
    words = ("law", "differs", "no", "unsettled")
    return load_scripts(
        written(tmp_path / "scripts.json", result(ROW, *({**LAW, "shown": word, "case": f"{word},int:0"} for word in words)))
    )


@pytest.mark.parametrize(
    "value",
    [
        *("", "[]", "[" * 100_000, {}),
        *(result(format=2), result(complete=False), result(format=math.inf), result(deviations=7), result({"case": CASE})),
        *(result({**ROW, "shown": "perhaps"}), result({**ROW, "clauses": "I3"}), result({**ROW, "after": None}), result("I3")),
    ],
    ids=["empty", "list", "nested", "object", "format", "cut", "infinity", "number", "fields", "word", "text", "nothing", "row"],
)
def test_what_is_no_result_is_refused_with_the_remedy(value: Any, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"scripts\.json is no result of the scripts: make it with `nox -s scripts`"):
        load_scripts(written(tmp_path / "scripts.json", value))


def test_a_result_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"cannot read the result of the scripts .*none\.json: No such file"):
        load_scripts(tmp_path / "none.json")


def test_the_published_result_is_taken() -> None:
    published = load_scripts(Path(__file__).parents[1] / "published" / "scripts.json")
    assert published.scripts and all(each.case and each.command for each in published.scripts)


def test_a_record_claims_each_case_once(three: list[Record]) -> None:
    found = claims(three[0])
    assert [(case, reading) for case, _, reading in found] == [
        ("N1,C1,M1,L1,K1,output_padding=1,float32,int:1", "O3=unbounded"),
        ("N1,C1,M1,L1,K1,output_padding=2,float32,int:1", "O3=closed"),
        (CASE, ""),
        ("N1,C2,M1,L4,K1,flaw=input-rank-2,float32,int:0", ""),
        ("N1,C2,M2,L1,K1,groups=2,bias,float32,int:1", ""),
        ("N1,C1,M1,L1,K1,float32,int:3", ""),
    ] or found
    assert [each.laws for each in found[CASE, (), ""]] == [("test_I3_claim",), ("test_V1_values",)]
    assert [each.listed for each in found["N1,C2,M1,L4,K1,flaw=input-rank-2,float32,int:0", (), ""]] == [True]


def test_a_report_speaks_of_its_own_records(three: list[Record], tmp_path: Path) -> None:
    others = ({**ROW, "version": "0.9"}, {**ROW, "implementation": "delta"}, {**ROW, "case": "gone,int:0"}, {**ROW, "after": [CASE]})
    found = load_scripts(written(tmp_path / "scripts.json", result(ROW, *others))).about(three[:1])
    assert [each.case for each in found.scripts] == [CASE]
    assert found.missing == len(claims(three[0])) - 1


def test_deviations_are_counted_by_what_their_programs_show(scripts: Scripts) -> None:
    assert script_figures(scripts).to_numpy().tolist() == [["alpha", "1.0", 5, 1, 1, 2, 1]]
    both = replace(scripts, scripts=(*scripts.scripts, replace(scripts.scripts[0], implementation="beta")))
    assert script_figures(both).to_numpy().tolist()[1:] == [["beta", "1.0", 1, 1, 0, 0, 0], ["all", "", 6, 2, 1, 2, 1]]
    assert scripts.wrong == 3
    table = script_table(scripts)
    assert list(table.columns) == list(SCRIPT_COLUMNS)
    assert table["output"][0] == "required: a refusal / observed: ndarray float32 (1, 1, 1) [0.0]"
    assert (table["clauses"][0], table["listed"][0]) == ("I3, V1", "no")


def test_the_page_shows_the_figures_and_what_is_not_confirmed(three: list[Record], scripts: Scripts) -> None:
    text = page(three, Extras(scripts=replace(scripts, missing=4)))
    assert '<section id="scripts">' in text and 'href="#scripts"' in text and 'href="tables/scripts.csv"' in text
    assert "3 not confirmed" in text and "4 without a program yet" in text
    assert "".join(f'<td class="number">{count}</td>' for count in (5, 1, 1, 2, 1)) in text
    assert '<span class="chip failed">no</span>' in text and '<span class="chip conforms">yes</span>' in text
    assert "<code>observed: ndarray float32 (1, 1, 1) [0.0]</code>" in text
    assert "<summary>By one call: 1</summary>" in text


def test_the_summary_shows_the_figures_and_what_is_not_shown_by_one_call(three: list[Record], scripts: Scripts) -> None:
    text = summary(three, Extras(scripts=scripts))
    assert "## Scripts\n\nEach deviation as a program" in text
    assert "| alpha | 1.0 | 5 | 1 | 1 | 2 | 1 |" in text
    assert "| `law,int:0` | law | over 2 calls | `convt repro alpha N1,K1,int:0 --law test` |" in text
    assert "without a program yet" not in text
    assert "Deviations of these records without a program yet: 4. Run `nox -s scripts`." in summary(
        three, Extras(scripts=replace(scripts, missing=4))
    )


def test_all_shown_is_said(three: list[Record], tmp_path: Path) -> None:
    found = load_scripts(written(tmp_path / "scripts.json", result(ROW)))
    assert "<h3>Not by one call</h3>\n<p>None.</p>" in page(three, Extras(scripts=found)) and "not confirmed" not in page(
        three, Extras(scripts=found)
    )
    assert "### Not by one call\n\nNone.\n\n" in summary(three, Extras(scripts=found))
    none = load_scripts(written(tmp_path / "scripts.json", result()))
    assert "<h2>Scripts</h2>" in page(three, Extras(scripts=none)) and "## Scripts" in summary(three, Extras(scripts=none))


def test_the_report_without_a_result_does_not_speak_of_one(three: list[Record]) -> None:
    assert 'id="scripts"' not in page(three, Extras())
    assert "## Scripts" not in summary(three, Extras())


def test_hostile_text_stays_text_on_one_line(three: list[Record], tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script> | `b` {{ 7*7 }}\n\x00\u202e" + "long" * 1000
    row = {name: [hostile] if isinstance(value, list) else hostile for name, value in LAW.items() if name != "listed"}
    found = load_scripts(written(tmp_path / "scripts.json", result({**row, "listed": True, "shown": "no"})))
    table = scripts_table(found)
    texts = [page(three, Extras(scripts=found)), summary(three, Extras(scripts=found)), table_page(table, table.build(()))]
    for text in texts:
        assert "<script>" not in text and "{{ 7*7 }}" in text.replace("\\", "") and "long" * 1000 in text
        assert all(letter.isprintable() or letter == "\n" for letter in text)


def test_the_files_hold_the_table(three: list[Record], scripts: Scripts, tmp_path: Path) -> None:
    names = {path.relative_to(tmp_path / "out").as_posix() for path in write_report(three, tmp_path / "out", Extras(scripts=scripts))}
    assert {"tables/scripts.csv", "tables/scripts.json", "tables/scripts.md"} <= names
    assert json.loads((tmp_path / "out" / "tables" / "scripts.json").read_text())[0]["case"] == CASE


def test_the_command_takes_a_result(record_file: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from convt.command import main

    record, out = str(record_file()), tmp_path / "out"
    assert main(["report", record, "--scripts", str(written(tmp_path / "scripts.json", result(ROW))), "--out", str(out)]) == 0
    assert (out / "tables" / "scripts.md").is_file()
    assert main(["report", record, "--scripts", str(written(tmp_path / "scripts.json", "{")), "--out", str(out)]) == 2
    assert "is no result of the scripts" in capsys.readouterr().err
