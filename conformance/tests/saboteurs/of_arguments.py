"""Saboteurs of the call: argument forms, defaults, order, and the layer's parameters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from saboteurs.layer import LayerParts, Parameter, fresh_bias
from saboteurs.right import READERS, RIGHT, Array, Reader, output_size, padding, require
from saboteurs.saboteur import Saboteur, defaulting, first_of, reading


class Unchanging(Parameter):
    """A parameter that ignores what it is set to."""

    def set_value(self, value: Array) -> None:
        require(value.shape == self.value.shape, "the shape must stay", shape=value.shape)


def refusing(kind: type, name: str) -> Reader:
    """The reader of an argument that does not know lists, or tuples."""

    def read(value: Any) -> Any:
        require(not isinstance(value, kind), f"{name} must not be a {kind.__name__}", value=value)
        return READERS[name](value)

    return read


def ignoring(kind: type, name: str, default: Any) -> Reader:
    """The reader of an argument that takes a list, or a tuple, as if it had been left out."""
    return lambda value: READERS[name](default if isinstance(value, kind) else value)


def first_only(name: str) -> Reader:
    """[A17] The reader of an argument that takes the first of several ints."""
    return lambda value: READERS[name](first_of(value))


def short_lists(name: str, limit: int) -> Reader:
    """[A12 A16] The reader of an argument that takes a list up to a value, and refuses it beyond."""

    def read(value: Any) -> Any:
        require(not isinstance(value, list) or value[0] <= limit, f"{name} must be small in a list", value=value)
        return READERS[name](value)

    return read


def left_of_list(value: Any) -> Any:
    """[A13] A crop on the left only, where the padding is held in a list."""
    return (value[0], 0) if isinstance(value, list) and len(value) == 1 else padding(value)


def first_of_two(value: Any) -> Any:
    """[A18] The first of two paddings, on both sides."""
    return padding(value[0] if isinstance(value, list) else value)


def same_in_any_case(value: Any) -> Any:
    """[A19] SAME in any case of its letters, VALID in capitals only."""
    return padding("SAME" if isinstance(value, str) and value.upper() == "SAME" else value)


def any_word(value: Any) -> Any:
    """[A20] Any other word is VALID; the lower case stays refused."""
    known = not isinstance(value, str) or value.upper() in ("SAME", "VALID")
    return padding(value if known else "VALID")


def always_biased(bias_attr: Any, out_channels: int) -> Parameter:
    """[B2] A bias of ones, asked for or not."""
    return Parameter(np.ones(out_channels, np.float32))


def biased_on_request(bias_attr: Any, out_channels: int) -> Parameter | None:
    """[A9] A bias that counts only where bias_attr asks for it."""
    return Unchanging(np.zeros(out_channels, np.float32)) if bias_attr is None else fresh_bias(bias_attr, out_channels)


SWAPPED = (
    "in_channels", "out_channels", "kernel_size", "stride", "padding", "output_padding", "dilation", "groups", "weight_attr", "bias_attr", "data_format",
)  # fmt: skip
TRAILING = (
    "in_channels", "out_channels", "kernel_size", "stride", "padding", "output_padding", "groups", "dilation", "weight_attr", "data_format", "bias_attr",
)  # fmt: skip

SABOTEURS = (
    Saboteur(
        name="dilation-before-groups",
        wrong="the constructor takes dilation before groups",
        parts=LayerParts(order=SWAPPED),
        laws=("test_A1_constructor_order",),
    ),
    Saboteur(
        name="data-format-before-bias",
        wrong="the constructor takes data_format before bias_attr",
        parts=LayerParts(order=TRAILING),
        laws=("test_A1_constructor_order",),
    ),
    Saboteur(name="stride-2", wrong="stride is 2 when left out", parts=defaulting(stride=2), laws=("test_A2_default_stride",)),
    Saboteur(name="padding-1", wrong="padding is 1 when left out", parts=defaulting(padding=1), laws=("test_A3_default_padding",)),
    Saboteur(
        name="output-padding-1",
        wrong="output_padding is 1 when left out",
        parts=defaulting(output_padding=1),
        laws=("test_A4_default_output_padding",),
    ),
    Saboteur(name="groups-2", wrong="groups is 2 when left out", parts=defaulting(groups=2), laws=("test_A5_default_groups",)),
    Saboteur(name="dilation-2", wrong="dilation is 2 when left out", parts=defaulting(dilation=2), laws=("test_A6_default_dilation",)),
    Saboteur(
        name="channels-last", wrong="data_format is NLC when left out", parts=defaulting(data_format="NLC"), laws=("test_A7_default_data_format",)
    ),
    Saboteur(
        name="frozen-weight",
        wrong="the layer's weight keeps its first values",
        parts=LayerParts(weight=lambda shape: Unchanging(np.ones(shape, np.float32))),
        laws=("test_A8_weight_without_weight_attr",),
    ),
    Saboteur(
        name="bias-on-request",
        wrong="without bias_attr the layer's bias stays 0",
        parts=LayerParts(bias=biased_on_request),
        laws=("test_A9_bias_without_bias_attr",),
    ),
    Saboteur(name="bias-anyway", wrong="bias_attr=False is ignored", parts=LayerParts(bias=always_biased), laws=("test_B2_no_bias",)),
    Saboteur(
        name="kernel-size-int-only",
        wrong="kernel_size=(3,) is refused",
        parts=LayerParts(parts=reading(kernel_size=refusing(tuple, "kernel_size"))),
        laws=("test_A10_kernel_size_forms",),
    ),
    Saboteur(
        name="stride-int-only", wrong="stride=(2,) is refused", parts=reading(stride=refusing(tuple, "stride")), laws=("test_A11_stride_forms",)
    ),
    Saboteur(
        name="stride-tuple-ignored", wrong="stride=(2,) counts as 1", parts=reading(stride=ignoring(tuple, "stride", 1)), laws=("test_A11_stride_forms",)
    ),
    Saboteur(
        name="stride-list-sometimes",
        wrong="stride=[2] is accepted, stride=[3] refused",
        parts=reading(stride=short_lists("stride", 2)),
        laws=("test_A12_stride_list",),
    ),
    Saboteur(
        name="stride-list-ignored", wrong="stride=[2] counts as 1", parts=reading(stride=ignoring(list, "stride", 1)), laws=("test_A12_stride_list",)
    ),
    Saboteur(name="padding-list-left", wrong="padding=[1] crops the left end only", parts=reading(padding=left_of_list), laws=("test_A13_padding_forms",)),
    Saboteur(
        name="output-padding-list-ignored",
        wrong="output_padding=[1] counts as 0",
        parts=reading(output_padding=ignoring(list, "output_padding", 0)),
        laws=("test_A14_output_padding_forms",),
    ),
    Saboteur(
        name="dilation-int-only",
        wrong="dilation=(2,) is refused",
        parts=reading(dilation=refusing(tuple, "dilation")),
        laws=("test_A15_dilation_forms",),
    ),
    Saboteur(
        name="dilation-list-sometimes",
        wrong="dilation=[2] is accepted, dilation=[3] refused",
        parts=reading(dilation=short_lists("dilation", 2)),
        laws=("test_A16_dilation_list",),
    ),
    Saboteur(name="first-stride", wrong="stride=(2, 3) counts as 2", parts=reading(stride=first_only("stride")), laws=("test_A17_one_int_only",)),
    Saboteur(
        name="first-dilation", wrong="dilation=(2, 3) counts as 2", parts=reading(dilation=first_only("dilation")), laws=("test_A17_one_int_only",)
    ),
    Saboteur(name="first-padding", wrong="padding=[1, 0] counts as 1", parts=reading(padding=first_of_two), laws=("test_A18_two_paddings",)),
    Saboteur(
        name="same-in-any-case",
        wrong='"same" means SAME, "valid" is refused',
        parts=reading(padding=same_in_any_case),
        laws=("test_A19_lower_case_padding",),
    ),
    Saboteur(name="any-word", wrong="padding='FULL' means VALID", parts=reading(padding=any_word), laws=("test_A20_other_padding_strings",)),
    Saboteur(
        name="unknown-layout",
        wrong="an unknown data_format counts as NCL",
        parts=reading(data_format=lambda value: value if value == "NLC" else "NCL"),
        laws=("test_L4_other_formats",),
    ),
    Saboteur(
        name="output-size-dropped",
        wrong="the layer takes output_size and ignores it",
        parts=LayerParts(parts=reading(output_size=lambda value: None if output_size(value) else None)),
        laws=("test_O7_output_size_in_the_call",),
    ),
    Saboteur(
        name="kernel-size-plus-one",
        wrong="kernel_size=[3] counts as 4",
        parts=LayerParts(parts=replace(RIGHT, readers={**READERS, "kernel_size": lambda value: READERS["kernel_size"](value) + isinstance(value, list)})),
        laws=("test_A10_kernel_size_forms",),
    ),
)
