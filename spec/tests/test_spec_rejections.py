"""Each wrong call is refused, and the refusal names the clause that asks for it; the call beside it is accepted."""

from __future__ import annotations

from typing import Any

import pytest

from convt_spec.clauses import inventory, rulings
from convt_spec.interpretation import Answer, Refusal, interpret
from convt_spec.problem import Items, Problem

RULINGS = rulings()
BASE: dict[str, Any] = {"in_channels": 4, "out_channels": 6, "length": 5, "kernel_size": 3, "stride": 2}


def several(*values: float) -> Items:
    return Items("tuple", values)


WRONG: list[tuple[str, dict[str, Any]]] = [
    *[("A10", {"call": "layer", "kernel_form": form}) for form in (2, 4, several(4))],
    *[("A17", {"call": "layer", "kernel_form": form}) for form in (several(3, 3), Items("list", ()))],
    *[("I12", {"call": "layer", "kernel_form": Items(kind, (3.5,))}) for kind in ("list", "tuple")],
    ("I12", {"call": "layer", "kernel_form": 3.0}),
    ("A17", {"stride": several(2, 2)}),
    ("A17", {"stride": several()}),
    ("A17", {"dilation": several(2, 2)}),
    ("A17", {"dilation": Items("list", (1, 1, 1))}),
    ("A17", {"output_padding": several(1, 1)}),
    ("A17", {"output_padding": several()}),
    ("A18", {"padding": several(1, 0)}),
    ("A18", {"padding": several()}),
    ("A18", {"padding": Items("list", (1, 1, 1))}),
    ("A19", {"padding": "same"}),
    ("A19", {"padding": "Valid"}),
    ("A20", {"padding": "FULL"}),
    ("A20", {"padding": "SAMES"}),
    ("L4", {"data_format": "NWC"}),
    ("L4", {"data_format": "nlc"}),
    ("L4", {"data_format": 1}),
    ("L4", {"data_format": None}),
    ("R3", {"length": 1, "kernel_size": 1, "padding": 1}),
    ("R3", {"padding": 6}),
    ("O3", {"output_padding": 3}),
    ("O4", {"output_size": several(11, 11)}),
    ("O5", {"output_size": 14}),
    ("O6", {"output_size": 10}),
    ("O6", {"output_size": 0}),
    ("O6", {"padding": "SAME", "output_size": 9}),
    ("R2", {"padding": 5, "kernel_size": 2}),
    ("I1", {"stride": 0}),
    ("I1", {"stride": -1}),
    ("I2", {"dilation": 0}),
    ("I2", {"dilation": -1}),
    ("I3", {"kernel_size": 0}),
    ("I4", {"groups": 0}),
    ("I4", {"groups": -1}),
    ("I5", {"groups": 3}),
    ("I5", {"groups": 4}),
    ("I5", {"in_channels": 6, "out_channels": 4, "groups": 3}),
    ("I6", {"flaw": "kernel-channels"}),
    ("I6", {"flaw": "fewer-kernel-channels"}),
    ("I7", {"flaw": "input-rank-2"}),
    *[("I6", {"flaw": flaw, "groups": 2}) for flaw in ("kernel-per-group", "kernel-times-groups")],
    *[("I7", {"flaw": f"input-rank-4{place}"}) for place in ("", "-at-1", "-at-2", "-at-3")],
    ("I8", {"flaw": "kernel-rank-2"}),
    *[("I8", {"flaw": f"kernel-rank-4{place}"}) for place in ("", "-at-1", "-at-2", "-at-3")],
    *[("I9", {"flaw": f"bias-{flaw}", "bias": True}) for flaw in ("length", "shorter", "of-one", "rank-0", "rank-2", "rank-2-at-1")],
    ("I9", {"flaw": "bias-per-group", "bias": True, "groups": 2}),
    ("I10", {"padding": -1}),
    ("I11", {"output_padding": -1}),
    *[
        ("I12", {name: form})
        for name in ("stride", "padding", "dilation", "output_padding", "groups", "output_size")
        for form in (1.5, Items("list", (1.5,)), several(1.5))
    ],
    ("I12", {"stride": 2.0}),
    ("I12", {"dilation": "two"}),
    ("I12", {"groups": None}),
    ("I12", {"groups": several(2, 2)}),
    ("I12", {"groups": Items("list", (2,))}),
]
RIGHT: list[dict[str, Any]] = [
    {},
    *[{"call": "layer", "kernel_form": form} for form in (3, several(3), Items("list", (3,)))],
    {"stride": 1},
    {"dilation": 1},
    {"kernel_size": 1},
    {"groups": 2},
    {"in_channels": 3, "groups": 3},
    {"padding": 0},
    {"padding": 6, "output_padding": 2},
    {"padding": 5},
    {"output_padding": 0},
    {"output_padding": 2},
    {"output_size": 11},
    {"output_size": 13},
    {"output_size": None},
    {"padding": 6, "length": 6},
    {"data_format": "NLC"},
    {"flaw": "bias-length"},
    {"flaw": "bias-of-one"},
    {"flaw": "bias-rank-2"},
    {"flaw": "bias-per-group", "bias": True},
    {"flaw": "kernel-per-group"},
    {"flaw": "kernel-times-groups", "groups": 1},
    {"flaw": "bias-of-one", "bias": True, "out_channels": 1},
    {"length": 1, "kernel_size": 2, "stride": 1, "padding": 1, "output_padding": 1},
]


@pytest.mark.parametrize(("clause", "arguments"), WRONG, ids=[f"{row[0]}-{at}" for at, row in enumerate(WRONG)])
def test_the_refusal_names_the_clause(clause: str, arguments: dict[str, Any]) -> None:
    refusal = interpret(Problem(**{**BASE, **arguments}), RULINGS)
    assert isinstance(refusal, Refusal)
    assert refusal.clause == clause
    assert refusal.clause in inventory()
    assert refusal.reason


@pytest.mark.parametrize("arguments", RIGHT, ids=str)
def test_calls_on_the_right_side_of_the_border_are_answered(arguments: dict[str, Any]) -> None:
    assert isinstance(interpret(Problem(**{**BASE, **arguments}), RULINGS), Answer)


def test_every_rejection_clause_has_its_wrong_call() -> None:
    assert {clause.id for clause in inventory().values() if clause.kind == "rejections"} <= {clause for clause, _ in WRONG}


def test_no_refusal_leaves_interpret_as_an_exception() -> None:
    assert isinstance(interpret(Problem(flaw="input-rank-2", stride=0), RULINGS), Refusal)


def test_refusals_are_values() -> None:
    """Equal ones are one: they serve as keys where answers are compared."""
    calls = [Problem(stride=0), Problem(stride=-1), Problem(dilation=0)]
    assert len({interpret(call, RULINGS) for call in calls}) == 2


def test_a_reason_shows_the_numbers_that_broke_the_rule() -> None:
    for arguments, numbers in (({"output_size": 10}, ("10", "11")), ({"output_padding": 3}, ("2", "3")), ({"padding": 6}, ("-1",))):
        refusal = interpret(Problem(**{**BASE, **arguments}), RULINGS)
        assert isinstance(refusal, Refusal)
        assert all(number in refusal.reason for number in numbers), refusal
