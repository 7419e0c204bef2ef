"""What each reading of each clause asks for: (crop at the start, length), or the clause that refuses the call."""

from __future__ import annotations

from typing import Any

import pytest

from convt_spec.clauses import inventory, rulings
from convt_spec.interpretation import Answer, Refusal, interpret
from convt_spec.problem import OMITTED, Items, Problem

RULINGS = rulings()
BASE: dict[str, Any] = {"length": 5, "kernel_size": 3, "stride": 2}
Found = tuple[int | None, int] | str


def listed(*values: int) -> Items:
    return Items("list", values)


def tupled(*values: int) -> Items:
    return Items("tuple", values)


def answered(choices: dict[str, str], **arguments: Any) -> Answer:
    found = interpret(Problem(**{**BASE, **arguments}), {**RULINGS, **choices})
    assert isinstance(found, Answer), found
    return found


def found(choices: dict[str, str], **arguments: Any) -> Found:
    answer = interpret(Problem(**{**BASE, **arguments}), {**RULINGS, **choices})
    return answer.clause if isinstance(answer, Refusal) else (answer.left, answer.length)


def same(end: Found, start: Found, asked: Found, forward: Found, down: Found, up: Found) -> dict[str, Found]:
    """The readings of S3 in its order."""
    return dict(zip(inventory()["S3"].readings, (end, start, asked, forward, down, up), strict=True))


def span(closed: Found, half_open: Found, unbounded: Found) -> dict[str, Found]:
    return {"closed": closed, "half-open": half_open, "unbounded": unbounded}


