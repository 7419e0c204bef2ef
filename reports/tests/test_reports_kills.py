"""The kill matrix in a report: read with care, shown whole."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from beside import page, written

from convt_conformance.records import Record, RecordError
from convt_reports import tables, write_report
from convt_reports.charts import COLUMN, SIDE, charts
from convt_reports.extras import Extras
from convt_reports.findings import findings
from convt_reports.kills import Kills, family_table, kill_table, load_kills, text_matrix
from convt_reports.markdown import report_page

LAWS = [{"law": "test_A2_default", "clause": "A2"}, {"law": "test_V1_values", "clause": "V1"}, {"law": "test_V1_long", "clause": "V1"}]
SMALLEST = {"case": "N1,C1,M1,L1,K1,float32,int:1", "kind": "value", "observed": "[1] as NCL", "required": "[2] as NCL"}


def line(name: str, family: str, *killed_by: str, wrong: str = "the sum is off") -> dict[str, Any]:
    smallest = SMALLEST if killed_by else None
    return {"name": name, "family": family, "form": "function", "wrong": wrong, "killed_by": list(killed_by), "smallest": smallest}


def matrix(*saboteurs: dict[str, Any]) -> dict[str, Any]:
    given = saboteurs or (
        line("stride-2", "arguments", "test_A2_default"),
        line("reversed", "geometry", "test_V1_values", "test_V1_long"),
        line("unseen", "geometry"),
    )
    return {"format": 1, "seed": 7, "level": "standard", "laws": LAWS, "saboteurs": list(given)}


@pytest.fixture
def kills(tmp_path: Path) -> Kills:
    return load_kills(written(tmp_path / "kills.json", matrix()))


@pytest.mark.parametrize(
    "value",
    [
        *("", "[]", "[" * 100_000, {}),
        *({**matrix(), "format": 2}, {**matrix(), "seed": math.inf}, {**matrix(), "laws": [{"law": "test_A2"}]}, matrix({"name": "alone"})),
    ],
    ids=["empty", "list", "nested", "object", "format", "seed", "law", "saboteur"],
)
def test_what_is_no_matrix_is_refused_with_the_remedy(value: Any, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"kills\.json is no kill matrix: make it with `nox -s kills`"):
        load_kills(written(tmp_path / "kills.json", value))


def test_a_matrix_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"cannot read the kill matrix .*none\.json: No such file"):
        load_kills(tmp_path / "none.json")


def test_saboteurs_are_counted_by_family_and_by_law(kills: Kills) -> None:
    assert family_table(kills).to_numpy().tolist() == [["arguments", 1, 1, 1], ["geometry", 2, 1, 0]]
    table = kill_table(kills)
    assert list(table["laws"]) == [1, 2, 0]
    assert list(table["only_by"]) == ["test_A2_default", "", ""]
    assert list(table["case"]) == [SMALLEST["case"], SMALLEST["case"], ""]
    assert [each.name for each in kills.only("test_A2_default")] == ["stride-2"]


def test_the_text_shows_who_is_found_by_whom(kills: Kills) -> None:
    assert text_matrix(kills, kills.saboteurs) == (
        "          AVV\n          211\nstride-2  #..\nreversed  .xx\nunseen    ..."
    )  # fmt: skip


def test_the_drawing_has_a_square_for_each_kill(kills: Kills) -> None:
    drawn = {row["name"]: row for chart in charts(kills) for row in chart["rows"]}
    assert (drawn["stride-2"]["look"], drawn["reversed"]["look"], drawn["unseen"]["path"]) == ("alone", "shared", "")
    starts = [int(part.split()[0]) for part in drawn["reversed"]["path"].split("M")[1:]]
    assert starts == [SIDE + COLUMN + 1, SIDE + 2 * COLUMN + 1]


def test_the_page_shows_the_matrix_and_who_was_not_found(three: list[Record], kills: Kills) -> None:
    text = page(three, Extras(kills=kills))
    assert '<section id="kills">' in text and 'href="#kills"' in text
    assert text.count('<svg class="kills" ') == 2
    assert "1 not found: unseen" in text and SMALLEST["case"] in text and "<code>test_A2_default</code> only" in text


def test_the_report_without_a_matrix_does_not_speak_of_one(three: list[Record]) -> None:
    frames = tables.build(three)
    assert "kills" not in page(three, Extras()).split("</style>")[1]
    assert "Kills" not in report_page(frames, findings(frames))


def test_the_summary_shows_the_matrix(three: list[Record], kills: Kills) -> None:
    frames = tables.build(three)
    text = report_page(frames, findings(frames), Extras(kills=kills))
    assert "3 implementations that are wrong on purpose, against 3 laws at level standard, seed 7." in text
    assert "| geometry | 2 | 1 | 0 |" in text and "stride-2  #.." in text


def test_hostile_text_stays_text(three: list[Record], tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script>"
    found = load_kills(written(tmp_path / "kills.json", matrix(line(hostile, hostile, hostile, wrong=hostile))))
    assert "<script" not in page(three, Extras(kills=found))


def test_the_files_hold_the_table(three: list[Record], kills: Kills, tmp_path: Path) -> None:
    names = {path.relative_to(tmp_path / "out").as_posix() for path in write_report(three, tmp_path / "out", Extras(kills=kills))}
    assert {"tables/kills.csv", "tables/kills.json", "tables/kills.md"} <= names
    assert len(json.loads((tmp_path / "out" / "tables" / "kills.json").read_text())) == 3


def test_the_command_takes_a_matrix(record_file: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from convt.command import main

    record, out = str(record_file()), tmp_path / "out"
    assert main(["report", record, "--kills", str(written(tmp_path / "kills.json", matrix())), "--out", str(out)]) == 0
    assert (out / "tables" / "kills.md").is_file()
    assert main(["report", record, "--kills", str(written(tmp_path / "kills.json", "{")), "--out", str(out)]) == 2
    assert "is no kill matrix" in capsys.readouterr().err
