"""MindSpore: nn.Conv1dTranspose(in_channels, out_channels, kernel_size, stride, pad_mode, padding, dilation, group, has_bias, dtype=).

Its weight is (in_channels, out_channels // group, 1, kernel_size). pad_mode is "same" unless given and makes a number of padding
meaningless unless it is "pad"; has_bias is False unless given.
"""

from __future__ import annotations

from convt_conformance.adapters.mindspore import MindSporeAdapter
from round_trips.recording import Fake, Log, array
from round_trips.sent import Sent, one

LOG = Log()
ADAPTERS = {"mindspore": MindSporeAdapter(Fake(LOG, "mindspore"))}
NAMES = {"stride": "stride", "dilation": "dilation", "group": "groups"}
MODES = {"same": "SAME", "valid": "VALID"}


def read(log: Log) -> Sent:
    call, applied = (each for each in log.calls if each.path == "mindspore.nn.Conv1dTranspose")
    given = dict(call.kwargs)
    _, state = log.only("mindspore.load_param_into_net").args
    x, weight = array(*applied.args), array(state["weight"])
    assert weight.shape[2] == 1
    bias = array(state["bias"]) if given.pop("has_bias", False) else None
    assert given.pop("dtype").path_ == f"mindspore.{weight.dtype.name}"
    inputs, outputs, kernel = call.args
    assert (inputs, outputs, one(kernel)) == (weight.shape[0], weight.shape[1] * given.get("group", 1), weight.shape[3])
    mode = given.pop("pad_mode", "same")
    crop = one(given.pop("padding", 0))
    assert mode == "pad" or crop == 0
    padding = (crop, crop) if mode == "pad" else MODES[mode]
    numbers = {NAMES[name]: one(value) for name, value in given.items()}
    return Sent(x=x, weight=weight[:, :, 0], bias=bias, padding=padding, **numbers)
