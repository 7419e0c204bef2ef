"""TVM: relax.op.nn.conv1d_transpose(data, weight, strides, padding, output_padding, dilation, groups, data_layout), kernels being IOW.

The layer is ConvTranspose1D(in_channels, out_channels, kernel_size, stride, padding, output_padding, dilation, groups, bias, dtype),
called with the input and then its parameters, weight and bias. TOPI's group_conv1d_transpose_ncw has positions: data, kernel, stride,
padding, out_dtype, output_padding, groups. Padding is a crop of the result, on both sides or on the left and the right; "SAME" crops
K - 1 samples, which is no SAME of the document, "VALID" none.
"""

from __future__ import annotations

from typing import Any

from convt_conformance.adapters.tvm import VARIANTS, TVMAdapter
from round_trips.recording import Fake, Log, array
from round_trips.sent import Sent, one

LOG = Log()
NAMES = {"strides": "stride", "padding": "padding", "output_padding": "output_padding", "dilation": "dilation", "groups": "groups"}
ADAPTERS = {
    f"tvm:{variant}".rstrip(":"): TVMAdapter(variant, {name: Fake(LOG, name) for name in modules})
    for variant, (_, modules, _) in VARIANTS.items()
}


def read(log: Log) -> Sent:
    paths = [call.path for call in log.calls]
    if "topi.nn.group_conv1d_transpose_ncw" in paths:
        return of_topi(log)
    return of_layer(log) if "nn.ConvTranspose1D" in paths else of_function(log)


def of_function(log: Log) -> Sent:
    call = log.only("relax.op.nn.conv1d_transpose")
    data, kernel = call.args
    x, weight = (array(each) for each in ran(log, "relax.VirtualMachine[]"))
    assert declared(log) == [(x.shape, x.dtype.name), (weight.shape, weight.dtype.name)]
    assert [var.made_by.args[0] for var in (data, kernel)] == ["x", "w"]
    given = dict(call.kwargs)
    layout = given.pop("data_layout", "NCW")
    return Sent(x=x.transpose(0, 2, 1) if layout == "NWC" else x, weight=weight, **numbers({NAMES[name]: given[name] for name in given}))


def of_layer(log: Log) -> Sent:
    call = log.only("nn.ConvTranspose1D")
    given = dict(call.kwargs)
    x, weight, *bias = (array(each) for each in ran(log, "relax.VirtualMachine[]"))
    assert given.pop("bias", True) is bool(bias)
    assert given.pop("dtype") == weight.dtype.name == x.dtype.name
    assert log.only("nn.spec.Tensor").args == (x.shape, x.dtype.name)
    inputs, outputs, kernel = call.args
    assert (inputs, outputs, one(kernel)) == (weight.shape[0], weight.shape[1] * given.get("groups", 1), weight.shape[2])
    return Sent(x=x, weight=weight, bias=bias[0] if bias else None, **numbers(given))


def of_topi(log: Log) -> Sent:
    _, _, stride, padding, dtype, output_padding, groups = log.only("topi.nn.group_conv1d_transpose_ncw").args
    x, weight, _ = ran(log, "tvm.compile")
    x, weight = array(x), array(weight)
    assert [each.args for each in log.calls if each.path == "te.placeholder"] == [(each.shape, each.dtype.name) for each in (x, weight)]
    assert dtype == x.dtype.name
    given = {"stride": stride, "padding": padding, "output_padding": output_padding, "groups": groups}
    return Sent(x=x, weight=weight, **numbers(given))


def ran(log: Log, path: str) -> tuple[Any, ...]:
    """The arguments of what was compiled."""
    return next(call.args for call in reversed(log.calls) if call.path == path)


def declared(log: Log) -> list[tuple[tuple[int, ...], str]]:
    return [call.args for call in log.calls if call.path == "relax.TensorType"]


def numbers(given: dict[str, Any]) -> dict[str, Any]:
    padding = given.pop("padding", 0)
    sides = tuple(padding) * 2 if isinstance(padding, list | tuple) and len(padding) == 1 else padding
    crop = sides if isinstance(sides, str | list | tuple) else (sides, sides)
    return {**{name: one(value) for name, value in given.items()}, "padding": crop}
