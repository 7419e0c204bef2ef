"""The tables of causes and of power say what the records say."""

from __future__ import annotations

import pytest

from convt_conformance.records import Record
from convt_reports import tables
from convt_reports.findings import findings
from convt_reports.markdown import report_page
from convt_reports.pages import index_page
from convt_reports.tables.causes import power_matrix


def test_each_cause_has_its_condition_and_its_command(three: list[Record]) -> None:
    found = tables.build(three)["causes"]
    assert list(found["condition"]) == [
        "bias and groups > 1",
        "every case",
        "none found; nearly stride > 2, but for 3 of the passes, of which 2 would fail without padding",
    ]
    assert set(found["implementation"]) == {"alpha"}
    assert list(found["failures"]) == [12, 12, 12]
    assert found["command"][0] == "convt repro alpha N1,C2,M2,L1,K1,groups=2,bias,float32,int:1 --law test_V1_values"


def test_power_is_summed_over_the_clauses(three: list[Record]) -> None:
    found = tables.build(three)["power"].set_index(["where", "implementation"])
    assert found.loc[("everywhere", "alpha"), "effective"] == 300
    assert found.loc[("everywhere", "alpha"), "failures"] == 12
    assert found.loc[("groups > 1", "alpha"), "failures"] == 12
    assert found.loc[("stride > 1", "alpha"), "effective"] == 150
    assert found["bound"].isna().to_dict()["everywhere", "alpha"]
    assert found.loc[("stride > 1", "alpha"), "bound"] == pytest.approx(3 / 150)
    assert found.loc[("everywhere", "beta"), "bound"] == 1


def test_the_matrix_names_everybody(three: list[Record]) -> None:
    wide = power_matrix(tables.build(three)["power"], ["alpha", "beta", "gamma"]).set_index("where")
    assert list(wide.index) == ["everywhere", "groups > 1", "stride > 1"]
    assert wide.loc["everywhere", "alpha"] == "12 of 300 fail"
    assert wide.loc["stride > 1", "alpha"] == "150, below 2 %"
    assert set(wide["gamma"]) == {"no case"}


def test_both_are_shown(three: list[Record]) -> None:
    frames = tables.build(three)
    for text in (report_page(frames, findings(frames)), index_page(three, frames, findings(frames))):
        for word in ("bias and groups &gt; 1", "150, below 2 %", "12 of 300 fail", "nearly stride &gt; 2"):
            assert word in text or word.replace("&gt;", ">") in text
