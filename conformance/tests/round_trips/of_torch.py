"""torch: functional.conv_transpose1d(input, weight, bias, stride, padding, output_padding, groups, dilation), and the layer."""

from __future__ import annotations

from convt_conformance.adapters.torch import TorchAdapter
from round_trips.recording import Call, Fake, Log, array
from round_trips.sent import Sent, one

LOG = Log()
ADAPTERS = {"torch": TorchAdapter(Fake(LOG, "torch"))}
NAMES = ("stride", "padding", "output_padding", "groups", "dilation")


def read(log: Log) -> Sent:
    layers = [call for call in log.calls if call.path == "torch.nn.ConvTranspose1d"]
    return of_layer(log, layers[0]) if layers else of_function(log.only("conv_transpose1d"))


def of_function(call: Call) -> Sent:
    x, weight, *bias = map(array, call.args)
    assert set(call.kwargs) <= set(NAMES)
    numbers = {name: one(value) for name, value in call.kwargs.items()}
    return Sent(x=x, weight=weight, bias=bias[0] if bias else None, **sides(numbers))


def of_layer(log: Log, call: Call) -> Sent:
    _, _, kernel = call.args
    assert set(call.kwargs) <= {*NAMES, "bias", "dtype"}
    numbers = {name: one(value) for name, value in call.kwargs.items() if name in NAMES}
    (state,) = log.only("load_state_dict").args
    (applied,) = (each for each in log.calls if each.path == "torch.nn.ConvTranspose1d" and each is not call)
    size = applied.kwargs.get("output_size")
    weight = array(state["weight"])
    assert weight.shape[2] == one(kernel)
    bias = array(state["bias"]) if "bias" in state else None
    assert (bias is None) == (call.kwargs.get("bias") is False)
    return Sent(x=array(applied.args[0]), weight=weight, bias=bias, length=None if size is None else one(size), **sides(numbers))


def sides(numbers: dict[str, int]) -> dict[str, object]:
    """torch crops both sides alike."""
    return {**numbers, "padding": (numbers.get("padding", 0),) * 2}
