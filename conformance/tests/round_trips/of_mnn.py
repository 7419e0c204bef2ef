"""MNN: expr.conv2d_transpose(input, weight, bias, stride, padding, dilate, group, padding_mode).

The weight is (C_in, C_out/group, H, W), and of each pair the first number is the width's. A constant is made by const(value, shape,
data_format), and the input has the format NC4HW4, to which convert brings it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from convt_conformance.adapters.mnn import MNNAdapter
from round_trips.recording import Fake, Log
from round_trips.sent import Sent

LOG = Log()
ADAPTERS = {"mnn": MNNAdapter(Fake(LOG, "expr"), "0")}
HEIGHT = {"stride": 1, "dilate": 1, "padding": 0}


def read(log: Log) -> Sent:
    call = log.only("conv2d_transpose")
    data, kernel, bias = call.args
    given = dict(call.kwargs)
    into, back = (each for each in log.calls if each.path == "expr.convert")
    assert data.made_by is into
    assert into.args[1].path_ == "expr.NC4HW4"
    constant_of_x, fmt = into.args[0].made_by, back.args[1].path_
    assert fmt == constant_of_x.args[2].path_
    x, weight = constant(into.args[0]), constant(kernel)
    width = {name: given.pop(name, (least, least)) for name, least in HEIGHT.items()}
    assert all(pair[1] == HEIGHT[name] for name, pair in width.items())
    mode = given.pop("padding_mode", None)
    assert not set(given) - {"group"}
    return Sent(
        x={"expr.NCHW": x[:, :, 0], "expr.NHWC": x[:, 0].transpose(0, 2, 1)}[fmt],
        weight=weight[:, :, 0],
        bias=constant(bias),
        stride=width["stride"][0],
        dilation=width["dilate"][0],
        padding=mode.path_.rpartition(".")[2] if mode is not None else (width["padding"][0],) * 2,
        groups=given.get("group", 1),
    )


def constant(variable: Any) -> npt.NDArray[Any]:
    """The array that a constant was made of; a list of numbers is one of float32."""
    value, shape, _ = variable.made_by.args
    assert variable.made_by.path == "expr.const"
    found = value if isinstance(value, np.ndarray) else np.array(value, "float32")
    assert found.shape == tuple(shape)
    return found
