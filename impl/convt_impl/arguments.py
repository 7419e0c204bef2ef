"""Attributes of a call: every documented form becomes a plain value, everything else raises.

A value of the wrong type is a `TypeError`, a value outside its range is a `ValueError`.
"""

import reprlib
from dataclasses import dataclass
from typing import Literal

import numpy as np

Padding = int | Literal["SAME"]
DataFormat = Literal["NCL", "NLC"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """The attributes that a function call and a layer have in common, checked and reduced to plain values."""

    stride: int
    padding: Padding
    output_padding: int
    groups: int
    dilation: int
    data_format: DataFormat


def attributes(
    *, stride: object, padding: object, output_padding: object, groups: object, dilation: object, data_format: object
) -> Attributes:
    """Return the checked attributes; `output_padding` may be as large as `stride`, because the printed range of lengths is closed."""
    checked = Attributes(
        stride=one_int("stride", stride, minimum=1),
        padding=padding_amount(padding),
        output_padding=one_int("output_padding", output_padding, minimum=0),
        groups=plain_int("groups", groups, minimum=1),
        dilation=one_int("dilation", dilation, minimum=1),
        data_format=layout(data_format),
    )
    if checked.output_padding > checked.stride:
        raise ValueError(f"output_padding must not exceed stride, got output_padding={checked.output_padding} and stride={checked.stride}")
    return checked


def requested_length(output_size: object, output_padding: int) -> int | None:
    """Return `output_size` as an int, or None; together with a nonzero `output_padding` it is refused, as both name the same thing."""
    if output_size is None:
        return None
    length = one_int("output_size", output_size, minimum=1)
    if output_padding:
        raise ValueError(
            f"output_size and a nonzero output_padding exclude each other, got output_size={length} and output_padding={output_padding}"
        )
    return length


def plain_int(name: str, value: object, *, minimum: int) -> int:
    """Return `value` as an int; only an int of Python or NumPy will do."""
    if not _is_int(value):
        raise TypeError(f"{name} must be an int, {_got(name, value)}")
    return _at_least(name, value, minimum)


def one_int(name: str, value: object, *, minimum: int) -> int:
    """Return as an int what is given as an int, or as a list or tuple of exactly one."""
    if _is_int(value):
        return _at_least(name, value, minimum)
    if not isinstance(value, list | tuple):
        raise TypeError(f"{name} must be an int, or a list or tuple of one int, {_got(name, value)}")
    if len(value) != 1:
        raise ValueError(f"{name} must contain exactly one int, {_got(name, value)}")
    if not _is_int(value[0]):
        raise TypeError(f"{name} must contain an int, {_got(name, value)}")
    return _at_least(name, value[0], minimum)


def padding_amount(value: object) -> Padding:
    """Return the samples cropped at each end, or "SAME", whose crop depends on the kernel; "VALID" crops nothing."""
    if not isinstance(value, str):
        return one_int("padding", value, minimum=0)
    if value == "VALID":
        return 0
    if value == "SAME":
        return "SAME"
    raise ValueError(f'padding must be "SAME" or "VALID" if it is a str, {_got("padding", value)}')


def layout(data_format: object) -> DataFormat:
    """Return the data format, "NCL" or "NLC"."""
    if not isinstance(data_format, str):
        raise TypeError(f"data_format must be a str, {_got('data_format', data_format)}")
    if data_format == "NCL":
        return "NCL"
    if data_format == "NLC":
        return "NLC"
    raise ValueError(f'data_format must be "NCL" or "NLC", {_got("data_format", data_format)}')


def require_divisor(groups: int, name: str, channels: int) -> None:
    """Raise unless `groups` divides `channels`, the value of the argument called `name`."""
    if channels % groups:
        raise ValueError(f"groups must divide {name}, got groups={groups} and {name}={channels}")


def _is_int(value: object) -> bool:
    # bool is an int to Python, and timedelta64 an integer to NumPy: neither is a count of anything.
    return isinstance(value, int | np.integer) and not isinstance(value, bool | np.timedelta64)


def _at_least(name: str, value: object, minimum: int) -> int:
    number = int(value)  # type: ignore[call-overload]
    if number < minimum:
        raise ValueError(f"{name} must be at least {minimum}, {_got(name, number)}")
    return int(number)


def _got(name: str, value: object) -> str:
    return f"got {name}={reprlib.repr(value)}"
