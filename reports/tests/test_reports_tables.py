"""Every table over hand-made records: what is in it, in what order, and what its columns are documented to be."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pandas as pd
import pytest

from convt_conformance.check import clause_verdicts
from convt_conformance.judge import VERDICTS
from convt_conformance.records import Line, Record
from convt_conformance.results import Result
from convt_reports import tables
from convt_reports.load import labels
from convt_reports.tables import Table
from convt_reports.tables.agreement import agreement, agreement_matrix
from convt_reports.tables.claims import claims
from convt_reports.tables.readings import matrix, readings
from convt_reports.tables.runs import coverage, runs
from convt_reports.tables.verdicts import deviations, unsupported, verdicts
from convt_spec import clauses

MakeRecord = Callable[..., Record]


def rows(table: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    return list(table[list(columns)].itertuples(index=False, name=None))


def verdict(record: Record, clause: str) -> str:
    return str(verdicts([record]).set_index("clause").at[clause, record.name])


@pytest.mark.parametrize("table", tables.TABLES, ids=lambda table: table.name)
def test_columns_are_the_documented_ones(table: Table, three: list[Record]) -> None:
    expected = [name for column in table.columns for name in (labels(three) if column == "*" else [column])]
    assert list(table.build(three).columns) == expected
    assert all(table.columns.values())


@pytest.mark.parametrize("table", tables.TABLES, ids=lambda table: table.name)
def test_a_record_without_any_line_gives_a_table(table: Table, record: MakeRecord) -> None:
    found = table.build([record(results=[])])
    assert set(found.columns) == {name if name != "*" else "alpha" for name in table.columns}


def test_verdicts_have_every_clause_in_the_order_of_the_specification(three: list[Record]) -> None:
    found = verdicts(three)
    assert rows(found, "clause", "title", "status") == [(each.id, each.title, each.status) for each in clauses.inventory().values()]


def test_verdicts_of_each_implementation(three: list[Record]) -> None:
    found = verdicts(three).set_index("clause")[["alpha", "beta", "gamma"]]
    assert tuple(found.loc["V1"]) == ("conforms", "conforms", "conforms")
    assert tuple(found.loc["I3"]) == ("deviates, accepts-invalid", "deviates, accepts-invalid", "not judged")
    assert tuple(found.loc["I7"]) == ("deviates (listed), accepts-invalid", "not judged", "not judged")
    assert tuple(found.loc["O3"]) == ("deviates, reading", "not judged", "not judged")
    assert tuple(found.loc["S3"]) == ("conforms", "conforms", "unsupported")
    assert tuple(found.loc["I13"]) == ("not judged", "crashes", "not judged")


LISTED = {"reason": "known", "link": ""}


@pytest.mark.parametrize(
    ("laws", "expected"),
    [
        ([("conforms", "", None), ("unsupported", "", None)], "conforms"),
        ([("deviates", "value", LISTED), ("conforms", "", None)], "deviates (listed), value"),
        ([("deviates", "value", LISTED), ("deviates", "length", LISTED)], "deviates (listed), length and value"),
        ([("deviates", "value", LISTED), ("deviates", "value", None)], "deviates, value"),
        ([("crashes", "", LISTED), ("deviates", "value", None)], "crashes"),
        ([("crashes", "", LISTED), ("mistrusted", "", LISTED)], "crashes (listed)"),
        ([("mistrusted", "", None), ("conforms", "", None)], "mistrusted"),
    ],
)
def test_a_verdict_is_the_worst_of_the_clauses_laws(record: MakeRecord, laws: list[tuple[str, str, Any]], expected: str) -> None:
    results = [
        {"clause": "V1", "law": f"test_V1_{number}", "verdict": verdict, "kind": kind, "listed": listed}
        for number, (verdict, kind, listed) in enumerate(laws)
    ]
    assert verdict(record(results=results), "V1") == expected


def test_the_worst_verdict_is_what_convt_check_prints(record: MakeRecord) -> None:
    for number, (one, other) in enumerate(product(VERDICTS, repeat=2)):
        results = [Result(law=f"test_V1_{name}", clause="V1", verdict=word) for name, word in (("a", one), ("b", other))]
        lines = [{"clause": "V1", "law": each.law, "verdict": each.verdict} for each in results]
        assert verdict(record(version=str(number), results=lines), "V1") == clause_verdicts(results)["V1"].verdict, (one, other)


def test_deviations_are_listed_by_implementation_and_clause(three: list[Record]) -> None:
    found = deviations(three)
    assert rows(found, "implementation", "clause", "verdict", "kind", "reading", "listed") == [
        ("alpha", "O3", "deviates", "reading", "closed", "no"),
        ("alpha", "O3", "deviates", "reading", "unbounded", "no"),
        ("alpha", "I3", "deviates", "accepts-invalid", "", "no"),
        ("alpha", "I7", "deviates", "accepts-invalid", "", "yes"),
        ("beta", "I3", "deviates", "accepts-invalid", "", "no"),
        ("beta", "I13", "crashes", "", "", "no"),
    ]


def test_a_deviation_shows_its_smallest_case_and_the_command(three: list[Record]) -> None:
    found = deviations(three).set_index(["implementation", "law", "reading"])
    listed = found.xs(("alpha", "test_I7_claim", ""))
    case = "N1,C2,M1,L4,K1,flaw=input-rank-2,float32,int:0"
    assert (listed["case"], listed["observed"], listed["required"]) == (case, "float32 (1, 4) [1 2 3 4]", "a refusal")
    assert (listed["version"], listed["listed_reason"], listed["link"]) == ("1.0", "adds a batch axis", "https://example.org/7")
    assert listed["command"] == f"convt repro alpha {case} --law test_I7_claim"


def test_each_refuted_reading_shows_its_own_case(three: list[Record]) -> None:
    found = deviations(three).set_index(["law", "reading"]).loc["test_O3_claim"]
    assert found.at["closed", "case"] == "N1,C1,M1,L1,K1,output_padding=2,float32,int:1"
    assert found.at["unbounded", "case"] == "N1,C1,M1,L1,K1,output_padding=1,float32,int:1"
    assert found.at["unbounded", "observed"] == "ValueError: no"
    assert found.at["unbounded", "command"] == "convt repro alpha N1,C1,M1,L1,K1,output_padding=1,float32,int:1 --ruling O3=unbounded"
    assert set(found["note"]) == {"no single reading fits all cases"}


def test_a_deviation_without_a_case_has_no_command(record: MakeRecord) -> None:
    found = deviations([record(results=[{"clause": "V1", "verdict": "mistrusted", "reason": "no case was drawn"}])])
    assert rows(found, "verdict", "case", "command", "note") == [("mistrusted", "", "", "no case was drawn")]


def test_the_command_quotes_what_a_shell_would_split(record: MakeRecord) -> None:
    seen = ("N1,C1,M1,L1,K1,padding=list:0:1,lit:1:-2/3,float32", "x", "y")
    found = deviations([record("my ops.py:conv", results=[{"clause": "V1", "verdict": "deviates", "kind": "value", "evidence": seen}])])
    assert found["command"][0] == f"convt repro 'my ops.py:conv' {seen[0]} --law test_V1_claim"


@pytest.mark.parametrize(
    ("results", "rulings", "expected"),
    [
        ([{"follows": ["closed"]}], {}, "closed"),
        ([{"follows": ["half-open", "closed"], "verdict": "mistrusted"}], {}, "not told apart: closed or half-open"),
        (
            [{"follows": ["closed", "unbounded"], "law": "test_O3_a"}, {"follows": ["closed", "half-open"], "law": "test_O3_b"}],
            {},
            "closed",
        ),
        ([{"follows": ["closed"], "law": "test_O3_a"}, {"follows": ["unbounded"], "law": "test_O3_b"}], {}, "none"),
        ([{"verdict": "deviates", "kind": "reading"}], {}, "none"),
        ([{"verdict": "deviates", "kind": "value"}], {}, "none"),
        ([{"verdict": "deviates", "kind": "not-deterministic"}], {}, "not-deterministic"),
        ([{"verdict": "hangs"}], {}, "hangs"),
        ([{"verdict": "unsupported", "reason": "no"}], {}, "unsupported"),
        ([{"verdict": "unsupported", "law": "test_O3_a"}, {"follows": ["closed"], "law": "test_O3_b"}], {}, "closed"),
        ([{"verdict": "mistrusted", "reason": "no case was drawn"}], {}, "not judged"),
        ([], {}, "not judged"),
        ([{}], {"O3": "half-open"}, "half-open (enforced)"),
        ([{"verdict": "deviates", "kind": "value"}], {"O3": "half-open"}, "not half-open (enforced)"),
        ([{"follows": ["closed"]}], {"S3": "inverse-end"}, "closed"),
    ],
)
def test_what_is_followed(record: MakeRecord, results: list[dict[str, Any]], rulings: dict[str, str], expected: str) -> None:
    found = readings([record(results=[{"clause": "O3", **each} for each in results], rulings=rulings)])
    assert found.set_index("clause").at["O3", "follows"] == expected


def test_readings_have_each_clause_with_several(three: list[Record]) -> None:
    several = [each.id for each in clauses.inventory().values() if len(each.readings) > 1]
    found = readings(three)
    assert rows(found, "clause", "implementation") == [(clause, name) for clause in several for name in ("alpha", "beta", "gamma")]


def test_readings_show_the_case_that_tells_them_apart(three: list[Record]) -> None:
    found = readings(three).set_index(["clause", "implementation"]).loc["S3"]
    assert list(found["follows"]) == ["inverse-end", "forward-on-input", "unsupported"]
    assert list(found["against"]) == ["forward-on-input, as-printed", "inverse-end", ""]
    assert list(found["required"]) == ["shape (1, 1, 1) [3]", "shape (1, 1, 2) [3 0]", ""]
    assert list(found["observed"]) == ["float32 (1, 1, 2) [3 0]", "float32 (1, 1, 1) [3]", ""]
    assert list(found["note"]) == ["", "", "pads by numbers only"]
    assert set(found["ruling"]) == {clauses.find("S3").ruling}


def test_of_several_laws_the_shortest_telling_case_is_shown(record: MakeRecord) -> None:
    seen = {"test_S3_a": ("b,10", "long", "x"), "test_S3_b": ("c,1", "short", "y"), "test_S3_c": ("a,100", "longer", "z")}
    results = [{"clause": "S3", "law": law, "follows": ["inverse-end"], "evidence": each} for law, each in seen.items()]
    shown = readings([record(results=results)]).set_index("clause").loc["S3"]
    assert (shown["case"], shown["observed"], shown["required"]) == ("c,1", "short", "y")


def test_the_matrix_of_readings_has_a_column_per_implementation(three: list[Record]) -> None:
    found = matrix(readings(three)).set_index("clause")
    assert tuple(found.loc["S3", ["ruling", "alpha", "beta", "gamma"]]) == ("inverse-end", "inverse-end", "forward-on-input", "unsupported")


def test_agreement_counts_pair_by_pair(three: list[Record]) -> None:
    found = agreement(three)
    counts = ("cases", "both_computed", "equal", "different", "one_rejected", "both_rejected", "unsupported", "other")
    assert rows(found, "first", "second", *counts) == [
        ("alpha", "beta", 7, 4, 1, 3, 1, 1, 0, 1),
        ("alpha", "gamma", 2, 1, 0, 1, 0, 0, 1, 0),
        ("beta", "gamma", 2, 1, 1, 0, 0, 0, 1, 0),
    ]
    assert [float(share) for share in found["share"]] == [0.25, 0.0, 1.0]


def test_agreement_shows_the_shortest_case_that_differs(three: list[Record]) -> None:
    found = agreement(three)
    assert list(found["smallest_difference"]) == ["b,2", "b,2", ""]
    assert rows(found, "first_result", "second_result")[0] == ("1x2 cc", "2x1 cc")


def test_agreement_without_a_common_answer_has_no_share(record: MakeRecord) -> None:
    answer = {"case": "a,1", "outcome": "computed", "shape": [1], "digest": "aa"}
    found = agreement([record("alpha", answers=[answer]), record("beta", answers=[]), record("gamma", answers=[{**answer, "case": "b"}])])
    assert rows(found, "first", "second", "cases", "both_computed") == [
        ("alpha", "beta", 0, 0),
        ("alpha", "gamma", 0, 0),
        ("beta", "gamma", 0, 0),
    ]
    assert found["share"].isna().all()


def test_agreement_of_one_record_is_empty(record: MakeRecord) -> None:
    assert agreement([record()]).empty


def claim(feature: str, claimed: bool, works: bool | None) -> Line:
    return {"line": "claim", "feature": feature, "claimed": claimed, "works": works, "case": "c", "observed": "o", "mixed_up": ""}


def test_claims_stand_beside_what_was_found(record: MakeRecord) -> None:
    held = [claim("NCL", True, True), claim("NLC", False, True), claim("SAME", True, False), claim("bias", True, None)]
    other = [claim("NCL", False, False)]
    found = claims([record("alpha", results=[{"clause": "V1"}], others=held), record("beta", results=[{"clause": "V1"}], others=other)])
    assert rows(found, "feature", "alpha", "beta") == [
        ("NCL", "yes", "no"),
        ("NLC", "no, but it works", "-"),
        ("SAME", "yes, but it fails", "-"),
        ("bias", "yes, but the result is wrong", "-"),
    ]


def test_coverage_is_in_natural_order_and_counts_zero(three: list[Record]) -> None:
    assert rows(coverage(three), "attribute", "value", "alpha", "beta", "gamma") == [
        ("call", "function", 9, 0, 0),
        ("stride", "-1", 5, 0, 0),
        ("stride", "2", 4, 6, 0),
        ("stride", "10", 3, 0, 0),
        ("stride", "(1, 2)", 1, 0, 0),
    ]


def test_unsupported_has_the_reason(three: list[Record]) -> None:
    expected = [("alpha", "A1", "test_A1_claim", "has no layer"), ("gamma", "S3", "test_S3_claim", "pads by numbers only")]
    assert rows(unsupported(three), "implementation", "clause", "law", "reason") == expected


EFFECTS = [
    {"what": "working directory", "cases": 2, "case": "N1,C1,M1,L1,K1,float32,int:1"},
    {"what": "environment", "cases": 1, "case": "N1,C1,M1,L1,K1,float32,int:1"},
]


def test_runs_count_laws_and_tell_how_they_were_made(record: MakeRecord, three: list[Record]) -> None:
    stopped = record(
        "omega", "0", results=[], complete=False, stale=["V1 value"], rulings={"S3": "inverse-end", "O3": "closed"}, effects=EFFECTS
    )
    found = runs([*three, stopped])
    counts = ("implementation", "laws", "conforms", "fails", "listed", "unsupported", "judged", "complete")
    assert rows(found, *counts) == [
        ("alpha", 7, 3, 3, 1, 1, 35, "yes"),
        ("beta", 4, 2, 2, 0, 0, 20, "yes"),
        ("gamma", 2, 1, 0, 0, 1, 10, "yes"),
        ("omega", 0, 0, 0, 0, 0, 0, "no"),
    ]
    told = found.set_index("implementation").loc["omega"]
    assert told["effects"] == "working directory (2); environment (1)"
    assert (told["stale"], told["rulings"], told["packages"]) == ("V1 value", "O3=closed, S3=inverse-end", "blas 1, numpy 2.0")
    assert (told["platform"], told["seed"], told["seconds"]) == ("machine riscv, system Linux", 7, 1.5)


def test_the_matrix_of_agreement_rounds_no_difference_away() -> None:
    pairs = [
        {"first": "a", "second": "b", "equal": 9999, "both_computed": 10000},
        {"first": "a", "second": "c", "equal": 0, "both_computed": 0},
        {"first": "b", "second": "c", "equal": 5, "both_computed": 5},
    ]
    assert agreement_matrix(pd.DataFrame(pairs), ["a", "b", "c"]).to_numpy().tolist() == [
        ["a", "", "99.9 %", "-"],
        ["b", "99.9 %", "", "100 %"],
        ["c", "-", "100 %", ""],
    ]
