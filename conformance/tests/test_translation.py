"""A translation means what the call it is made of means, and a wrong one is found."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import round_trips
import translations
from in_process import InProcess
from test_adapters import FRAMEWORKS, expressible
from translations import Pair, compared, drawn, measured, planned

from convt_conformance.adapters import find
from convt_conformance.adapters.blank import blank
from convt_conformance.outcomes import Computed, NotExpressible, Rejected
from convt_conformance.translation.calls import translated, words
from convt_conformance.translation.sizes import KERNELS, LENGTHS, NeedsLength, rule
from convt_conformance.translation.subjects import NO_READING, NoCall, Subject, followed, subjects
from convt_spec.case import Case
from convt_spec.oracle import exact
from convt_spec.problem import OMITTED, Items, Problem

PUBLISHED = Path(__file__).parents[2] / "reports" / "published"


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_blank_adapter_writes_the_same_calls(name: str) -> None:
    adapter = round_trips.module(name).ADAPTERS[name]
    for case, program in expressible(adapter):
        assert blank(name).program(case.problem, case.dtype) == program


@pytest.mark.parametrize("name", ["bundled", *FRAMEWORKS])
def test_a_blank_adapter_supports_the_same(name: str) -> None:
    assert blank(name).description().name == name
    assert blank(name).description().supports


def test_what_is_followed_is_what_the_published_records_say() -> None:
    records = measured(PUBLISHED)
    assert list(subjects()) == list(records)
    for name, record in records.items():
        assert dict(subjects()[name].followed) == followed(record), name


CALL = Problem(length=10, kernel_size=4, in_channels=2, out_channels=3, stride=2)
EXAMPLES: dict[tuple[str, str, Problem], str] = {
    ("bundled", "torch", CALL.with_(padding="SAME")): "stride=2 padding=1",
    ("torch", "bundled", CALL.with_(padding=1, output_padding=1)): "stride=2 padding=1 output_padding=1",
    ("paddle", "torch", CALL.with_(padding="SAME")): "stride=2 padding=1",
    ("paddle", "torch", CALL.with_(padding=Items("list", (2, 1)))): "stride=2 padding=2 output_padding=1",
    ("paddle", "bundled", CALL.with_(padding="SAME", dilation=2)): "stride=2 padding=1",
    ("tensorflow", "paddle", CALL.with_(padding="SAME", output_size=19)): "stride=2 padding=[1,2]",
    ("torch", "tensorflow", CALL.with_(padding=1)): "stride=2 padding=SAME output_size=20",
    ("torch", "tensorflow", CALL): "stride=2 padding=VALID",
    ("paddle", "bundled", CALL.with_(padding="VALID", data_format="NLC")): "stride=2 padding=VALID data_format=NLC",
    ("paddle", "torch", CALL.with_(padding="VALID", data_format="NLC")): "stride=2",
    ("bundled", "torch", CALL.with_(call="layer", bias_attr=False)): "call=layer stride=2 bias=false",
    ("bundled", "tensorflow", CALL.with_(call="layer", bias_attr=False)): "stride=2 padding=VALID",
}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: f"{each[0]}-{each[1]}-{words(each[2]).replace(' ', '-')}")
def test_examples_worked_out_by_hand(example: tuple[str, str, Problem]) -> None:
    source, target, problem = example
    assert words(translated(problem, subjects()[source], subjects()[target])) == EXAMPLES[example]


REFUSED = {
    ("torch", "tensorflow", CALL.with_(bias=True)): "tf.nn.conv1d_transpose has no bias",
    ("torch", "tensorflow", CALL.with_(groups=2, out_channels=2)): "tf.nn.conv1d_transpose has no groups",
    ("tensorflow", "torch", CALL.with_(padding="SAME", output_size=19)): "torch takes no padding of two ints",
    ("torch", "tensorflow", CALL.with_(call="layer")): "tf.nn.conv1d_transpose has no bias",
}


@pytest.mark.parametrize("example", REFUSED, ids=lambda each: f"{each[0]}-{each[1]}-{words(each[2]).replace(' ', '-')}")
def test_what_has_no_translation_says_why(example: tuple[str, str, Problem]) -> None:
    source, target, problem = example
    with pytest.raises(NoCall) as found:
        translated(problem, subjects()[source], subjects()[target])
    assert REFUSED[example] in str(found.value)


def test_a_range_that_fits_no_reading_is_not_relied_on() -> None:
    torch = subjects()["torch"]
    assert torch.followed["O3"] == NO_READING
    with pytest.raises(NoCall, match="fits no listed reading of O3"):
        torch.meaning(Problem(length=5, kernel_size=3, dilation=2, output_padding=1))


def test_a_call_that_meets_a_known_deviation_is_not_used() -> None:
    torch = subjects()["torch"]
    known = replace(torch.known[0], when="stride == 2", reason="it is wrong there") if torch.known else None
    assert known, "torch has a deviation"
    wary = replace(torch, known=(known,))
    with pytest.raises(NoCall, match="deviates there: it is wrong there"):
        translated(CALL, subjects()["bundled"], wary)


def test_both_calls_mean_the_same_for_every_pair() -> None:
    """By the definition, over drawn calls of all pairs; and most calls have a translation somewhere."""
    plan = planned(list(subjects().values()), 25, 7)
    pairs = [pair for _, found in plan.values() for pair in found]
    assert len(pairs) > 2 * len(plan)
    for (_, target), (cell, found) in plan.items():
        assert cell.problems == sum(cell.lacking.values()) + len(found)
        for pair in found:
            other = subjects()[target].meaning(pair.target.problem)
            assert (exact(pair.target, other).values == exact(pair.source, pair.meaning).values).all()


def test_the_drawn_calls_vary() -> None:
    choose = random.Random(1)
    problems = [drawn(choose) for _ in range(300)]
    for name in ("stride", "padding", "output_padding", "output_size", "groups", "dilation", "bias", "length", "kernel_size"):
        assert len({getattr(each, name) for each in problems}) > 1, name


def run_in_process(cases: list[Case]) -> dict[str, str]:
    """What `translations.run` gives for the bundled implementation."""
    subject = InProcess(find("bundled"))
    return {str(case): translations.text_of(subject.run(case), case.layout) for case in cases}


def verified(source: Subject, target: Subject) -> translations.Cell:
    ((cell, pairs), *_) = planned([source, target], 60, 3).values()
    results = run_in_process([case for pair in pairs for case in (pair.source, pair.target)])
    compared(cell, pairs, results, results)
    return cell


def test_a_right_reading_is_verified_and_a_wrong_one_is_not() -> None:
    bundled = subjects()["bundled"]
    right = verified(bundled, replace(bundled, name="twin"))
    assert (right.verified, right.wrong) == (60, [])
    mistaken = replace(bundled, name="mistaken", followed={**bundled.followed, "S3": "inverse-start"})
    assert verified(mistaken, bundled).wrong


def test_a_refusal_is_no_equal_number() -> None:
    pair = Pair(source=Case(problem=CALL), target=Case(problem=CALL), meaning=subjects()["bundled"].meaning(CALL))
    cell = translations.Cell(problems=1)
    refused = {str(pair.source): translations.text_of(Rejected(error="ValueError", message="no"), "NCL")}
    compared(cell, [pair], refused, refused)
    assert cell.wrong == [pair]


def test_equal_results_in_both_layouts_and_with_either_zero_are_equal() -> None:
    array = np.array([[[1.0, -0.0, 3.0]]], dtype=np.float32)
    turned = Computed(array=array.transpose(0, 2, 1), dtype="float32")
    assert translations.text_of(turned, "NLC") == translations.numbers_text(abs(array))


def test_a_rule_over_sizes() -> None:
    bundled, torch = subjects()["bundled"], subjects()["torch"]
    found = rule(Problem(stride=2, padding="SAME"), bundled, torch, LENGTHS, KERNELS)
    assert {kernel: words(call) for kernel, call in found.calls.items()} == {
        1: "stride=2 output_padding=1",
        2: "stride=2",
        4: "stride=2 padding=1",
        6: "stride=2 padding=2",
    }
    assert {size[1] for size in found.lacks} == {3, 5, 7}
    assert not found.alike
    assert rule(Problem(stride=2), bundled, torch, LENGTHS, KERNELS).alike
    with pytest.raises(NeedsLength):
        rule(Problem(stride=2, padding=1), torch, subjects()["tensorflow"], LENGTHS, [4])


def test_a_call_that_its_own_implementation_refuses_is_told_apart() -> None:
    with pytest.raises(NoCall) as found:
        rule(Problem(stride=0), subjects()["torch"], subjects()["bundled"], LENGTHS, KERNELS)
    assert found.value.of_source


def test_an_implementation_that_cannot_run_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(name: str, cases: Any, *_: Any) -> dict[str, str] | str:
        return "it is broken" if name != "bundled" else run_in_process(cases)

    monkeypatch.setattr(translations, "run", run)
    monkeypatch.setattr(translations, "write_followed", lambda records: None)
    out = tmp_path / "translations.json"
    line = ["translations.py", str(PUBLISHED), "--cache", str(tmp_path), "--kept", str(tmp_path), "--out", str(out), "--problems", "3"]
    monkeypatch.setattr("sys.argv", line)
    assert translations.main() == 3
    written = json.loads(out.read_text(encoding="utf-8"))
    assert written["cells"] == []
    assert written["absent"]["torch"] == "it is broken"


def test_omitted_stays_omitted() -> None:
    """A default that the caller leaves out is left to the other implementation's default too."""
    found = translated(Problem(length=3, kernel_size=2), subjects()["torch"], subjects()["paddle"])
    assert (found.stride, found.padding, found.dilation, found.groups) == (OMITTED,) * 4
    with pytest.raises(NotExpressible):
        blank("torch").program(Problem(length=3, kernel_size=2, padding="SAME"), "float32")