TABLE: list[tuple[str, dict[str, Any], dict[str, Found]]] = [
    ("A12", {"stride": listed(3)}, {"accepted": (0, 15), "refused": "A12"}),
    ("A12", {"stride": tupled(3)}, {"accepted": (0, 15), "refused": (0, 15)}),
    ("A16", {"dilation": listed(2)}, {"accepted": (0, 13), "refused": "A16"}),
    ("A16", {"dilation": tupled(2)}, {"accepted": (0, 13), "refused": (0, 13)}),
    ("A18", {"padding": listed(1, 0)}, {"refused": "A18", "left-right": (1, 10)}),
    ("A18", {"padding": tupled(0, 3)}, {"refused": "A18", "left-right": (0, 8)}),
    ("A18", {"padding": listed(2, 1)}, {"refused": "A18", "left-right": (2, 8)}),
    ("A18", {"padding": listed(1)}, {"refused": (1, 9), "left-right": (1, 9)}),
    ("A18", {"padding": listed(1, 1, 1)}, {"refused": "A18", "left-right": "A18"}),
    ("A18", {"padding": listed(1, -1)}, {"refused": "A18", "left-right": "I10"}),
    ("A19", {"padding": "same"}, {"exact": "A19", "any-case": (0, 10)}),
    ("A19", {"padding": "Valid"}, {"exact": "A19", "any-case": (0, 11)}),
    ("A19", {"padding": "VALID"}, {"exact": (0, 11), "any-case": (0, 11)}),
    ("A19", {"padding": "full"}, {"exact": "A20", "any-case": "A20"}),
    ("W1", {"weight": "out-in"}, {"in-out": "W1", "out-in": (0, 11)}),
    ("W1", {"weight": "in-out"}, {"in-out": (0, 11), "out-in": "W1"}),
    ("W1", {"weight": "mapped"}, {"in-out": (0, 11), "out-in": (0, 11)}),
    ("V3", {}, {"identity": (0, 11), "relu": (0, 11)}),
    ("V7", {}, {"sums": (0, 11), "transform": (0, 11)}),
    ("V8", {}, {"local": (0, 11), "spread": (0, 11)}),
    ("V9", {}, {"kept": (0, 11), "flushed": (0, 11)}),
    ("P1", {"padding": 1}, {"crop": (1, 9), "zeros-on-input": (0, 15)}),
    ("P1", {"padding": 2, "dilation": 2}, {"crop": (2, 9), "zeros-on-input": (0, 21)}),
    ("P1", {"padding": listed(1)}, {"crop": (1, 9), "zeros-on-input": (0, 15)}),
    ("P1", {"padding": 0}, {"crop": (0, 11), "zeros-on-input": (0, 11)}),
    ("P1", {"padding": "VALID"}, {"crop": (0, 11), "zeros-on-input": (0, 11)}),
    ("R2", {"length": 1, "kernel_size": 2, "stride": 1, "padding": 1}, {"refused": "R2", "empty": (1, 0)}),
    ("R2", {"length": 1, "kernel_size": 3, "stride": 1, "padding": 1}, {"refused": (1, 1), "empty": (1, 1)}),
    ("R2", {"length": 1, "kernel_size": 2, "padding": 1, "output_padding": 1}, {"refused": (1, 1), "empty": (1, 1)}),
    ("R2", {"length": 1, "kernel_size": 1, "padding": 1}, {"refused": "R3", "empty": "R3"}),
    ("O2", {"padding": 1, "output_padding": 2}, {"uncovered": (1, 11), "bias-only": (1, 11), "zero": (1, 11)}),
    ("O3", {"output_padding": 1}, span((0, 12), (0, 12), (0, 12))),
    ("O3", {"output_padding": 2}, span((0, 13), "O3", (0, 13))),
    ("O3", {"output_padding": 3}, span("O3", "O3", (0, 14))),
    ("O3", {"output_padding": 2, "padding": "SAME", "stride": 1}, span("O3", "O3", (1, 7))),
    ("O3", {"output_size": 13}, span((0, 13), (0, 13), (0, 13))),
    ("O5", {"output_size": 11}, span((0, 11), (0, 11), (0, 11))),
    ("O5", {"output_size": 12}, span((0, 12), (0, 12), (0, 12))),
    ("O5", {"output_size": 13}, span((0, 13), "O5", (0, 13))),
    ("O5", {"output_size": 14}, span("O5", "O5", (0, 14))),
    ("O5", {"output_size": 10}, span("O6", "O6", "O6")),
    ("O5", {"output_size": 11, "padding": 1}, span((1, 11), "O5", (1, 11))),
    ("O5", {"output_padding": 2}, span((0, 13), (0, 13), (0, 13))),
    ("O7", {"output_size": 11}, {"call": (0, 11), "absent": "O7"}),
    ("O7", {"output_padding": 1}, {"call": (0, 12), "absent": (0, 12)}),
    ("O7", {"output_size": None}, {"call": (0, 11), "absent": (0, 11)}),
    ("S3", {}, same((0, 10), (1, 10), (0, 10), (1, 9), (None, 3), (None, 3))),
    ("S3", {"length": 4}, same((0, 8), (1, 8), (0, 8), (0, 8), (None, 2), (None, 3))),
    ("S3", {"kernel_size": 4}, same((1, 10), (1, 10), (1, 10), (1, 9), (None, 3), (None, 3))),
    ("S3", {"kernel_size": 1, "stride": 3}, same((0, 15), (0, 15), (0, 15), (0, 13), (None, 2), (None, 3))),
    ("S3", {"dilation": 2}, same((1, 10), (2, 10), (1, 10), (2, 9), (None, 3), (None, 3))),
    ("S3", {"stride": 1, "kernel_size": 4}, same((1, 5), (2, 5), (1, 5), (1, 5), (None, 5), (None, 5))),
    ("S3", {"output_padding": 1}, same((0, 11), (1, 11), (0, 11), (1, 10), (None, 4), (None, 4))),
    ("S3", {"output_size": 9}, same("O6", "O6", (1, 9), (1, 9), "O5", "O5")),
    ("S3", {"output_size": 10}, same((0, 10), (1, 10), (0, 10), (1, 10), "O5", "O5")),
    ("S3", {"output_size": 11}, same((0, 11), (1, 11), "S3", (1, 11), "O5", "O5")),
    ("S3", {"output_size": 8}, same("O6", "O6", "S3", "O6", "O5", "O5")),
    ("S4", {"padding": "SAME", "dilation": 2}, {"dilation-used": (1, 10), "dilation-reset": (0, 10), "refused": "S4"}),
    ("S4", {"padding": "SAME", "dilation": 1}, {"dilation-used": (0, 10), "dilation-reset": (0, 10), "refused": (0, 10)}),
    ("S4", {"padding": "VALID", "dilation": 2}, {"dilation-used": (0, 13), "dilation-reset": (0, 13), "refused": (0, 13)}),
    ("I15", {"batch": 0}, {"empty": (0, 11), "refused": "I15"}),
    ("I15", {"batch": 1}, {"empty": (0, 11), "refused": (0, 11)}),
]
GROUPED: dict[str, Any] = {"in_channels": 4, "out_channels": 6, "groups": 2}
TABLE += [
    ("W2", {"weight": axes, **GROUPED}, {other: (0, 11) if other == axes else "W2" for other in ("in-out", "out-in", "undivided")})
    for axes in ("in-out", "out-in", "undivided")
]


