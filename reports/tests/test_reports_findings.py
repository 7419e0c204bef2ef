"""The sentences: what they say, and that they say it of anybody."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import convt_reports
from convt_conformance.judge import FAILURES, KINDS
from convt_conformance.records import Record
from convt_reports import tables
from convt_reports.findings import DOES, Finding, Findings, findings, listing, named

MakeRecord = Callable[..., Record]


def found(records: list[Record]) -> Findings:
    return findings(tables.build(records))


def said(given: Iterable[Finding]) -> list[str]:
    return [f"{each.head} {''.join(each.parts)}" for each in given]


def about(given: Iterable[Finding], clause: str) -> list[str]:
    return ["".join(each.parts) for each in given if each.clause == clause]


def test_the_summary_counts_and_names_the_clauses(three: list[Record]) -> None:
    assert said(found(three).summary) == [
        "alpha 1.0: 3 of 7 laws hold, 2 fail, on O3 and I3, 1 fail as listed, on I7, 1 could not be asked; 35 cases judged.",
        "beta 2.5: 2 of 4 laws hold, 2 fail, on I3 and I13; 20 cases judged.",
        "gamma 0.3: 1 of 2 laws hold, 1 could not be asked; 10 cases judged.",
    ]


def test_a_clause_read_in_different_ways_has_a_sentence(three: list[Record]) -> None:
    assert about(found(three).readings, "S3") == [
        "alpha follows inverse-end; beta follows forward-on-input; gamma cannot be asked (pads by numbers only); "
        "nobody follows inverse-start, inverse-any-length, as-printed or as-printed-up."
    ]
    assert about(found(three).readings, "O3") == ["alpha follows none of the readings; nobody follows closed, half-open or unbounded."]


def reads(clause: str, *follows: str, **facts: Any) -> list[dict[str, Any]]:
    return [{"clause": clause, "follows": list(follows), **facts}]


def test_a_reading_whose_name_begins_another_is_told_apart(record: MakeRecord) -> None:
    pair = [record("a", results=reads("S3", "as-printed-up")), record("b", results=reads("S3", "inverse-end"))]
    sentence = about(found(pair).readings, "S3")[0]
    assert sentence.endswith("; nobody follows inverse-start, inverse-any-length, forward-on-input or as-printed.")


def test_what_is_not_told_apart_counts_as_followed(record: MakeRecord) -> None:
    pair = [record("a", results=reads("O3", "closed", "unbounded", verdict="mistrusted")), record("b", results=reads("O3", "closed"))]
    sentence = about(found(pair).readings, "O3")
    assert sentence == ["a: not told apart: closed or unbounded; b follows closed; nobody follows half-open."]


def test_nobody_is_said_to_follow_only_when_all_are_known(record: MakeRecord) -> None:
    pair = [record("a", results=reads("O3", verdict="crashes")), record("b", results=reads("O3", "closed"))]
    assert about(found(pair).readings, "O3") == ["a: crashes; b follows closed."]


def test_clauses_read_alike_share_a_sentence(record: MakeRecord) -> None:
    alike = reads("O3", "closed") + reads("S3", "inverse-end")
    both = [record("a", results=alike), record("b", results=alike)]
    assert said(found(both).readings) == ["Read alike by all that can be asked: O3 closed, S3 inverse-end."]
    assert said(found(both[:1]).readings) == ["a follows: O3 closed, S3 inverse-end."]


def test_deviations_that_are_alike_share_a_sentence_with_the_shortest_case(three: list[Record]) -> None:
    given = found(three).deviations
    assert [each.clause for each in given] == ["O3", "I3", "I7", "I13"]
    assert about(given, "I3") == ["alpha and beta accept what must be refused, for instance N1,C1,M1,L2,K0,float32,int:0 (alpha)."]
    assert about(given, "I13") == ["beta crashes, for instance N1,K1,int:0."]
    assert about(given, "I7")[0].endswith("int:0. This is listed: adds a batch axis.")


def test_a_listed_and_a_new_deviation_are_told_apart(record: MakeRecord) -> None:
    fails = {"clause": "I3", "verdict": "deviates", "kind": "accepts-invalid", "evidence": ("case", "x", "y")}
    pair = [record("a", results=[fails]), record("b", results=[{**fails, "listed": {"reason": "old", "link": ""}}])]
    new, known = about(found(pair).deviations, "I3")
    assert (new, known) == (
        "a accepts what must be refused, for instance case.",
        "b accepts what must be refused, for instance case. This is listed: old.",
    )


def test_deviations_listed_for_different_reasons_are_told_apart(record: MakeRecord) -> None:
    fails = {"clause": "I3", "verdict": "deviates", "kind": "accepts-invalid"}
    pair = [record(name, results=[{**fails, "listed": {"reason": f"of {name}", "link": ""}}]) for name in ("a", "b")]
    assert about(found(pair).deviations, "I3") == [
        f"{name} accepts what must be refused. This is listed: of {name}." for name in ("a", "b")
    ]


def test_agreement_is_said_pair_by_pair(three: list[Record]) -> None:
    assert said(found(three).agreement) == [
        "alpha and beta: of 4 cases that both computed, 3 differ, the shortest being b,2.",
        "alpha and gamma: of 1 case that both computed, 1 differ, the shortest being b,2.",
        "Equal wherever both computed: beta and gamma (1 case).",
    ]


def test_pairs_that_cannot_be_compared_are_named(record: MakeRecord) -> None:
    assert said(found([record("a"), record("b")]).agreement) == ["Not compared, as no case was computed by both: a and b."]


def test_whole_records_carry_no_warning(three: list[Record]) -> None:
    assert said(found(three).warnings) == []


@pytest.mark.parametrize(
    ("facts", "words", "fatal"),
    [
        ({"complete": False}, "alpha 1.0: the run was interrupted. Only 1 law had a result", True),
        ({"results": []}, "alpha 1.0: nothing was checked.", True),
        ({"results": [{"clause": "V1", "verdict": "unsupported", "reason": "no"}]}, "alpha 1.0: nothing was checked.", True),
        ({"stale": ["V1 value"]}, "alpha 1.0: known deviations are gone. Listed, but they did not occur: V1 value.", True),
        ({"rulings": {"S3": "inverse-end"}}, "alpha 1.0: rulings. The run was told to enforce S3=inverse-end;", False),
    ],
)
def test_what_makes_a_record_worth_less_is_a_warning(record: MakeRecord, facts: dict[str, Any], words: str, fatal: bool) -> None:
    given = found([record(**facts)]).warnings
    assert [text[: len(words)] for text in said(given)] == [words]
    assert [each.fatal for each in given] == [fatal]


def test_records_made_in_different_ways_are_a_warning(record: MakeRecord) -> None:
    given = found([record("a", level="smoke"), record("b", level="thorough", convt="0.2.0")]).warnings
    assert said(given) == [
        "The records were made with different levels. a smoke, b thorough.",
        "The records were made with different versions of convt. a 0.1.0, b 0.2.0.",
    ]


def test_sentences_depend_on_names_only_as_names(three: list[Record]) -> None:
    """The same records under other names of the same order give the same sentences with the names exchanged."""
    other = {"alpha": "paddle", "beta": "tensorflow", "gamma": "torch"}
    renamed = []
    for each in three:
        implementation = {**each.header["implementation"], "name": other[each.name]}
        renamed.append(replace(each, header={**each.header, "implementation": implementation}))
    for name in ("summary", "readings", "deviations", "agreement"):
        expected = "\n".join(said(getattr(found(three), name)))
        for old, new in other.items():
            expected = expected.replace(old, new)
        assert "\n".join(said(getattr(found(renamed), name))) == expected


@pytest.mark.parametrize("path", sorted(Path(convt_reports.__file__).parent.rglob("*.py")), ids=lambda path: path.name)
def test_no_code_knows_an_implementation(path: Path) -> None:
    texts = [node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert not [text for text in texts for name in ("bundled", "torch", "paddle", "tensorflow", "keras") if name in text.lower()]


def test_every_kind_and_failure_has_a_verb() -> None:
    assert {*KINDS, *FAILURES} == set(DOES)


@pytest.mark.parametrize(("words", "expected"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_listing(words: list[str], expected: str) -> None:
    assert listing(words) == expected


def test_all_variants_of_a_framework_stand_as_one() -> None:
    everyone = ["bundled", "torch", "torch:native", "torch:compile", "jax", "jax:jit"]
    assert named(["bundled", "torch", "torch:native", "torch:compile"], everyone) == "bundled and torch (all 3)"
    assert named(["torch", "torch:native", "jax", "jax:jit"], everyone) == "torch, torch:native and jax (all 2)"
    assert named(["bundled"], everyone) == "bundled"


def test_of_many_pairs_only_the_implementations_are_named(record: MakeRecord) -> None:
    computed = {"case": "N1,C1,M1,L1,K1,float32,int:1", "outcome": "computed", "shape": [1, 1, 1]}
    records = [record(f"i{number}", answers=[{**computed, "digest": "b" if number == 3 else "a"}]) for number in range(8)]
    (sentence,) = said(found(records).agreement)
    assert sentence.startswith("Differing somewhere from others that computed the same cases: i3 from 7 of 7, i0 from 1 of 7, ")
    assert sentence.endswith("i7 from 1 of 7.")