def test_a_reading_that_deviates_is_none_but_a_wrong_number_says_nothing_of_it() -> None:
    bundled = measured(PUBLISHED)["bundled"]

    def with_kind(kind: str) -> dict[str, str]:
        results = [{**each, "verdict": "deviates", "kind": kind} if each["clause"] == "S3" else each for each in bundled.results]
        return followed(replace(bundled, results=results))

    assert followed(bundled)["S3"] == "inverse-end"
    assert with_kind("length")["S3"] == NO_READING
    assert with_kind("value")["S3"] == "inverse-end"
    assert {**with_kind("length"), "S3": ""} == {**followed(bundled), "S3": ""}


def test_what_ran_before_is_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [Case(problem=CALL.with_(length=length)) for length in (3, 4, 5)]
    first = translations.run("bundled", cases[:2], tmp_path, tmp_path)
    assert first == run_in_process(cases[:2])
    seen: list[Case] = []

    def run_many(judged: Any, given: list[Case]) -> list[Rejected]:
        seen.extend(given)
        return [Rejected(error="ValueError", message="no") for _ in given]

    monkeypatch.setattr(translations.Isolated, "run_many", run_many)
    second = translations.run("bundled", cases, tmp_path, tmp_path)
    assert seen == cases[2:]
    assert isinstance(second, dict) and isinstance(first, dict)
    assert first.items() <= second.items()
