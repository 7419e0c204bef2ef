"""OpenVINO: ConvolutionBackpropData(data, filters (C_in, C_out, K)) and GroupConvolutionBackpropData(data, filters (groups, C_in/groups,
C_out/groups, K)) with strides, pads_begin, pads_end, dilations, auto_pad, output_padding and output_shape, a list of one each.

output_shape has no batch and no channels; pads are then ignored, and made from the full result less the shape.
"""

from __future__ import annotations

from typing import Any

from convt_conformance.adapters.openvino import OpenVinoAdapter
from convt_spec.lengths import full_length
from round_trips.recording import Call, Fake, Log, array
from round_trips.sent import Sent

LOG = Log()
ADAPTERS = {"openvino": OpenVinoAdapter(Fake(LOG, "openvino"))}
NAMES = {"strides", "pads_begin", "pads_end", "dilations", "auto_pad", "output_padding", "output_shape"}
TYPES = {"f32": "float32", "f64": "float64"}


def read(log: Log) -> Sent:
    (node,) = (call for call in log.calls if call.path.endswith("convolution_backprop_data"))
    data, filters = node.args
    x = fed(log, data.made_by)
    model = log.only("Model").args
    assert [[each.made_by for each in part] for part in model] == [[node], [data.made_by]]
    groups, weight = 1, array(filters)
    if node.path.endswith("group_convolution_backprop_data"):
        groups, rows, columns, taps = weight.shape
        weight = weight.reshape(groups * rows, columns, taps)
    assert set(node.kwargs) <= NAMES
    return Sent(x=x, weight=weight, groups=groups, **arguments(node.kwargs, x.shape[2], weight.shape[2]))


def fed(log: Log, parameter: Call) -> Any:
    """The input that the compiled model is called with, which must be what the parameter declares."""
    assert parameter.path.endswith("opset1.parameter")
    shape, kind = parameter.args
    (_, device), (given,) = (call.args for call in log.calls if call.path.endswith("compile_model"))
    x = array(given)
    assert (device, x.shape, x.dtype.name) == ("CPU", tuple(shape), TYPES[kind.path_.rpartition(".")[2]])
    return x


def arguments(given: dict[str, Any], length: int, taps: int) -> dict[str, Any]:
    """What is passed beside the arrays, in the document's terms."""
    (stride,), (dilation,) = given["strides"], given.get("dilations", [1])
    (begin,), (end,), (added,) = (given.get(name, [0]) for name in ("pads_begin", "pads_end", "output_padding"))
    word = given.get("auto_pad", "EXPLICIT")
    padding = (begin, end) if word == "EXPLICIT" else {"SAME_UPPER": "SAME", "VALID": "VALID"}[word]
    found = {"stride": stride, "dilation": dilation, "padding": padding, "output_padding": added}
    if "output_shape" in given:
        (found["length"],) = given["output_shape"]
        assert (begin, end) == (0, 0)
        assert padding == "SAME" or found["length"] >= full_length(length, taps, stride, dilation), "both ends would be cropped"
    return found
