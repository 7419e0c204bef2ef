"""torch: functional.conv_transpose1d(input, weight, bias, stride, padding, output_padding, groups, dilation), and the layer.

`torch.compile(callable)` gives a callable with the same arguments; a tensor is made by `from_numpy(array)` or `tensor(data, device=...)`.
"""

from __future__ import annotations

from convt_conformance.adapters.torch import VARIANTS, TorchAdapter
from round_trips.recording import Call, Fake, Log, array
from round_trips.sent import Sent, one

LOG = Log()
ADAPTERS = {f"torch:{variant}" if variant else "torch": TorchAdapter(Fake(LOG, "torch"), variant) for variant in VARIANTS}
FUNCTION, LAYER = "torch.nn.functional.conv_transpose1d", "torch.nn.ConvTranspose1d"
NAMES = ("stride", "padding", "output_padding", "groups", "dilation")


def read(log: Log) -> Sent:
    layers = [call for call in log.calls if call.path == LAYER]
    return of_layer(log, layers[0], of(log, LAYER, layers[1:])) if layers else of_function(of(log, FUNCTION, log.calls))


def of(log: Log, path: str, calls: list[Call]) -> Call:
    """The one call of a function or layer among these, or of what was compiled from it."""
    compiled = [call for call in log.calls if call.path == "torch.compile"]
    if compiled:
        made, call = compiled
        (subject,) = made.args
        assert subject.path_ == path
        assert made.kwargs == {"fullgraph": True, "dynamic": False}
        return call
    (call,) = (each for each in calls if each.path == path)
    return call


def of_function(call: Call) -> Sent:
    x, weight, *bias = map(array, call.args)
    assert set(call.kwargs) <= set(NAMES)
    numbers = {name: one(value) for name, value in call.kwargs.items()}
    return Sent(x=x, weight=weight, bias=bias[0] if bias else None, **sides(numbers))


def of_layer(log: Log, call: Call, applied: Call) -> Sent:
    _, _, kernel = call.args
    assert set(call.kwargs) <= {*NAMES, "bias", "dtype", "device"}
    assert call.kwargs.get("device") == applied.args[0].made_by.kwargs.get("device")
    numbers = {name: one(value) for name, value in call.kwargs.items() if name in NAMES}
    (state,) = log.only("load_state_dict").args
    size = applied.kwargs.get("output_size")
    weight = array(state["weight"])
    assert weight.shape[2] == one(kernel)
    bias = array(state["bias"]) if "bias" in state else None
    assert (bias is None) == (call.kwargs.get("bias") is False)
    return Sent(x=array(applied.args[0]), weight=weight, bias=bias, length=None if size is None else one(size), **sides(numbers))


def sides(numbers: dict[str, int]) -> dict[str, object]:
    """torch crops both sides alike."""
    return {**numbers, "padding": (numbers.get("padding", 0),) * 2}
