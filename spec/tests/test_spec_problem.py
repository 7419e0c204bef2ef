"""The attributes of a call: derived sizes, and the errors of the constructor."""

from __future__ import annotations

from typing import Any

import pytest

from convt_spec.problem import OMITTED, Items, Problem

PLAIN = Problem(batch=2, in_channels=4, out_channels=6, length=5, kernel_size=3)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"batch": -1}, "batch=-1"),
        ({"in_channels": -2}, "in_channels=-2"),
        ({"out_channels": 1.5}, "out_channels=1.5"),
        ({"length": "5"}, "length='5'"),
        ({"kernel_size": None}, "kernel_size=None"),
        ({"call": "module"}, "call='module'"),
        ({"weight": "out"}, "weight='out'"),
        ({"flaw": "input"}, "flaw='input'"),
        ({"bias_attr": False}, "bias_attr and kernel_form belong to the layer, got call='function'"),
        ({"kernel_form": 3}, "bias_attr and kernel_form belong to the layer, got call='function'"),
        ({"call": "layer", "bias": True}, "bias belongs to the functional form, the layer takes bias_attr, got bias=True"),
        ({"call": "positional", "bias": True}, "bias belongs to the functional form"),
    ],
)
def test_the_constructor_names_what_is_wrong(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError) as raised:
        Problem(**arguments)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("call", "function, layer, positional"),
        ("weight", "mapped, in-out, out-in, undivided"),
        ("parameters", "set, fresh-bias, fresh"),
    ],
)
def test_the_constructor_lists_what_is_allowed(name: str, allowed: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be one of {allowed}, got "):
        PLAIN.with_(**{name: "other"})


def test_a_size_of_0_is_a_problem_to_judge_not_an_error() -> None:
    empty = Problem(batch=0, in_channels=0, out_channels=0, length=0, kernel_size=0)
    assert (empty.input_shape, empty.weight_shape, empty.bias_shape) == ((0, 0, 0), (0, 0, 0), (0,))


@pytest.mark.parametrize(
    ("arguments", "has_bias"),
    [
        ({}, False),
        ({"bias": True}, True),
        ({"call": "layer"}, True),
        ({"call": "positional", "bias_attr": None}, True),
        ({"call": "layer", "bias_attr": True}, True),
        ({"call": "layer", "bias_attr": False}, False),
        ({"call": "positional", "bias_attr": False}, False),
    ],
)
def test_A9_B2_who_has_a_bias(arguments: dict[str, Any], has_bias: bool) -> None:
    assert PLAIN.with_(**arguments).has_bias is has_bias


@pytest.mark.parametrize(("data_format", "layout"), [(OMITTED, "NCL"), ("NCL", "NCL"), ("NLC", "NLC"), ("NWC", "NCL"), (3, "NCL")])
def test_layout_is_NLC_only_when_asked_for(data_format: Any, layout: str) -> None:
    assert PLAIN.with_(data_format=data_format).layout == layout


@pytest.mark.parametrize(
    ("arguments", "shape"),
    [
        ({}, (4, 6, 3)),
        ({"groups": 2}, (4, 3, 3)),
        ({"groups": 6}, (4, 1, 3)),
        ({"groups": 2, "weight": "out-in"}, (6, 2, 3)),
        ({"groups": 2, "weight": "undivided"}, (4, 6, 3)),
        ({"groups": 2, "flaw": "kernel-channels"}, (5, 3, 3)),
        ({"groups": 2, "flaw": "fewer-kernel-channels"}, (3, 3, 3)),
        ({"groups": 2, "flaw": "kernel-per-group"}, (2, 3, 3)),
        ({"groups": 2, "flaw": "kernel-times-groups"}, (8, 3, 3)),
    ],
)
def test_W2_kernel_shapes(arguments: dict[str, Any], shape: tuple[int, ...]) -> None:
    assert PLAIN.with_(**arguments).weight_shape == shape


def test_given_arguments_are_those_passed_in_the_documents_order() -> None:
    problem = PLAIN.with_(data_format="NLC", dilation=2, output_size=None, padding=0, stride=Items("list", (1,)))
    assert list(problem.given()) == ["stride", "padding", "output_size", "dilation", "data_format"]
    assert problem.given()["output_size"] is None
    assert PLAIN.given() == {}


def test_with_changes_only_what_it_names() -> None:
    changed = PLAIN.with_(stride=2)
    assert (changed.stride, PLAIN.stride) == (2, OMITTED)
    assert changed.with_(stride=OMITTED) == PLAIN


def test_items_keep_their_kind() -> None:
    assert Items("list", (1, 2)).python() == [1, 2]
    assert Items("tuple", (3,)).python() == (3,)
    assert Items("list", (3,)) != Items("tuple", (3,))


def test_an_omitted_argument_is_no_value() -> None:
    assert repr(OMITTED) == "OMITTED"
    values: list[object] = [None, False, 0, "", "omitted"]
    assert OMITTED not in values
