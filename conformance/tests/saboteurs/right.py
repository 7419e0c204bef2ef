"""A right implementation of the document's call in plain NumPy, in parts that can be replaced one at a time.

It shares no code with the specification or the bundled implementation. Arrays are (N, C_in, L) for the input, (C_in, C_out/groups, K)
for the kernel, (C_out,) for the bias; lengths, crops and paddings are in samples. Every part raises ValueError or TypeError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Reader = Callable[[Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """The arguments of one call as plain values; `padding` is the crop at both ends, or "SAME"."""

    stride: int
    padding: tuple[int, int] | str
    output_padding: int
    output_size: int | None
    groups: int
    dilation: int
    data_format: str


class Window(NamedTuple):
    """The stretch of the full scatter that is kept before anything is added: its first sample and its length L'."""

    left: int
    length: int


def require(holds: bool, rule: str, **got: object) -> None:
    if not holds:
        raise ValueError(f"{rule}, got {', '.join(f'{name}={value!r}' for name, value in got.items())}")


def whole(name: str, minimum: int) -> Reader:
    """[I12] The reader of an int from `minimum`."""

    def read(value: Any) -> int:
        require(isinstance(value, int), f"{name} must be a whole number", value=value)
        require(value >= minimum, f"{name} must be at least {minimum}", value=value)
        return int(value)

    return read


def one(name: str, minimum: int) -> Reader:
    """[A10 to A17] The reader of an int from `minimum`, alone or in a list or tuple."""

    def read(value: Any) -> int:
        if isinstance(value, list | tuple):
            require(len(value) == 1, f"{name} must hold one int", value=value)
            value = value[0]
        return int(whole(name, minimum)(value))

    return read


def padding(value: Any) -> tuple[int, int] | str:
    """[A13 A18 A19 A20] The crop at both ends, or "SAME"."""
    if isinstance(value, str):
        require(value in ("SAME", "VALID"), "padding must be SAME or VALID if it is a string", padding=value)
        return (0, 0) if value == "VALID" else "SAME"
    amount = one("padding", 0)(value)
    return amount, amount


def output_size(value: Any) -> int | None:
    """[O7] The length asked for, if any."""
    return None if value is None else int(one("output_size", 1)(value))


def data_format(value: Any) -> str:
    """[L4] One of the two layouts."""
    require(value in ("NCL", "NLC"), "data_format must be NCL or NLC", data_format=value)
    return str(value)


def source(x: Array, layout: str) -> Array:
    """[L1 L2 I7] The input as (N, C_in, L)."""
    require(x.ndim == 3, "the input must have three axes", shape=x.shape)
    return x.transpose(0, 2, 1) if layout == "NLC" else x


def divided(channels: int, groups: int) -> int:
    """[I5] The groups, which divide the channels."""
    require(channels % groups == 0, "groups must divide the channels", channels=channels, groups=groups)
    return groups


def kernel(weight: Array, channels: int, groups: int) -> Array:
    """[W1 W2 I3 I6 I8] The kernel as (C_in, C_out/groups, K)."""
    require(weight.ndim == 3, "the kernel must have three axes", shape=weight.shape)
    require(weight.shape[2] >= 1, "the kernel must have a tap", shape=weight.shape)
    require(weight.shape[0] == channels, "the kernel's first axis must be the input's channels", shape=weight.shape, channels=channels)
    return weight


def offsets(bias: Array, out_channels: int) -> Array:
    """[I9] The bias, one number per output channel."""
    require(bias.shape == (out_channels,), "the bias must have one number per output channel", shape=bias.shape)
    return bias


def extent(taps: int, dilation: int) -> int:
    """[D1] The samples that a dilated kernel spans."""
    return dilation * (taps - 1) + 1


