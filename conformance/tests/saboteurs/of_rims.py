"""Saboteurs at the rims: large sizes, rare combinations; the last few are found by no law, each shows what no case reaches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from saboteurs.layer import LayerParts, Parameter
from saboteurs.of_lengths import at_the_head
from saboteurs.right import READERS, RIGHT, Arguments, Array, Parts, Window, added, divided, kernel, offsets, require, window
from saboteurs.saboteur import defaulting, family, layered, reading, saboteur, scattering


def reversed_where(wrong: Callable[[Array, Array, Arguments], bool]) -> Parts:
    """The kernel runs backwards in some calls."""
    return scattering(lambda x, weight, a: (x, weight[..., ::-1] if wrong(x, weight, a) else weight))


def uncropped_size(a: Arguments, length: int, taps: int) -> Window:
    """[O4] With output_size the left end is not cropped."""
    found = window(a, length, taps)
    return found if a.output_size is None or a.padding == "SAME" else Window(0, found.length)


def size_in_ncl(a: Arguments, plain: int) -> int:
    """[O4] An output_size counts in NCL only."""
    return added(replace(a, output_size=None) if a.data_format == "NLC" else a, plain)


def in_channels_only(in_channels: int, out_channels: int, groups: int) -> int:
    """[I5] Groups that do not divide the output channels count as 1."""
    return 1 if out_channels % groups else divided(in_channels, groups)


def one_for_all(bias: Array, out_channels: int) -> Array:
    """[I9] A bias of one number is one for all channels."""
    return np.repeat(bias, out_channels) if bias.shape == (1,) else offsets(bias, out_channels)


def cut_off(name: str) -> Callable[[Any], Any]:
    """[I12] A fraction is cut off."""
    return lambda value: READERS[name](int(value) if isinstance(value, float) else value)


def bias_of_ones(bias_attr: Any, out_channels: int) -> Parameter | None:
    """[A9] A fresh bias is 1."""
    return None if bias_attr is False else Parameter(np.ones(out_channels, np.float32))


class Unset(Parameter):
    """[A8] Numbers that are not there until they are set."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__(np.zeros(shape, np.float32))
        self.ready = False

    def set_value(self, value: Array) -> None:
        super().set_value(value)
        self.ready = True

    def __getattribute__(self, name: str) -> Any:
        require(
            name != "value" or object.__getattribute__(self, "__dict__").get("ready") is not False, "the kernel must be set", ready=False
        )
        return object.__getattribute__(self, name)


def unset_kernel(shape: tuple[int, ...]) -> Parameter:
    """[A8] No kernel."""
    return Unset(shape)


def filled_rows(weight: Array, channels: int, groups: int) -> Array:
    """[I6] A kernel with too few input channels is repeated."""
    return kernel(np.resize(weight, (channels, *weight.shape[1:])) if 0 < weight.shape[0] < channels else weight, channels, groups)


RAGGED = LayerParts(shared=in_channels_only)
LARGE, SAME, SIZE = "V1_values_of_large_sizes", "S3_same", "O4_output_size"
SABOTEURS = (
    *family(
        "geometry",
        saboteur("long-kernel", "wrong beyond 32 taps", reversed_where(lambda x, w, a: w.shape[2] > 32), LARGE),
        saboteur("wide-stride", "wrong for strides beyond 8", reversed_where(lambda x, w, a: a.stride > 8), LARGE),
        saboteur("wide-dilation", "wrong for dilations beyond 8", reversed_where(lambda x, w, a: a.dilation > 8), LARGE),
        saboteur("many-channels", "wrong beyond 32 input channels", reversed_where(lambda x, w, a: x.shape[1] > 32), LARGE),
        saboteur("many-outputs", "wrong beyond 32 output channels", reversed_where(lambda x, w, a: w.shape[1] * a.groups > 32), LARGE),
        saboteur(
            "same-with-batch", "SAME is wrong for a batch", reversed_where(lambda x, w, a: a.padding == "SAME" and x.shape[0] > 1), SAME
        ),
        saboteur("large-batch", "wrong beyond 4 items", reversed_where(lambda x, w, a: x.shape[0] > 4), LARGE),
    ),
    *family(
        "layouts",
        saboteur(
            "same-in-nlc", "SAME is wrong in NLC", reversed_where(lambda x, w, a: (a.padding, a.data_format) == ("SAME", "NLC")), SAME
        ),
    ),
    *family(
        "groups",
        saboteur(
            "same-with-groups", "SAME is wrong with groups", reversed_where(lambda x, w, a: a.padding == "SAME" and a.groups > 1), SAME
        ),
        saboteur("many-groups", "wrong beyond 4 groups", reversed_where(lambda x, w, a: a.groups > 4), LARGE),
    ),
    *family(
        "tail",
        saboteur("uncropped-size", "output_size drops the left crop", replace(RIGHT, window=uncropped_size), SIZE),
        saboteur("longer-head", "output_padding lengthens the head", replace(RIGHT, cut=at_the_head), "O1_output_padding"),
        saboteur("size-in-ncl", "output_size is ignored in NLC", replace(RIGHT, added=size_in_ncl), SIZE),
    ),
    *family(
        "arguments",
        saboteur("ragged-outputs", "groups need not divide out_channels", RAGGED, "I5_groups_divide"),
        saboteur("cut-kernel-size", "kernel_size=2.5 is 2", layered(reading(kernel_size=cut_off("kernel_size"))), "I12_whole_numbers"),
        saboteur("no-fresh-kernel", "a layer has no kernel until one is set", LayerParts(weight=unset_kernel), "A8_fresh_layer"),
        saboteur("missing-rows", "a kernel for fewer input channels is filled up", replace(RIGHT, kernel=filled_rows), "I6_channels_match"),
        saboteur("stride-required", "stride cannot be left out", defaulting(stride=None), "A2_default_stride"),
        saboteur("cut-output-size", "output_size=7.5 is 7", reading(output_size=cut_off("output_size")), "I12_whole_numbers"),
    ),
    *family(
        "bias",
        saboteur("one-bias", "a bias of one number is repeated", replace(RIGHT, offsets=one_for_all), "I9_bias_length"),
        saboteur("bias-of-ones", "a fresh bias is 1", LayerParts(bias=bias_of_ones), "A9_fresh_bias"),
    ),
)
