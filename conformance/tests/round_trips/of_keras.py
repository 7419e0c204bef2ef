"""Keras: ops.conv_transpose(inputs, kernel, strides, padding, output_padding, data_format, dilation_rate), and layers.Conv1DTranspose.

The kernel is (K, C_out, C_in). The layer is made for filters and kernel_size, and has its kernel and bias from `build(input_shape)` on.
"""

from __future__ import annotations

from typing import Any

from convt_conformance.adapters.keras import SETTINGS, KerasAdapter
from round_trips.recording import Call, Fake, Log, array
from round_trips.sent import Sent, one

LOG = Log()
ADAPTERS = {f"keras:{backend}": KerasAdapter(backend, Fake(LOG, "keras"), {}) for backend in SETTINGS}
LAYER = "keras.layers.Conv1DTranspose"
NAMES = {"strides", "padding", "output_padding", "data_format", "dilation_rate"}


def read(log: Log) -> Sent:
    (result,) = log.only("keras.ops.convert_to_numpy").args
    layers = [call for call in log.calls if call.path == LAYER]
    if layers:
        made, applied = layers
        assert result.made_by is applied
        return of_layer(log, made, applied)
    call = log.only("keras.ops.conv_transpose")
    assert result.made_by is call
    assert set(call.kwargs) <= NAMES
    x, kernel = map(array, call.args)
    return of(call, x, kernel)


def of_layer(log: Log, made: Call, applied: Call) -> Sent:
    filters, size = made.args
    assert set(made.kwargs) <= {*NAMES, "use_bias", "dtype"}
    (x,) = map(array, applied.args)
    (shape,) = log.only(f"{LAYER}.build").args
    (kernel,) = map(array, log.only(f"{LAYER}.kernel.assign").args)
    biases = [call.args for call in log.calls if call.path == f"{LAYER}.bias.assign"]
    assert bool(biases) == made.kwargs.get("use_bias", True)
    assert made.kwargs["dtype"] == x.dtype.name
    assert kernel.shape[:2] == (one(size), filters)
    channels = kernel.shape[2]
    assert shape == ((None, None, channels) if made.kwargs["data_format"] == "channels_last" else (None, channels, None))
    return of(made, x, kernel, array(biases[0][0]) if biases else None)


def of(call: Call, x: Any, kernel: Any, bias: Any = None) -> Sent:
    """`output_padding` may be left out, and is inferred then."""
    word, order = call.kwargs.get("padding", "valid").lower(), call.kwargs["data_format"]
    assert order in ("channels_first", "channels_last")
    return Sent(
        x=x.transpose(0, 2, 1) if order == "channels_last" else x,
        weight=kernel.transpose(2, 1, 0),
        bias=bias,
        stride=one(call.kwargs.get("strides", 1)),
        dilation=one(call.kwargs.get("dilation_rate", 1)),
        padding={"valid": "VALID", "same": "SAME"}[word],
        output_padding=one(call.kwargs.get("output_padding", 0)),
    )
