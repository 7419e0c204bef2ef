"""Saboteurs of the call: argument forms, defaults, order, and the layer's parameters."""

from __future__ import annotations

from typing import Any

import numpy as np

from saboteurs.layer import ORDER, LayerParts, Parameter, fresh_bias
from saboteurs.right import READERS, Array, Reader, output_size, padding, require
from saboteurs.saboteur import defaulting, family, layered, reading, saboteur


class Unchanging(Parameter):
    """A parameter that ignores what it is set to."""

    def set_value(self, value: Array) -> None:
        require(value.shape == self.value.shape, "the shape must stay", shape=value.shape)


def swapped(one: str, other: str) -> tuple[str, ...]:
    """[A1] The constructor's parameters with two of them exchanged."""
    places = {one: other, other: one}
    return tuple(places.get(name, name) for name in ORDER)


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
    return lambda value: READERS[name](value[0] if isinstance(value, list | tuple) else value)


def default_if_none(name: str, default: Any) -> Reader:
    """[A17 A18] The reader of an argument that takes an empty list or tuple as if it had been left out."""
    return lambda value: READERS[name](default if isinstance(value, list | tuple) and not value else value)


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


def ncl_unless_nlc(value: Any) -> str:
    """[L4] Any other layout is NCL."""
    return "NLC" if value == "NLC" else "NCL"


def ignored_size(value: Any) -> None:
    """[O7] A length that is read, and forgotten."""
    output_size(value)


def longer_in_lists(value: Any) -> int:
    """[A10] One tap more, where the kernel's size is held in a list."""
    return int(READERS["kernel_size"](value)) + isinstance(value, list)


def always_biased(bias_attr: Any, out_channels: int) -> Parameter:
    """[B2] A bias of ones, asked for or not."""
    return Parameter(np.ones(out_channels, np.float32))


def biased_on_request(bias_attr: Any, out_channels: int) -> Parameter | None:
    """[A9] A bias that can be set only where bias_attr asks for one."""
    return Unchanging(np.zeros(out_channels, np.float32)) if bias_attr is None else fresh_bias(bias_attr, out_channels)


def frozen_weight(shape: tuple[int, ...]) -> Parameter:
    """[A8] A kernel that keeps its first numbers."""
    return Unchanging(np.ones(shape, np.float32))


