"""The result of mutation testing in a report: read with care, shown whole."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import survivors
from beside import page, summary, written

from convt_conformance.records import Record, RecordError
from convt_reports import write_report
from convt_reports.extras import Extras
from convt_reports.markdown import table_page
from convt_reports.mutants import KINDS, Mutants, figure_table, load_mutants, mutants_table, survivor_table

LEFT = {
    "file": "geometry.py",
    "function": "plan",
    "line": "left = extent // 2",
    "mutated": "left = extent | 2",
    "kind": "equivalent",
    "reason": "extent is 2",
}


def result(*left: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """What `nox -s mutants` writes: 20 mutants killed by tests, two of them by the time limit, 3 by the laws only, and the survivors."""
    about = {"tool": "mutmut 3.1", "python": "3.11.4", "numpy": "2.1.3", "date": "2031-05-04"}
    counts = {"mutants": 23 + len(left), "killed_by_tests": 20, "timeouts": 2, "killed_only_by_laws": 3}
    return {**about, **counts, "survivors": list(left), **facts}


@pytest.fixture
def mutants(tmp_path: Path) -> Mutants:
    return load_mutants(
        written(tmp_path / "mutants.json", result(LEFT, {**LEFT, "mutated": "left = 7", "kind": "unexplained", "reason": ""}))
    )


@pytest.mark.parametrize(
    "value",
    [
        *("", "[]", "[" * 100_000, {}),
        *(result(survivors=7), result({"file": "alone.py"}), result(survivors=["geometry.py"])),
        *(result(mutants="23"), result(mutants=23.5), result(mutants=math.inf)),
        *(result(mutants=22), result(timeouts=21), result(timeouts=-1), result(killed_by_tests=24, killed_only_by_laws=-1)),
    ],
    ids=["empty", "list", "nested", "object", "survivors", "fields", "text", "word", "half", "infinity", "sum", "limit", "before", "below"],
)
def test_what_is_no_result_is_refused_with_the_remedy(value: Any, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"mutants\.json is no result of mutation testing: make it with `nox -s mutants`"):
        load_mutants(written(tmp_path / "mutants.json", value))


def test_a_result_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"cannot read the result of mutation testing .*none\.json: No such file"):
        load_mutants(tmp_path / "none.json")


def test_the_kinds_mean_what_the_maker_of_the_file_says() -> None:
    assert {kind: meaning for kind, meaning in KINDS.items() if kind != "unexplained"} == survivors.KINDS


def test_the_published_result_is_taken() -> None:
    published = load_mutants(Path(__file__).parents[1] / "published" / "mutants.json")
    assert published.total > 0 and {each.kind for each in published.survivors} <= set(KINDS)


def test_mutants_are_counted_and_each_survivor_has_a_row(mutants: Mutants) -> None:
    assert figure_table(mutants).to_numpy().tolist() == [[25, 20, 2, 3, 2]]
    table = survivor_table(mutants)
    assert list(table.iloc[0]) == list(LEFT.values())
    assert list(table["kind"]) == ["equivalent", "unexplained"]
    assert list(mutants.kinds) == ["equivalent", "unexplained"]


def test_the_page_shows_the_figures_and_who_is_left(three: list[Record], mutants: Mutants) -> None:
    text = page(three, Extras(mutants=mutants))
    assert '<section id="mutants">' in text and 'href="#mutants"' in text and 'href="tables/mutants.csv"' in text
    assert "Made by mutmut 3.1 with Python 3.11.4 and NumPy 2.1.3 on 2031-05-04." in text
    assert re.findall(r'<tr>((?:<td class="number">\d+</td>){5})</tr>', text) == [
        "".join(f'<td class="number">{count}</td>' for count in (25, 20, 2, 3, 2))
    ]
    assert "<code>left = extent | 2</code>" in text and "extent is 2" in text
    assert "1 left without a reason" in text and '<span class="chip failed">unexplained</span>' in text


def test_the_summary_shows_the_figures_and_who_is_left(three: list[Record], mutants: Mutants) -> None:
    text = summary(three, Extras(mutants=mutants))
    assert "## Mutants\n\n25 small changes" in text and "Made by mutmut 3.1 with Python 3.11.4 and NumPy 2.1.3 on 2031-05-04." in text
    assert "| 25 | 20 | 2 | 3 | 2 |" in text and "* equivalent: no call can tell it from the original" in text
    assert "| `geometry.py` | `plan` | `left = extent // 2` | left = extent \\| 2 | equivalent | extent is 2 |" in text
    assert "* mutants: [CSV](tables/mutants.csv)" in text


def test_none_left_is_said(three: list[Record], tmp_path: Path) -> None:
    found = load_mutants(written(tmp_path / "mutants.json", result()))
    assert "<h3>Left</h3>\n<p>None.</p>" in page(three, Extras(mutants=found))
    assert "### Left\n\nNone.\n\n## Files" in summary(three, Extras(mutants=found))


def test_the_report_without_a_result_does_not_speak_of_one(three: list[Record]) -> None:
    assert "mutant" not in page(three, Extras()).casefold()
    assert "mutant" not in summary(three, Extras()).casefold()


def test_hostile_text_stays_text_on_one_line(three: list[Record], tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script> | `b` {{ 7*7 }}\n\x00\u202e" + "long" * 1000
    facts = dict.fromkeys(("tool", "python", "numpy", "date"), hostile)
    found = load_mutants(written(tmp_path / "mutants.json", result(dict.fromkeys(LEFT, hostile), **facts)))
    table = mutants_table(found)
    texts = [page(three, Extras(mutants=found)), summary(three, Extras(mutants=found)), table_page(table, table.build(()))]
    for text in texts:
        assert "<script" not in text and "{{ 7*7 }}" in text.replace("\\", "") and "long" * 1000 in text
        assert all(letter.isprintable() or letter == "\n" for letter in text)
    assert all(
        line.count("|") - line.count("\\|") == 7
        for text in texts[1:]
        for line in text.splitlines()
        if "longlong" in line and line[0] == "|"
    )


def test_the_files_hold_the_table(three: list[Record], mutants: Mutants, tmp_path: Path) -> None:
    names = {path.relative_to(tmp_path / "out").as_posix() for path in write_report(three, tmp_path / "out", Extras(mutants=mutants))}
    assert {"tables/mutants.csv", "tables/mutants.json", "tables/mutants.md"} <= names
    assert "tables/kills.csv" not in names
    assert json.loads((tmp_path / "out" / "tables" / "mutants.json").read_text())[0] == LEFT


def test_the_command_takes_a_result(record_file: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from convt.command import main

    record, out = str(record_file()), tmp_path / "out"
    assert main(["report", record, "--mutants", str(written(tmp_path / "mutants.json", result(LEFT))), "--out", str(out)]) == 0
    assert (out / "tables" / "mutants.md").is_file()
    assert main(["report", record, "--mutants", str(written(tmp_path / "mutants.json", "{")), "--out", str(out)]) == 2
    assert "is no result of mutation testing" in capsys.readouterr().err
