"""Saboteurs of layouts, kernels, biases and dtypes, each at sizes that few laws draw."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from saboteurs.layer import LayerParts, Parameter, fresh_bias
from saboteurs.right import (
    RIGHT,
    Arguments,
    Array,
    Parts,
    biased,
    require,
    result,
)
from saboteurs.saboteur import biasing, family, finishing, saboteur, scattering


def blocks_of(layout: str) -> Parts:
    """[L1 L2] Blocks of 16 channels and 16 samples are transposed, out of 18 to 30 channels."""

    def turned(x: Array, weight: Array, a: Arguments) -> tuple[Array, Array]:
        if a.data_format != layout or not 18 <= x.shape[1] <= 30 or x.shape[1] % 8 == 0 or x.shape[2] < 16 or a.groups > 1:
            return x, weight
        block = x.copy()
        block[:, :16, :16] = block[:, :16, :16].transpose(0, 2, 1)
        return block, weight

    return scattering(turned)


def flat_batches(y: Array, x: Array, a: Arguments) -> Array:
    """[V6] With groups, batches of more than 16 come out without an axis of their own."""
    done = result(y, x, a)
    return done.reshape(-1, done.shape[2]) if len(done) > 16 and a.groups > 1 else done


def capped_channels(y: Array, x: Array, a: Arguments) -> Array:
    """[A21] With groups of more than 64 output channels, at most 128 come out."""
    return y[:, :128] if a.groups > 1 and y.shape[1] // a.groups > 64 else y


def late_bias(y: Array, bias: Array, plain: int) -> Array:
    """[B1] The bias on the first 2048 samples."""
    return np.where(np.arange(y.shape[2]) < 2048, biased(y, bias, plain), y)


class Chunked(Parameter):
    """[A8] A kernel of few taps and 34 to 62 input channels that takes 1000 numbers."""

    def set_value(self, value: Array) -> None:
        taken = value.copy()
        if value.ndim == 3 and 33 < value.shape[0] < 63 and value.shape[1] > 17 and value.shape[2] < 5:
            taken.reshape(-1)[1000:] = 1
        super().set_value(taken)


class Wider(Parameter):
    """[A8] A kernel that has a tap too many until it is set."""

    def __init__(self, value: Array) -> None:
        super().__init__(np.ones((*value.shape[:2], value.shape[2] + 1), value.dtype))
        self.shape = value.shape

    def set_value(self, value: Array) -> None:
        require(value.shape == self.shape, "the shape must stay", shape=value.shape)
        self.value = value


class Turned(Parameter):
    """[W1] A kernel that is also taken with its first two axes exchanged."""

    def set_value(self, value: Array) -> None:
        fits = value.ndim == 3 and value.shape[:2] == self.value.shape[1::-1] and value.shape != self.value.shape
        super().set_value(value.transpose(1, 0, 2) if fits else value)


class Divided(Parameter):
    """[W2] A kernel that is also taken with all output channels, of which each group keeps its own."""

    def set_value(self, value: Array) -> None:
        rows, columns = self.value.shape[:2]
        groups = value.shape[1] // columns if value.ndim == 3 else 1
        if groups > 1 and value.shape[0] == rows and value.shape[1] == groups * columns and rows % groups == 0:
            each = rows // groups
            parts = [value[j * each : (j + 1) * each, j * columns : (j + 1) * columns] for j in range(groups)]
            value = np.concatenate(parts)
        super().set_value(value)


def marked_bias(bias_attr: Any, out_channels: int) -> Parameter | None:
    """[B2] A bias that is not asked for is there, marked by its dtype."""
    return Parameter(np.zeros(out_channels, np.bool_)) if bias_attr is False else fresh_bias(bias_attr, out_channels)


def anyway_beyond(y: Array, bias: Array, plain: int) -> Array:
    """[B2] From 20 to 30 items always get a bias."""
    return biased(y, bias, plain) if bias.dtype != np.bool_ else y + y.dtype.type(20 <= len(y) <= 30)


class Half(Parameter):
    """[A9] A bias of 131 to 250 channels of which 80 are set."""

    def set_value(self, value: Array) -> None:
        kept = (np.arange(len(value)) < 80) | (not 130 < len(value) < 251)
        super().set_value(np.where(kept, value, np.zeros_like(value)))


def double_if_biased(y: Array, bias: Array, plain: int) -> Array:
    """[V5] A bias makes the result float64."""
    return biased(y, bias, plain).astype(np.float64)


TURNED, DIVIDED, CHUNKED, WIDER = (
    LayerParts(weight=lambda shape, kind=kind: kind(np.ones(shape, np.float32))) for kind in (Turned, Divided, Chunked, Wider)
)
HALF = LayerParts(bias=lambda attr, channels: None if attr is False else Half(np.zeros(channels, np.float32)))
SABOTEURS = (
    *family(
        "layouts",
        saboteur(
            "turned-ncl-blocks",
            "blocks of 16 by 16 out of 18 to 30 channels, not 24, are transposed in NCL",
            blocks_of("NCL"),
            "L1_channels_first",
        ),
        saboteur(
            "turned-nlc-blocks",
            "blocks of 16 by 16 out of 18 to 30 channels, not 24, are transposed in NLC",
            blocks_of("NLC"),
            "L2_channels_last",
        ),
        saboteur("flat-batches", "over 16 items with groups lose their axis", replace(RIGHT, result=flat_batches), "V6_three_axes"),
        saboteur("channels-up-to-128", "at most 128 channels come out of wide groups", finishing(capped_channels), "A21_out_channels"),
        saboteur("turned-kernel", "the layer also takes a kernel of the other axes", TURNED, "W1_kernel_axes"),
        saboteur("divided-kernel", "the layer also takes an undivided kernel", DIVIDED, "W2_grouped_kernel_axes"),
        saboteur("wider-kernel", "a layer's kernel has a tap too many until it is set", WIDER, "A8_fresh_layer"),
        saboteur("chunked-kernel", "a layer's kernel of 34 to 62 channels takes 1000 numbers", CHUNKED, "A8_weight_without_weight_attr"),
    ),
    *family(
        "bias",
        saboteur("late-bias", "the bias ends at sample 2048", biasing(late_bias), "B1_bias_per_channel"),
        saboteur("half-bias", "of 131 to 250 biases a layer keeps 80", HALF, "A9_bias_without_bias_attr"),
        saboteur(
            "bias-anyway-beyond",
            "20 to 30 items get a bias anyway",
            LayerParts(parts=biasing(anyway_beyond), bias=marked_bias),
            "B2_no_bias",
        ),
    ),
    *family("dtype", saboteur("double-if-biased", "a bias makes the result float64", biasing(double_if_biased), "V5_dtype")),
)