DILATION_FIRST, FORMAT_FIRST, PADDING_FIRST = (
    LayerParts(order=swapped(*pair)) for pair in (("groups", "dilation"), ("bias_attr", "data_format"), ("stride", "padding"))
)
TAIL_LIST_IGNORED = reading(output_padding=ignoring(list, "output_padding", 0))
TAIL_INT_ONLY = reading(output_padding=refusing(tuple, "output_padding"))
SIZE_IGNORED = layered(reading(output_size=ignored_size))
FIRST_KERNEL_SIZE = layered(reading(kernel_size=first_only("kernel_size")))
KERNEL_SIZE_INT_ONLY = layered(reading(kernel_size=refusing(tuple, "kernel_size")))
SABOTEURS = (
    *family(
        "arguments",
        saboteur("dilation-before-groups", "dilation comes before groups", DILATION_FIRST, "A1_constructor_order"),
        saboteur("format-before-bias", "data_format before bias_attr", FORMAT_FIRST, "A1_constructor_order"),
        saboteur("padding-before-stride", "padding comes before stride", PADDING_FIRST, "A1_constructor_order"),
        saboteur("stride-2", "stride is 2 when left out", defaulting(stride=2), "A2_default_stride"),
        saboteur("padding-1", "padding is 1 when left out", defaulting(padding=1), "A3_default_padding"),
        saboteur("output-padding-1", "output_padding is 1 when left out", defaulting(output_padding=1), "A4_default_output_padding"),
        saboteur("groups-2", "groups is 2 when left out", defaulting(groups=2), "A5_default_groups"),
        saboteur("dilation-2", "dilation is 2 when left out", defaulting(dilation=2), "A6_default_dilation"),
        saboteur("frozen-weight", "the layer's weight cannot be set", LayerParts(weight=frozen_weight), "A8_weight_without_weight_attr"),
        saboteur("kernel-size-int-only", "kernel_size=(3,) is refused", KERNEL_SIZE_INT_ONLY, "A10_kernel_size_forms"),
        saboteur("kernel-size-plus-1", "kernel_size=[3] is 4", layered(reading(kernel_size=longer_in_lists)), "A10_kernel_size_forms"),
        saboteur("stride-int-only", "stride=(2,) is refused", reading(stride=refusing(tuple, "stride")), "A11_stride_forms"),
        saboteur("stride-tuple-ignored", "stride=(2,) is 1", reading(stride=ignoring(tuple, "stride", 1)), "A11_stride_forms"),
        saboteur("stride-list-sometimes", "stride=[3] is refused", reading(stride=short_lists("stride", 2)), "A12_stride_list"),
        saboteur("stride-list-ignored", "stride=[2] is 1", reading(stride=ignoring(list, "stride", 1)), "A12_stride_list"),
        saboteur("padding-list-left", "padding=[1] crops the left end only", reading(padding=left_of_list), "A13_padding_forms"),
        saboteur("tail-list-ignored", "output_padding=[1] is 0", TAIL_LIST_IGNORED, "A14_output_padding_forms"),
        saboteur("tail-int-only", "output_padding=(1,) is refused", TAIL_INT_ONLY, "A14_output_padding_forms"),
        saboteur("dilation-int-only", "dilation=(2,) is refused", reading(dilation=refusing(tuple, "dilation")), "A15_dilation_forms"),
        saboteur("dilation-list-sometimes", "dilation=[3] is refused", reading(dilation=short_lists("dilation", 2)), "A16_dilation_list"),
        saboteur("dilation-list-ignored", "dilation=[2] is 1", reading(dilation=ignoring(list, "dilation", 1)), "A16_dilation_list"),
        saboteur("first-stride", "stride=(2, 3) is 2", reading(stride=first_only("stride")), "A17_one_int_only"),
        saboteur("first-dilation", "dilation=(2, 3) is 2", reading(dilation=first_only("dilation")), "A17_one_int_only"),
        saboteur("first-tail", "output_padding=(1, 2) is 1", reading(output_padding=first_only("output_padding")), "A17_one_int_only"),
        saboteur("first-kernel-size", "kernel_size=(3, 3) is 3", FIRST_KERNEL_SIZE, "A17_one_int_only"),
        saboteur("no-stride", "stride=[] is 1", reading(stride=default_if_none("stride", 1)), "A17_one_int_only"),
        saboteur("no-padding", "padding=[] is 0", reading(padding=default_if_none("padding", 0)), "A18_two_paddings"),
        saboteur("first-padding", "padding=[1, 0] is 1", reading(padding=first_of_two), "A18_two_paddings"),
        saboteur("same-in-any-case", '"same" is SAME, "valid" is refused', reading(padding=same_in_any_case), "A19_lower_case_padding"),
        saboteur("any-word", '"FULL" is VALID', reading(padding=any_word), "A20_other_padding_strings"),
        saboteur("size-ignored", "the layer takes output_size for nothing", SIZE_IGNORED, "O7_output_size_in_the_call"),
    ),
    *family(
        "layouts",
        saboteur("channels-last", "data_format is NLC when left out", defaulting(data_format="NLC"), "A7_default_data_format"),
        saboteur("any-layout", "an unknown data_format is NCL", reading(data_format=ncl_unless_nlc), "L4_other_formats"),
    ),
    *family(
        "bias",
        saboteur("bias-on-request", "without bias_attr the bias stays 0", LayerParts(bias=biased_on_request), "A9_bias_without_bias_attr"),
        saboteur("bias-anyway", "bias_attr=False is ignored", LayerParts(bias=always_biased), "B2_no_bias"),
    ),
)
