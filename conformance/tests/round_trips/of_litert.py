"""LiteRT: TRANSPOSE_CONV has the inputs output_shape, weights, input and perhaps bias, and the options padding, stride_w and stride_h.

The output's shape, the input's and the weights' are (N, H, W, C), (N, H, W, C) and (C_out, H, W, C_in). An operator's inputs are places
in its graph's list of tensors, a tensor's buffer is a place in the model's, of which the first is empty.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from convt_conformance.adapters.litert import LiteRTAdapter
from round_trips.recording import Call, Fake, Log, array
from round_trips.sent import Sent

LOG = Log(answers={"Output": bytearray(b"model")})


def adapter(name: str, module: str) -> LiteRTAdapter:
    return LiteRTAdapter(Fake(LOG, "runtime"), Fake(LOG, "schema"), Fake(LOG, "flatbuffers"), np, name=name, module=module, version="0")


ADAPTERS = {name: adapter(name, "ai_edge_litert") for name in ("litert", "litert:builtin", "litert:reference")}
KINDS = {"schema.TensorType.FLOAT32": "float32", "schema.TensorType.INT32": "int32"}


def made(value: Any) -> dict[str, Any]:
    """The fields that an object of the schema was made with."""
    call: Call = value.made_by
    assert not call.args
    return call.kwargs


def read(log: Log) -> Sent:
    assert log.only("runtime.Interpreter").kwargs["model_content"] == b"model"
    model = log.only("ModelT").kwargs
    assert model["version"] == 3
    (graph,), (code,) = map(made, model["subgraphs"]), map(made, model["operatorCodes"])
    assert code["builtinCode"].path_ == "schema.BuiltinOperator.TRANSPOSE_CONV"
    assert code["version"] == 3
    (operator,) = map(made, graph["operators"])
    options = made(operator["builtinOptions"])
    assert operator["builtinOptionsType"].path_ == "schema.BuiltinOptions.TransposeConvOptions"
    tensors, buffers = [*map(made, graph["tensors"])], [*map(made, model["buffers"])]
    shape, kernel, placed, *bias = operator["inputs"]
    assert graph["inputs"] == [placed]
    fed, data = log.only("set_tensor").args
    assert fed == placed
    assert tensors[placed]["shape"] == [*data.shape]
    assert (tensors[placed]["buffer"], buffers[0]) == (0, {})
    assert operator["outputs"] == graph["outputs"] == [*log.only("get_tensor").args]
    held = [constant(tensors[place], buffers) for place in (shape, kernel, *bias)]
    batch, rows, length, channels = held[0]
    assert tensors[operator["outputs"][0]]["shape"] == [*held[0]]
    assert (batch, rows, channels) == (len(data), 1, len(held[1]))
    assert data.shape[1] == held[1].shape[1] == options["strideH"] == 1
    return Sent(
        x=array(data)[:, 0].transpose(0, 2, 1),
        weight=held[1][:, 0].transpose(2, 0, 1),
        bias=held[2] if bias else None,
        stride=options["strideW"],
        padding=options["padding"].path_.rpartition(".")[2],
        length=int(length),
    )


def constant(tensor: dict[str, Any], buffers: list[dict[str, Any]]) -> npt.NDArray[Any]:
    """The array of a tensor that the model holds."""
    data = buffers[tensor["buffer"]]["data"]
    return np.frombuffer(data.tobytes(), KINDS[tensor["type"].path_]).reshape(tensor["shape"])
