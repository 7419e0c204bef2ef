"""Operands of a call: arrays of one supported dtype whose shapes fit each other. Nothing is copied here."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convt_impl.arguments import DataFormat, require_divisor

Array = NDArray[Any]

DTYPES = ("float16", "float32", "float64", "complex64", "complex128")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operands:
    """`x` in the caller's layout, `weight` as (C_in, C_out / groups, K), `bias` as (C_out,) or None."""

    x: Array
    weight: Array
    bias: Array | None
    groups: int
    data_format: DataFormat

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the result: that of `x`, in native byte order."""
        return self.x.dtype.newbyteorder("=")

    @property
    def input_length(self) -> int:
        return int(self.x.shape[length_axis(self.data_format)])

    @property
    def kernel_length(self) -> int:
        return int(self.weight.shape[2])

    @property
    def out_channels(self) -> int:
        return int(self.weight.shape[1]) * self.groups


def operands(x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None, *, groups: int, data_format: DataFormat) -> Operands:
    """Return the operands as arrays; a wrong dtype is a `TypeError`, a wrong shape a `ValueError`."""
    checked = Operands(
        x=array("x", x),
        weight=array("weight", weight),
        bias=None if bias is None else array("bias", bias),
        groups=groups,
        data_format=data_format,
    )
    _require_one_dtype(checked)
    _require_shapes(checked)
    return checked


def array(name: str, value: ArrayLike) -> Array:
    """Return `value` as an array, without a copy where it is one."""
    try:
        return np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} must be an array or nested sequences of equal lengths, got {name} of {type(value)}") from error


def channel_axis(data_format: DataFormat) -> int:
    """Return the axis of the channels in `x` and in the result."""
    return 1 if data_format == "NCL" else 2


def length_axis(data_format: DataFormat) -> int:
    """Return the axis of the samples in `x` and in the result."""
    return 2 if data_format == "NCL" else 1


def require_rank(name: str, value: Array, rank: int) -> None:
    """Raise unless `value` has `rank` axes."""
    if value.ndim != rank:
        raise ValueError(f"{name} must have rank {rank}, got {name}.shape={value.shape}")


def _require_one_dtype(given: Operands) -> None:
    named = {"x": given.x, "weight": given.weight}
    if given.bias is not None:
        named["bias"] = given.bias
    for name, value in named.items():
        if value.dtype.name not in DTYPES:
            raise TypeError(f"the dtype of {name} must be one of {', '.join(DTYPES)}, got {name}.dtype={value.dtype}")
    if len({value.dtype.name for value in named.values()}) > 1:
        seen = ", ".join(f"{name}.dtype={value.dtype.name}" for name, value in named.items())
        raise TypeError(f"{', '.join(named)} must have the same dtype, got {seen}")


def _require_shapes(given: Operands) -> None:
    require_rank("x", given.x, 3)
    require_rank("weight", given.weight, 3)
    for axis, size in enumerate(given.weight.shape):
        if size < 1:
            raise ValueError(f"every axis of weight must have at least one element, got weight.shape[{axis}]={size}")
    in_channels = given.x.shape[channel_axis(given.data_format)]
    if in_channels != given.weight.shape[0]:
        raise ValueError(
            f"the channels of x must equal weight.shape[0], got {in_channels} channels in x.shape={given.x.shape} "
            f"({given.data_format}) and weight.shape={given.weight.shape}"
        )
    require_divisor(given.groups, "in_channels", in_channels)
    if given.input_length < 1:
        raise ValueError(f"x must have at least one sample, got x.shape={given.x.shape} ({given.data_format})")
    if given.bias is not None:
        require_rank("bias", given.bias, 1)
        if given.bias.shape[0] != given.out_channels:
            raise ValueError(
                f"bias must have one element per output channel, got bias.shape={given.bias.shape} and out_channels={given.out_channels}"
            )
