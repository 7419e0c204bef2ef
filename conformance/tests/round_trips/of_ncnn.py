"""ncnn: a net of text, `type name inputs outputs input... output... id=value...`, whose ids stand in ncnn's table of operators.

The model's bytes are those of the kernel after 4 of a flag, 0 for float32, then those of the bias. The kernel's order is, outermost
first, groups, output channels of a group, input channels of a group, taps; a kernel that is an input has the axes input channels,
output channels of a group, taps. The second argument of Mat is the axis of a batch.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from convt_conformance.adapters.ncnn import NcnnAdapter
from round_trips.recording import Fake, Log, array
from round_trips.sent import Sent

LOG = Log(answers={"load_param_mem": 0, "extract": 0})
ADAPTERS = {name: NcnnAdapter(Fake(LOG, "ncnn"), name.partition(":")[2]) for name in ("ncnn", "ncnn:dynamic")}
IDS = {0: "channels", 1: "taps", 2: "dilation", 3: "stride", 4: "left", 5: "bias", 6: "numbers", 7: "groups", 18: "added", 28: "dynamic"}


def read(log: Log) -> Sent:
    (text,) = log.only("load_param_mem").args
    magic, counts, *rows = text.splitlines()
    assert (magic, counts) == ("7767517", f"{len(rows)} {len(rows)}")
    *inputs, (kind, _, count, outputs, *words) = [row.split() for row in rows]
    fed, target, pairs = words[: int(count)], words[int(count)], words[int(count) + 1 :]
    assert [row[:3] + row[4:] for row in inputs] == [["Input", name, "0", name] for name in fed]
    assert (outputs, log.only("extract").args[0]) == ("1", target)
    given = {IDS[int(key)]: int(value) for key, value in (pair.split("=") for pair in pairs)}
    assert kind == ("DeconvolutionDepthWise1D" if "groups" in given else "Deconvolution1D")
    blobs = {call.args[0]: call.args[1] for call in log.calls if call.path.endswith(".input")}
    assert list(blobs) == fed
    x, groups = blobs[fed[0]], given.get("groups", 1)
    assert x.made_by.args[1:] == (0,)
    arrays = [array(blobs[name]) for name in fed[1:]] if given.get("dynamic") else of_model(log, array(x).shape[1], groups, given)
    assert given["bias"] == len(arrays) - 1
    return Sent(
        x=array(x),
        weight=arrays[0],
        bias=arrays[1] if given["bias"] else None,
        stride=given.get("stride", 1),
        dilation=given.get("dilation", 1),
        padding=(given.get("left", 0),) * 2,
        output_padding=given.get("added", 0),
        groups=groups,
    )


def of_model(log: Log, in_channels: int, groups: int, given: dict[str, Any]) -> list[npt.NDArray[Any]]:
    """The kernel in the document's axes, and the bias."""
    (model,) = log.only("load_model_mem").args
    assert model[:4] == bytes(4)
    numbers, end = np.frombuffer(model[4:], "float32"), given["numbers"]
    out_per_group = given["channels"] // groups
    kernel = numbers[:end].reshape(groups, out_per_group, in_channels // groups, given["taps"])
    weight = kernel.transpose(0, 2, 1, 3).reshape(in_channels, out_per_group, given["taps"])
    assert len(numbers) == end + given["channels"] * given["bias"]
    return [weight, numbers[end:]] if given["bias"] else [weight]
