"""MLX: core.conv_transpose1d(input, weight, stride, padding, dilation, output_padding, groups), and the layer nn.ConvTranspose1d.

The input is (N, L, C_in), the weight (C_out, K, C_in/groups); the crop is the same on both sides.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from convt_conformance.adapters.mlx import MLXAdapter
from round_trips.recording import Call, Fake, Log, array
from round_trips.sent import Sent, one

LOG = Log()
ADAPTERS = {"mlx": MLXAdapter(Fake(LOG, "mx"), Fake(LOG, "nn"))}
NAMES = {"stride", "padding", "dilation", "output_padding"}


def read(log: Log) -> Sent:
    layers = [call for call in log.calls if call.path == "nn.ConvTranspose1d"]
    if layers:
        return of_layer(log, *layers)
    call = log.only("mx.conv_transpose1d")
    x, weight = map(tensor, call.args)
    assert set(call.kwargs) <= {*NAMES, "groups"}
    return sent(x, weight, None, call.kwargs)


def of_layer(log: Log, made: Call, applied: Call) -> Sent:
    given = dict(made.kwargs)
    with_bias = given.pop("bias", True)
    assert set(given) <= NAMES
    load = log.only("load_weights")
    assert not load.kwargs
    state = {name: tensor(value) for name, value in load.args[0]}
    weight = state["weight"]
    assert made.args == (weight.shape[2], weight.shape[0], weight.shape[1])
    assert set(state) == ({"weight", "bias"} if with_bias else {"weight"})
    return sent(tensor(applied.args[0]), weight, state.get("bias"), given)


def sent(x: npt.NDArray[Any], weight: npt.NDArray[Any], bias: npt.NDArray[Any] | None, given: dict[str, Any]) -> Sent:
    numbers = {name: one(value) for name, value in given.items()}
    parts = np.split(weight, numbers.get("groups", 1))
    weight = np.concatenate([part.transpose(2, 0, 1) for part in parts])
    return Sent(x=x.transpose(0, 2, 1), weight=weight, bias=bias, **{**numbers, "padding": (numbers.get("padding", 0),) * 2})


def tensor(value: Any) -> npt.NDArray[Any]:
    """array makes float32 of any numbers unless it is told a dtype."""
    found = array(value)
    assert value.made_by.path == "mx.array"
    assert value.made_by.kwargs["dtype"].path_ == f"mx.{found.dtype.name}"
    return found
