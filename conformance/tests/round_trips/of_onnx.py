"""ONNX: ConvTranspose(X, W, B) with auto_pad, dilations, group, output_padding, output_shape, pads and strides, a list of one each.

pads is [begin, end]; output_shape has no batch and no channels, and makes pads of its own: the full result less the shape, or none where
that is less than nothing. SAME_UPPER takes the odd one from the end.
"""

from __future__ import annotations

from typing import Any

from convt_conformance.adapters.onnx import OnnxAdapter
from convt_spec.lengths import full_length
from round_trips.recording import Fake, Log, array
from round_trips.sent import Sent

LOG = Log()
ADAPTERS = {f"onnx:{variant}": OnnxAdapter(Fake(LOG, "onnx"), variant) for variant in ("reference", "shapes")}
NAMES = {"auto_pad", "dilations", "group", "output_padding", "output_shape", "pads", "strides"}
TYPES = {"FLOAT": "float32", "DOUBLE": "float64"}


def read(log: Log) -> Sent:
    node, graph = log.only("helper.make_node"), log.only("helper.make_graph")
    operator, inputs, outputs = node.args
    assert (operator, outputs, set(node.kwargs) <= NAMES) == ("ConvTranspose", ["y"], True)
    given, taken, constants = graph.args[0], graph.args[2], graph.args[4]
    assert [each.made_by for each in given] == [node]
    (declared,) = (each.made_by.args for each in taken)
    known: dict[str, Any] = {"x": fed(log, declared), **{each.made_by.args[1]: array(each) for each in constants}}
    assert set(known) == set(inputs)
    x, weight, *bias = (known[name] for name in inputs)
    assert {each.dtype.name for each in (weight, *bias)} == {TYPES[declared[1].path_.rpartition(".")[2]]}
    return Sent(x=x, weight=weight, bias=bias[0] if bias else None, **attributes(node.kwargs, declared[2][2], weight.shape[2]))


def fed(log: Log, declared: Any) -> Any:
    """The input that the model is run on, which must be what it declares; its shape alone where it is not run."""
    name, kind, shape = declared
    runs = [call for call in log.calls if call.path.endswith(".run")]
    if not runs:
        return tuple(shape)
    ((_, feeds),) = (call.args for call in runs)
    assert list(feeds) == [name]
    x = array(feeds[name])
    assert (x.shape, x.dtype.name) == (tuple(shape), TYPES[kind.path_.rpartition(".")[2]])
    return x


def attributes(given: dict[str, Any], length: int, taps: int) -> dict[str, Any]:
    """The node's attributes in the document's terms."""
    (stride,), (dilation,), (added,) = given.get("strides", [1]), given.get("dilations", [1]), given.get("output_padding", [0])
    word, (begin, end) = given.get("auto_pad", "NOTSET"), given.get("pads", [0, 0])
    found = {"stride": stride, "dilation": dilation, "groups": given.get("group", 1), "output_padding": added}
    if word != "NOTSET":
        assert "pads" not in given
        found["padding"] = {"SAME_UPPER": "SAME", "VALID": "VALID"}[word]
    else:
        found["padding"] = (begin, end)
    if "output_shape" in given:
        (found["length"],) = given["output_shape"]
        assert (begin, end) == (0, 0)
        assert word == "SAME_UPPER" or found["length"] >= full_length(length, taps, stride, dilation), "both ends would be cropped"
    return found