def window(arguments: Arguments, length: int, taps: int) -> Window:
    """[R1 S1 S3] What is kept of the full scatter of `length` input samples."""
    reach = extent(taps, arguments.dilation)
    if isinstance(arguments.padding, str):
        return Window(max(reach - arguments.stride, 0) // 2, length * arguments.stride)
    left, right = arguments.padding
    return Window(left, (length - 1) * arguments.stride + reach - left - right)


def added(arguments: Arguments, plain: int) -> int:
    """[O1 O3 O4 O5 O6] The samples beyond L', which is `plain`."""
    more = arguments.output_padding if arguments.output_size is None else arguments.output_size - plain
    require(0 <= more <= arguments.stride, "the length must lie from L' to L' + stride", added=more, stride=arguments.stride)
    return more


def kept(length: int, plain: int) -> int:
    """[R2 R3] The length of the result, which has a sample."""
    require(plain >= 0 and length >= 1, "the result must have a sample", length=length)
    return length


def scatter(x: Array, weight: Array, arguments: Arguments) -> Array:
    """[V1] The full scatter, (N, C_out, (L-1)*stride + dilation*(K-1) + 1): each tap of each group adds a strided copy of its channels."""
    groups, stride = arguments.groups, arguments.stride
    rows, columns, taps = weight.shape[0] // groups, weight.shape[1], weight.shape[2]
    span = (x.shape[2] - 1) * stride + 1
    full = np.zeros((x.shape[0], groups * columns, span + extent(taps, arguments.dilation) - 1), x.dtype)
    for j in range(groups):
        channels, kernels = x[:, j * rows : (j + 1) * rows], weight[j * rows : (j + 1) * rows]
        for k in range(taps):
            start = k * arguments.dilation
            full[:, j * columns : (j + 1) * columns, start : start + span : stride] += np.matmul(kernels[..., k].T, channels)
    return full


def cut(full: Array, kept_window: Window, length: int) -> Array:
    """[O2 P1] `length` samples of the full scatter from the window's left end; beyond the scatter they are 0."""
    y = np.zeros((*full.shape[:2], length), full.dtype)
    part = full[..., kept_window.left : kept_window.left + length]
    y[..., : part.shape[-1]] = part
    return y


def biased(y: Array, bias: Array, plain: int) -> Array:
    """[B1] The bias on every sample, of which `plain` are not added ones."""
    return y + bias[:, None]


def result(y: Array, x: Array, arguments: Arguments) -> Array:
    """[L1 L2 V5 V6] The finished result in the layout of the caller's input `x`."""
    return y.transpose(0, 2, 1) if arguments.data_format == "NLC" else y


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """An implementation; as it stands, the right one."""

    defaults: Mapping[str, Any]
    readers: Mapping[str, Reader]
    source: Callable[[Array, str], Array] = source
    divided: Callable[[int, int], int] = divided
    kernel: Callable[[Array, int, int], Array] = kernel
    offsets: Callable[[Array, int], Array] = offsets
    window: Callable[[Arguments, int, int], Window] = window
    added: Callable[[Arguments, int], int] = added
    kept: Callable[[int, int], int] = kept
    scatter: Callable[[Array, Array, Arguments], Array] = scatter
    cut: Callable[[Array, Window, int], Array] = cut
    biased: Callable[[Array, Array, int], Array] = biased
    result: Callable[[Array, Array, Arguments], Array] = result

    def arguments(self, given: Mapping[str, Any]) -> Arguments:
        """The arguments of a call, those left out at their defaults."""
        unknown = set(given) - set(self.defaults)
        if unknown:
            raise TypeError(f"unexpected arguments: {', '.join(sorted(unknown))}")
        return Arguments(**{name: self.readers[name](value) for name, value in {**self.defaults, **given}.items()})

    def compute(self, x: Array, weight: Array, bias: Array | None, arguments: Arguments) -> Array:
        """The result of one call."""
        signal = self.source(x, arguments.data_format)
        self.divided(signal.shape[1], arguments.groups)
        taps = self.kernel(weight, signal.shape[1], arguments.groups)
        view = self.window(arguments, signal.shape[2], taps.shape[2])
        length = self.kept(view.length + self.added(arguments, view.length), view.length)
        y = self.cut(self.scatter(signal, taps, arguments), view, length)
        if bias is not None:
            y = self.biased(y, self.offsets(bias, y.shape[1]), view.length)
        return self.result(y, x, arguments)


DEFAULTS = {"stride": 1, "padding": 0, "output_padding": 0, "output_size": None, "groups": 1, "dilation": 1, "data_format": "NCL"}
READERS: dict[str, Reader] = {
    "stride": one("stride", 1),
    "padding": padding,
    "output_padding": one("output_padding", 0),
    "output_size": output_size,
    "groups": whole("groups", 1),
    "dilation": one("dilation", 1),
    "data_format": data_format,
    "kernel_size": one("kernel_size", 1),
}
RIGHT = Parts(defaults=DEFAULTS, readers=READERS)


def function(parts: Parts) -> Callable[..., Array]:
    """The functional form of an implementation."""

    def conv1d_transpose(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
        return parts.compute(x, weight, bias, parts.arguments(given))

    return conv1d_transpose


conv1d_transpose = function(RIGHT)
