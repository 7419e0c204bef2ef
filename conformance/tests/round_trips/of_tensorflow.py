"""TensorFlow: nn.conv1d_transpose(input, filters, output_shape, strides, padding, data_format, dilations); filters are (K, C_out, C_in).

`tf.function(func, jit_compile=...)` gives a callable with the same arguments.
"""

from __future__ import annotations

from convt_conformance.adapters.tensorflow import CALLED, TensorFlowAdapter
from round_trips.recording import Call, Fake, Log, array
from round_trips.sent import Sent, one

LOG = Log()
ADAPTERS = {f"tensorflow:{variant}" if variant else "tensorflow": TensorFlowAdapter(Fake(LOG, "tf"), variant) for variant in CALLED}
PATH = "tf.nn.conv1d_transpose"


def read(log: Log) -> Sent:
    call = called(log)
    x, filters = map(array, call.args)
    shape, channels_last = call.kwargs["output_shape"], call.kwargs["data_format"] == "NWC"
    assert set(call.kwargs) <= {"output_shape", "strides", "padding", "data_format", "dilations"}
    batch, length, channels = shape if channels_last else (shape[0], shape[2], shape[1])
    assert (batch, channels) == (x.shape[0], filters.shape[1])
    return Sent(
        x=x.transpose(0, 2, 1) if channels_last else x,
        weight=filters.transpose(2, 1, 0),
        stride=one(call.kwargs["strides"]),
        dilation=one(call.kwargs.get("dilations", 1)),
        padding=call.kwargs["padding"],
        length=length,
    )


def called(log: Log) -> Call:
    """The one call, of the function itself or of what was traced from it."""
    traced = [call for call in log.calls if call.path == "tf.function"]
    if not traced:
        return log.only(PATH)
    made, call = traced
    (subject,) = made.args
    assert subject.path_ == PATH
    assert made.kwargs in ({}, {"jit_compile": True})
    return call
