"""Paddle: nn.functional.conv1d_transpose(x, weight, bias, stride, padding, output_padding, groups, dilation, output_size, data_format).

`nn.Conv1DTranspose(in_channels, out_channels, kernel_size, ...)` takes output_size in its call. In a graph, `static.data(name, shape,
dtype)` stands for an array that `Executor.run` is fed under this name.
"""

from __future__ import annotations

from typing import Any

from convt_conformance.adapters.paddle import SUPPORTS, PaddleAdapter
from round_trips.recording import Call, Fake, Log, array
from round_trips.sent import Sent, one

LOG = Log()
ADAPTERS = {f"paddle:{variant}" if variant else "paddle": PaddleAdapter(Fake(LOG, "paddle"), variant) for variant in SUPPORTS}
FUNCTION, LAYER = "paddle.nn.functional.conv1d_transpose", "paddle.nn.Conv1DTranspose"
NAMES = ("stride", "padding", "output_padding", "groups", "dilation", "data_format")


def read(log: Log) -> Sent:
    made = [call for call in log.calls if call.path == LAYER]
    if made:
        return of_layer(log, *made)
    call = log.only(FUNCTION)
    assert set(call.kwargs) <= {*NAMES, "output_size"}
    runs = [each for each in log.calls if each.path == "paddle.static.Executor.run"]
    x, weight, *bias = (fed(each, runs[0]) if runs else array(each) for each in call.args)
    if runs:
        (fetched,) = runs[0].kwargs["fetch_list"]
        assert fetched.made_by is call
    return sent(call, x, weight, bias[0] if bias else None, call.kwargs.get("output_size"))


def fed(data: Fake, run: Call) -> Any:
    """The array that a graph is fed for one of its inputs."""
    assert data.made_by is not None
    name, shape, dtype = data.made_by.args
    found = run.kwargs["feed"][name]
    assert (found.shape, found.dtype.name) == (shape, dtype)
    return found


def of_layer(log: Log, made: Call, applied: Call) -> Sent:
    channels, filters, kernel = made.args
    assert set(made.kwargs) <= {*NAMES, "bias_attr"}
    (x,) = map(array, applied.args)
    given = {name: [array(call.args[0]) for call in log.calls if call.path == f"{LAYER}.{name}.set_value"] for name in ("weight", "bias")}
    (weight,) = given["weight"]
    assert weight.shape == (channels, filters // made.kwargs.get("groups", 1), one(kernel))
    assert bool(given["bias"]) == (made.kwargs.get("bias_attr") is not False)
    cast = [call.kwargs["dtype"] for call in log.calls if call.path == f"{LAYER}.to"]
    assert (cast or ["float32"]) == [x.dtype.name]
    bias = given["bias"][0] if given["bias"] else None
    return sent(made, x, weight, bias, applied.kwargs.get("output_size"))


def sent(call: Call, x: Any, weight: Any, bias: Any, size: Any) -> Sent:
    """Two numbers, or pairs for each axis, may stand for padding as well; none of them is asked for here."""
    arguments = call.kwargs
    padding = arguments.get("padding", 0)
    assert arguments.get("data_format", "NCL") in ("NCL", "NLC")
    return Sent(
        x=x.transpose(0, 2, 1) if arguments.get("data_format") == "NLC" else x,
        weight=weight,
        bias=bias,
        stride=one(arguments.get("stride", 1)),
        padding=padding if isinstance(padding, str) else (one(padding),) * 2,
        output_padding=one(arguments.get("output_padding", 0)),
        length=None if size is None else one(size),
        groups=arguments.get("groups", 1),
        dilation=one(arguments.get("dilation", 1)),
    )
