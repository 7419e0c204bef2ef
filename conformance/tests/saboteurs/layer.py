"""The layer form of an implementation, also in parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from saboteurs.right import RIGHT, Array, Parts, divided, require

ORDER = (
    "in_channels", "out_channels", "kernel_size", "stride", "padding", "output_padding", "groups", "dilation",
    "weight_attr", "bias_attr", "data_format",
)  # fmt: skip
"""[A1] The constructor's parameters as printed."""

LAYER_CLAUSES = {"A1", "A8", "A9", "A10", "B2", "O7"}
"""What only a layer can be asked."""


class Parameter:
    """Numbers that a caller can set; [I6 I8 I9] a new value has the shape of the old one."""

    def __init__(self, value: Array) -> None:
        self.value = value

    def set_value(self, value: Array) -> None:
        require(value.shape == self.value.shape, f"the shape must be {self.value.shape}", shape=value.shape)
        self.value = value


def fresh_weight(shape: tuple[int, ...]) -> Parameter:
    """[A8] A kernel of ones."""
    return Parameter(np.ones(shape, np.float32))


def fresh_bias(bias_attr: Any, out_channels: int) -> Parameter | None:
    """[A9 B2] A bias of zeros, unless bias_attr is False."""
    return None if bias_attr is False else Parameter(np.zeros(out_channels, np.float32))


def shared(in_channels: int, out_channels: int, groups: int) -> int:
    """[I5] The groups, which divide both channels."""
    divided(in_channels, groups)
    return divided(out_channels, groups)


def weight_shape(in_channels: int, out_channels: int, groups: int) -> tuple[int, int]:
    """[W1 W2] The first two axes of the kernel."""
    return in_channels, out_channels // groups


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerParts:
    """A layer; as it stands, the right one."""

    parts: Parts = RIGHT
    order: tuple[str, ...] = ORDER
    shared: Callable[[int, int, int], int] = shared
    weight_shape: Callable[[int, int, int], tuple[int, int]] = weight_shape
    weight: Callable[[tuple[int, ...]], Parameter] = fresh_weight
    bias: Callable[[Any, int], Parameter | None] = fresh_bias


def layer(made: LayerParts) -> type:
    """The class of a layer."""

    class Conv1DTranspose:
        def __init__(self, *positional: Any, **named: Any) -> None:
            given = {**dict(zip(made.order, positional, strict=False)), **named}
            sizes = {name: given.pop(name) for name in ORDER[:3]}
            given.pop("weight_attr", None)
            bias_attr = given.pop("bias_attr", None)
            taps = made.parts.readers["kernel_size"](sizes["kernel_size"])
            in_channels, out_channels = sizes["in_channels"], sizes["out_channels"]
            groups = made.shared(in_channels, out_channels, made.parts.arguments(given).groups)
            self.given = {**given, "groups": groups}
            self.weight = made.weight((*made.weight_shape(in_channels, out_channels, groups), taps))
            self.bias = made.bias(bias_attr, out_channels)

        def __call__(self, x: Array, output_size: Any = None) -> Array:
            arguments = made.parts.arguments({**self.given, "output_size": output_size})
            return made.parts.compute(x, self.weight.value, self.bias.value if self.bias else None, arguments)

    return Conv1DTranspose


Conv1DTranspose = layer(LayerParts())
