"""The operator as a layer that owns its weight and bias."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from convt_impl.arguments import attributes, one_int, plain_int, require_divisor
from convt_impl.function import evaluated
from convt_impl.operands import Array, array, channel_axis, require_rank
from convt_impl.parameter import ParamAttr, Parameter, created


class Conv1DTranspose:
    """A 1-D transposed convolution with a weight of shape (in_channels, out_channels / groups, kernel_size) and a bias of (out_channels,).

    Calling it is `conv1d_transpose` with these parameters; the rulings stated there hold here. Both parameters start in float32:
    the weight uniform within Glorot's bound, different in each layer, the bias zero. `bias_attr=False` leaves the bias out (`layer.bias` is
    None), `bias_attr=True` is the same as None; the weight cannot be left out. What an initializer returns is cast to float32.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] = 1,
        padding: int | Sequence[int] | str = 0,
        output_padding: int | Sequence[int] = 0,
        groups: int = 1,
        dilation: int | Sequence[int] = 1,
        weight_attr: ParamAttr | None = None,
        bias_attr: ParamAttr | bool | None = None,
        data_format: str = "NCL",
    ) -> None:
        self.in_channels = plain_int("in_channels", in_channels, minimum=1)
        self.out_channels = plain_int("out_channels", out_channels, minimum=1)
        self.kernel_size = one_int("kernel_size", kernel_size, minimum=1)
        self.attributes = attributes(
            stride=stride, padding=padding, output_padding=output_padding, groups=groups, dilation=dilation, data_format=data_format
        )
        require_divisor(self.attributes.groups, "in_channels", self.in_channels)
        require_divisor(self.attributes.groups, "out_channels", self.out_channels)
        if weight_attr is not None and not isinstance(weight_attr, ParamAttr):
            raise TypeError(f"weight_attr must be a ParamAttr or None, got weight_attr={weight_attr!r}")
        if bias_attr is not None and not isinstance(bias_attr, ParamAttr | bool):
            raise TypeError(f"bias_attr must be a ParamAttr, a bool or None, got bias_attr={bias_attr!r}")
        self.weight = created(self._weight_shape(), weight_attr, self._glorot_uniform)
        self.bias = self._created_bias(bias_attr)

    def __call__(self, x: ArrayLike, output_size: int | Sequence[int] | None = None) -> Array:
        """Return the transposed convolution of `x`, whose dtype must be that of the parameters; `output_size` chooses its length."""
        samples = array("x", x)
        require_rank("x", samples, 3)
        channels = samples.shape[channel_axis(self.attributes.data_format)]
        if channels != self.in_channels:
            raise ValueError(
                f"x must have in_channels channels, got {channels} in x.shape={samples.shape} ({self.attributes.data_format}) "
                f"and in_channels={self.in_channels}"
            )
        bias = None if self.bias is None else np.asarray(self.bias)
        return evaluated(samples, np.asarray(self.weight), bias, self.attributes, output_size)

    def _weight_shape(self) -> tuple[int, int, int]:
        return self.in_channels, self.out_channels // self.attributes.groups, self.kernel_size

    def _created_bias(self, bias_attr: ParamAttr | bool | None) -> Parameter | None:
        if bias_attr is False:
            return None
        attribute = bias_attr if isinstance(bias_attr, ParamAttr) else None
        return created((self.out_channels,), attribute, np.zeros)

    def _glorot_uniform(self, shape: tuple[int, ...]) -> Array:
        # One output sums in_channels / groups products per tap; one input feeds out_channels / groups outputs per tap.
        fans = (self.in_channels + self.out_channels) // self.attributes.groups * self.kernel_size
        bound = (6 / fans) ** 0.5
        return np.random.default_rng().uniform(-bound, bound, shape)
