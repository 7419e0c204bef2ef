"""Translations and absent implementations in a report: read with care, shown whole."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from beside import page, summary, written

from convt_conformance.records import Record, RecordError
from convt_reports.absent import Absent, load_absent
from convt_reports.extras import Extras
from convt_reports.translations import Translations, load_translations, pair_table, translation_matrix

HERE = {
    "source": "here",
    "target": "there",
    "problems": 10,
    "verified": 7,
    "not_expressible": 3,
    "reason": "there has no <groups>",
    "wrong": None,
}
WRONG = {"count": 2, "source_case": "N1,C1,M1,L2,K1,float32,int:1", "target_case": "N1,C1,M1,L2,K1,padding=VALID,float32,int:1"}
BACK = {"source": "there", "target": "here", "problems": 10, "verified": 8, "not_expressible": 0, "reason": "", "wrong": WRONG}


def result(*cells: dict[str, Any], **facts: Any) -> dict[str, Any]:
    about = {"date": "2031-05-04", "seed": 5, "versions": {"here": "1.0", "there": "2.0"}, "absent": {"gone": "it is not <there>"}}
    return {**about, "cells": list(cells), **facts}


@pytest.fixture
def translations(tmp_path: Path) -> Translations:
    return load_translations(written(tmp_path / "translations.json", result(HERE, BACK)))


@pytest.mark.parametrize(
    "value",
    [
        *("", "[]", {}, result(cells=7), result({"source": "here"}), result({**HERE, "target": "elsewhere"})),
        *(result({**HERE, "verified": 8}), result({**HERE, "verified": -1, "not_expressible": 11}), result({**HERE, "problems": "10"})),
        *(result({**BACK, "wrong": {"count": 2}}), result({**BACK, "wrong": {**WRONG, "count": 3}}), result(HERE, seed=math.inf)),
    ],
)
def test_what_is_no_result_is_refused_with_the_remedy(value: Any, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"translations\.json is no result of translations: make it with `nox -s translations`"):
        load_translations(written(tmp_path / "translations.json", value))


def test_each_pair_has_a_row_and_a_cell(translations: Translations) -> None:
    table = pair_table(translations)
    assert table[["source", "target", "problems", "verified", "not_expressible", "wrong"]].to_numpy().tolist() == [
        ["here", "there", 10, 7, 3, 0],
        ["there", "here", 10, 8, 0, 2],
    ]
    assert list(table["source_case"]) == ["", WRONG["source_case"]]
    matrix = translation_matrix(translations)
    assert matrix.to_dict("records") == [
        {"from": "here", "here": "", "there": "7/10"},
        {"from": "there", "here": "8/10, 2 wrong", "there": ""},
    ]


def test_the_page_shows_the_matrix(three: list[Record], translations: Translations) -> None:
    text = page(three, Extras(translations=translations))
    assert '<section id="translations">' in text and 'href="#translations"' in text and 'href="tables/translations.csv"' in text
    assert "15 translations gave the same numbers, 2 did not." in text
    assert '<td class="number">7/10</td>' in text and '<span class="chip failed">8/10, 2 wrong</span>' in text
    assert "gone could not be run: it is not &lt;there&gt;" in text


def test_the_summary_shows_the_matrix(three: list[Record], translations: Translations) -> None:
    text = summary(three, Extras(translations=translations))
    assert "## Translations\n\nCalls of the implementation in a row" in text
    assert "| from | here | there |" in text and "| here |  | 7/10 |" in text and "| there | 8/10, 2 wrong |  |" in text
    assert "* gone could not be run: it is not &lt;there&gt;" in text
    assert "* translations: [CSV](tables/translations.csv)" in text


def test_what_is_absent_is_shown_with_its_reason(three: list[Record], tmp_path: Path) -> None:
    found = load_absent(written(tmp_path / "absent.json", {"absent": {"torch:cuda": "it needs a <device>"}}))
    text = page(three, Extras(absent=found))
    assert '<section id="absent">' in text and "torch:cuda" in text and "it needs a &lt;device&gt;" in text
    assert "| torch:cuda | it needs a &lt;device&gt; |" in summary(three, Extras(absent=found))
    assert "## Absent" in summary(three, Extras(absent=Absent(reasons={})))
    assert '<section id="absent">\n<h2>Absent</h2>\n<p>None.</p>' in page(three, Extras(absent=Absent(reasons={})))


@pytest.mark.parametrize("value", ["", "[]", {}, {"absent": 7}])
def test_what_is_no_list_of_absent_ones_is_refused(value: Any, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"absent\.json is no list of what is absent: make it with `nox -s report`"):
        load_absent(written(tmp_path / "absent.json", value))
