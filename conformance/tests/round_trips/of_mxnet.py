"""MXNet: nd.Deconvolution(data, weight, bias, kernel, stride, dilate, pad, adj, target_shape, num_filter, num_group, no_bias, layout).

The layer is gluon.nn.Conv1DTranspose(channels, kernel_size, strides, padding, output_padding, dilation, groups, layout, use_bias,
in_channels). nd.array makes float32 of any numbers unless it is told a dtype.
"""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from convt_conformance.adapters.mxnet import MXNetAdapter
from round_trips.recording import Call, Fake, Log, array
from round_trips.sent import Sent, one

LOG = Log()
ADAPTERS = {"mxnet": MXNetAdapter(Fake(LOG, "mx"))}
OPERATOR = {"stride": "stride", "dilate": "dilation", "pad": "padding", "adj": "output_padding", "num_group": "groups"}
LAYER = {name: name for name in ("padding", "output_padding", "dilation", "groups")} | {"strides": "stride"}


def read(log: Log) -> Sent:
    layers = [call for call in log.calls if call.path == "mx.gluon.nn.Conv1DTranspose"]
    return of_layer(log, *layers) if layers else of_operator(log.only("nd.Deconvolution"))


def of_operator(call: Call) -> Sent:
    given = dict(call.kwargs)
    x, weight, *bias = map(tensor, call.args)
    assert given.pop("layout", "NCW") == "NCW"
    assert given.pop("no_bias") is (not bias)
    assert (given.pop("kernel"), given.pop("num_filter")) == ((weight.shape[2],), weight.shape[1] * given.get("num_group", 1))
    size = given.pop("target_shape", None)
    length = None if size is None else one(size)
    return Sent(x=x, weight=weight, bias=bias[0] if bias else None, length=length, **numbers(given, OPERATOR))


def of_layer(log: Log, call: Call, applied: Call) -> Sent:
    channels, kernel = call.args
    given = dict(call.kwargs)
    weight, x = tensor(*log.only("weight.set_data").args), tensor(*applied.args)
    assert log.only("cast").args == (weight.dtype.name,)
    assert given.pop("layout", "NCW") == "NCW"
    bias = tensor(*log.only("bias.set_data").args) if given.pop("use_bias", True) else None
    groups = given.get("groups", 1)
    assert (given.pop("in_channels"), channels, one(kernel)) == (weight.shape[0], weight.shape[1] * groups, weight.shape[2])
    return Sent(x=x, weight=weight, bias=bias, **numbers(given, LAYER))


def numbers(given: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """MXNet crops both sides alike."""
    found = {names[name]: one(value) for name, value in given.items()}
    return {**found, "padding": (found.get("padding", 0),) * 2}


def tensor(value: Any) -> npt.NDArray[Any]:
    found = array(value)
    assert value.made_by.path == "mx.nd.array"
    assert value.made_by.kwargs == {"dtype": found.dtype.name}
    return found