@pytest.mark.parametrize(("clause", "arguments", "expected"), TABLE, ids=[f"{row[0]}-{at}" for at, row in enumerate(TABLE)])
def test_every_reading_of(clause: str, arguments: dict[str, Any], expected: dict[str, Found]) -> None:
    padding = {"padding": "SAME"} if clause == "S3" else {}
    assert set(expected) == set(inventory()[clause].readings)
    assert {reading: found({clause: reading}, **{**padding, **arguments}) for reading in expected} == expected


def test_the_table_has_every_clause_with_several_readings() -> None:
    assert {row[0] for row in TABLE} == {clause.id for clause in inventory().values() if clause.has_readings}


def test_V8_and_V9_are_passed_on_to_the_judge() -> None:
    assert (answered({}).beside, answered({}).subnormals) == ("local", "kept")
    assert answered({"V8": "spread"}).beside == "spread"
    assert answered({"V9": "flushed"}).subnormals == "flushed"


def test_a_plain_call_is_answered_in_full() -> None:
    expected = Answer(left=0, length=11, stride=2, dilation=1, groups=1)
    assert (expected.added, expected.tail, expected.zeros) == (0, "uncovered", (0, 0))
    assert (expected.activation, expected.weight, expected.rounding) == ("identity", "in-out", "sums")
    assert answered({}) == expected


def test_every_argument_reaches_the_answer() -> None:
    forms = {"stride": tupled(3), "dilation": tupled(2), "padding": tupled(1), "output_padding": tupled(2)}
    choices = {"O2": "zero", "W2": "undivided", "V3": "relu"}
    expected = Answer(left=1, length=17, stride=3, dilation=2, groups=2, added=2, tail="zero", activation="relu", weight="undivided")
    assert answered(choices, **GROUPED, **forms, weight="undivided") == expected


def test_P1_zeros_on_input_are_counted_on_either_side() -> None:
    expected = Answer(left=0, length=19, stride=2, dilation=1, groups=1, zeros=(2, 2))
    assert answered({"P1": "zeros-on-input"}, padding=2) == expected


def test_S4_a_dilation_that_is_reset_is_reset_everywhere() -> None:
    assert answered({"S4": "dilation-reset"}, padding="SAME", dilation=3).dilation == 1
    assert answered({"S4": "dilation-used"}, padding="SAME", dilation=3).dilation == 3


@pytest.mark.parametrize(("output_size", "output_padding", "added"), [(12, 0, 1), (None, 2, 2), (13, 1, 2), (11, 2, 0), (OMITTED, 1, 1)])
def test_O4_output_size_comes_before_output_padding(output_size: Any, output_padding: int, added: int) -> None:
    answer = answered({}, output_size=output_size, output_padding=output_padding)
    assert (answer.left, answer.length, answer.added) == (0, 11 + added, added)


@pytest.mark.parametrize("reading", inventory()["S3"].readings)
def test_S5_all_readings_of_same_keep_the_length_at_stride_1(reading: str) -> None:
    for length in range(1, 7):
        for kernel in range(1, 7):
            assert answered({"S3": reading}, padding="SAME", length=length, kernel_size=kernel, stride=OMITTED).length == length


@pytest.mark.parametrize("name", ["stride", "dilation", "padding", "output_padding"])
def test_an_int_alone_and_in_a_tuple_and_in_a_list_mean_the_same(name: str) -> None:
    plain = answered({}, **{name: 1})
    assert plain == answered({}, **{name: listed(1)}) == answered({}, **{name: tupled(1)}) == answered({}, **{name: True})


@pytest.mark.parametrize(
    ("name", "value"), [("stride", 1), ("dilation", 1), ("padding", 0), ("output_padding", 0), ("groups", 1), ("data_format", "NCL")]
)
def test_an_argument_left_out_has_its_printed_default(name: str, value: Any) -> None:
    others: dict[str, Any] = {"stride": 2, "dilation": 3, "padding": 1, "output_padding": 1, **GROUPED}
    assert answered({}, **{**others, name: OMITTED}) == answered({}, **{**others, name: value})


def test_O7_absent_holds_for_same_of_any_length_too() -> None:
    assert found({"S3": "inverse-any-length", "O7": "absent"}, padding="SAME", output_size=9) == "O7"
