"""The table of exports: what survives, from the records of routes and of the frameworks that they start from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from convt_conformance.records import Line, Record
from convt_reports import tables
from convt_reports.findings import findings
from convt_reports.markdown import report_page
from convt_reports.pages import index_page
from convt_reports.tables.exports import exports, figures, lost
from convt_spec import clauses

MakeRecord = Callable[..., Record]
SHORT, LONG = "N1,C1,M1,L1,K1,float32,int:1", "N1,C1,M1,L1,K1,stride=2,float32,int:1"


def fails(kind: str, case: str = SHORT, **facts: Any) -> Line:
    return {"verdict": "deviates", "kind": kind, "evidence": (case, "[1]", "[2]"), **facts}


def follows(*readings: str, **refuted: str) -> Line:
    return {"follows": list(readings), "refuted": {name.replace("_", "-"): (case, "[1]", "[2]") for name, case in refuted.items()}}


def row(record: MakeRecord, clause: str, own: list[Line], there: list[Line]) -> dict[str, Any]:
    """The row of one clause, where the framework's laws and the route's say this."""
    made = [
        record(name, results=[{"clause": clause, "law": f"test_{clause}_{number}", **each} for number, each in enumerate(lines)])
        for name, lines in (("torch", own), ("exported:torch-onnx", there))
    ]
    return dict(exports(made).set_index("clause").loc[clause])


@pytest.mark.parametrize(
    ("own", "there", "expected"),
    [
        ([{}], [{}], "yes"),
        ([{}], [fails("value")], "no"),
        ([{}], [{"verdict": "crashes", "evidence": (SHORT, "SIGABRT", "[2]")}], "no"),
        ([fails("value")], [fails("value")], "yes"),
        ([fails("value"), fails("length")], [fails("length")], "yes"),
        ([fails("value")], [fails("length"), fails("value")], "no"),
        ([fails("value")], [{"verdict": "crashes", "evidence": (SHORT, "SIGABRT", "[2]")}], "no"),
        ([fails("value", LONG)], [fails("value", SHORT)], "no"),
        ([fails("value", SHORT)], [fails("value", LONG)], "yes"),
        ([fails("value", "N1,K1,float64,int:1")], [fails("value", "N1,K1,float32,int:1")], "no"),
        ([fails("value", "N1,K1,float64,int:1")], [fails("value", "N1,K1,float64,int:312")], "yes"),
        ([fails("value")], [{}], "yes"),
        ([{}], [{"verdict": "unsupported", "reason": "no"}], "not expressible"),
        ([], [{"verdict": "unsupported", "reason": "no"}], "not expressible"),
        ([{}], [{"verdict": "unsupported", "reason": "no"}, {}], "yes"),
        ([{}], [], "not judged"),
        ([], [{}], "not judged"),
        ([{}], [{"verdict": "mistrusted"}], "not judged"),
    ],
)
def test_what_survives(record: MakeRecord, own: list[Line], there: list[Line], expected: str) -> None:
    assert row(record, "V1", own, there)["survives"] == expected


@pytest.mark.parametrize(
    ("own", "there", "expected"),
    [
        (["closed"], ["closed"], "yes"),
        (["closed"], ["half-open"], "no"),
        (["closed"], ["closed", "half-open"], "yes"),
        (["closed", "unbounded"], ["half-open"], "no"),
        ([], ["half-open"], "yes"),
    ],
)
def test_another_reading_on_the_other_side_is_a_loss(record: MakeRecord, own: list[str], there: list[str], expected: str) -> None:
    assert row(record, "O3", [follows(*own)], [follows(*there)])["survives"] == expected


def test_a_loss_shows_the_smallest_failing_case(record: MakeRecord) -> None:
    found = row(record, "V1", [{}], [fails("value", LONG), fails("length", SHORT), {}])
    assert (found["framework_verdict"], found["route_verdict"]) == ("conforms", "deviates, length and value")
    assert (found["case"], found["observed"], found["required"]) == (SHORT, "[1]", "[2]")
    assert found["command"] == f"convt repro exported:torch-onnx {SHORT} --law test_V1_1"


def test_a_loss_of_the_reading_shows_the_smallest_case_against_it(record: MakeRecord) -> None:
    there = [follows("half-open", closed=LONG, unbounded=SHORT), follows("half-open", closed=SHORT)]
    found = row(record, "O3", [follows("closed")], there)
    assert (found["framework_reading"], found["route_reading"], found["case"]) == ("closed", "half-open", SHORT)
    assert found["command"] == f"convt repro exported:torch-onnx {SHORT} --ruling O3=closed"


def test_what_survives_shows_no_case(record: MakeRecord) -> None:
    found = row(record, "V1", [fails("value")], [fails("value")])
    assert (found["case"], found["observed"], found["required"], found["command"]) == ("", "", "", "")


def test_every_route_has_every_clause_in_the_order_of_the_specification(record: MakeRecord) -> None:
    found = exports([record("exported:torch-onnx"), record("torch"), record("exported:jax-stablehlo"), record("gamma")])
    assert list(found["clause"]) == list(clauses.inventory()) * 2
    assert set(zip(found["route"], found["framework"], strict=True)) == {
        ("exported:torch-onnx", "torch"),
        ("exported:jax-stablehlo", "jax"),
    }
    assert set(found[found["framework"] == "jax"]["survives"]) == {"not judged"}


def test_of_several_versions_the_routes_own_is_taken(record: MakeRecord) -> None:
    one = record("torch", "1.0", results=[{"clause": "V1", **fails("value")}])
    other, route = record("torch", "2.0"), record("exported:torch-onnx", "2.0", results=[{"clause": "V1", **fails("value")}])
    found = exports([one, other, route]).set_index("clause").loc["V1"]
    assert (found["framework"], found["survives"]) == ("torch 2.0", "no")


@pytest.fixture
def routes(record: MakeRecord) -> list[Record]:
    """Two routes, of which one loses something, and where they start."""
    lossy = record("exported:torch-onnx", results=[{"clause": "V1", **fails("value")}, {"clause": "I7"}])
    own = [record(name, results=[{"clause": "V1"}, {"clause": "I7"}]) for name in ("torch", "jax")]
    return [*own, lossy, record("exported:jax-stablehlo", results=[{"clause": "V1"}])]


def test_figures_count_the_clauses_of_each_route(routes: list[Record]) -> None:
    table, rest = exports(routes), len(clauses.inventory())
    assert list(figures(table).itertuples(index=False, name=None)) == [
        ("exported:jax-stablehlo", 1, 0, 0, rest - 1),
        ("exported:torch-onnx", 1, 1, 0, rest - 2),
    ]
    assert list(lost(table)["clause"]) == ["V1"]


def test_the_report_shows_routes_and_what_they_lose(routes: list[Record]) -> None:
    frames = tables.build(routes)
    found = findings(frames)
    text, page = report_page(frames, found), index_page(routes, frames, found)
    assert "## Exports" in text and "### Lost" in text and f"`convt repro exported:torch-onnx {SHORT} --law test_V1_claim`" in text
    assert '<section id="exports">' in page and 'href="#exports"' in page and "What does not survive" in page


def test_a_report_without_routes_has_no_such_section(three: list[Record]) -> None:
    frames = tables.build(three)
    assert frames["exports"].empty
    assert figures(frames["exports"]).empty
    found = findings(frames)
    assert "## Exports" not in report_page(frames, found)
    assert 'id="exports"' not in index_page(three, frames, found)
