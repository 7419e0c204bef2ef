"""TensorFlow: nn.conv1d_transpose(input, filters, output_shape, strides, padding, data_format, dilations); filters are (K, C_out, C_in)."""

from __future__ import annotations

from convt_conformance.adapters.tensorflow import TensorFlowAdapter
from round_trips.recording import Fake, Log, array
from round_trips.sent import Sent, one

LOG = Log()
ADAPTERS = {"tensorflow": TensorFlowAdapter(Fake(LOG, "tf"))}


def read(log: Log) -> Sent:
    call = log.only("nn.conv1d_transpose")
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
