"""tinygrad: Tensor.conv_transpose2d(weight, bias, groups, stride, dilation, padding, output_padding), and nn.ConvTranspose1d.

Data, weight and numbers are those of torch's operators, except that padding may be one number for an axis or one for each of its sides.
"""

from __future__ import annotations

from typing import Any

from convt_conformance.adapters.tinygrad import TinygradAdapter
from round_trips.recording import Call, Fake, Log, array
from round_trips.sent import Sent, one

LOG = Log()
ADAPTERS = {"tinygrad": TinygradAdapter(Fake(LOG, "Tensor"), Fake(LOG, "nn"), "0")}
NAMES = {"stride", "padding", "output_padding", "groups", "dilation"}


def read(log: Log) -> Sent:
    layers = [call for call in log.calls if call.path == "nn.ConvTranspose1d"]
    if layers:
        return of_layer(log, *layers)
    call = log.only("conv_transpose2d")
    tensors = [made for made in log.calls if made.path == "Tensor"]  # the first is the one whose method was called
    weight, *bias = map(array, call.args)
    return Sent(x=tensors[0].args[0], weight=weight, bias=bias[0] if bias else None, **numbers(call.kwargs))


def of_layer(log: Log, made: Call, applied: Call) -> Sent:
    channels, outputs, kernel = made.args
    given = dict(made.kwargs)
    with_bias = given.pop("bias", True)
    load = log.only("nn.state.load_state_dict")
    assert load.kwargs == {"verbose": False}
    state = {name: array(value) for name, value in load.args[1].items()}
    weight = state["weight"]
    assert (channels, outputs, kernel) == (weight.shape[0], weight.shape[1] * given.get("groups", 1), weight.shape[2])
    assert set(state) == ({"weight", "bias"} if with_bias else {"weight"})
    return Sent(x=array(applied.args[0]), weight=weight, bias=state.get("bias"), **numbers(given))


def numbers(given: dict[str, Any]) -> dict[str, Any]:
    assert set(given) <= NAMES
    found: dict[str, Any] = {name: one(value) for name, value in given.items()}
    return {**found, "padding": (found.get("padding", 0),) * 2}
