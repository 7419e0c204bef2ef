"""Exports: the framework's call as that framework's reader has it, once the model's input stands for the array that is fed.

`torch.onnx.export(module, args)` and `paddle.onnx.export(layer, path, input_spec)` trace `forward`; `jax.jit(callable)` and
`tf.function(callable, input_signature)` the callable. A Module and a Layer hold the layers that are set as their attributes. ONNX Runtime's
`InferenceSession(model).run(None, inputs by name)`, LiteRT's `Interpreter(model_content)` and IREE's `load_vm_flatbuffer(binary)` take what
the exporter made, as bytes or by the name of a file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy.typing as npt

from convt_conformance.adapters.exported import ExportAdapter
from convt_conformance.adapters.jax import JaxAdapter
from convt_conformance.adapters.paddle import PaddleAdapter
from convt_conformance.adapters.tensorflow import TensorFlowAdapter
from convt_conformance.adapters.torch import TorchAdapter
from round_trips import of_jax, of_paddle, of_tensorflow, of_torch
from round_trips.recording import Call, Fake, Log, array
from round_trips.sent import Sent


class Model:
    """What a user's model inherits from: it can be called as its `forward`, and has itself for `eval`."""

    def __call__(self, x: Any) -> Any:
        return self.forward(x)  # type: ignore[attr-defined]

    def eval(self) -> Model:
        return self


class Traced(Fake):
    """A framework whose exporter calls the model that it is given, once, with the input alone."""

    def __getattr__(self, name: str) -> Any:
        path = f"{self.path_}.{name}"
        if path in ("torch.nn.Module", "paddle.nn.Layer"):
            return Model
        if path == "paddle.jit.not_to_static":
            return lambda function: function
        found = super().__getattr__(name)
        return Traced(self.log_, path, self.made_by) if isinstance(found, Fake) else found

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.path_ in ("jax.jit", "torch.onnx.export", "paddle.onnx.export", "tf.function"):
            self.log_.calls.append(Call(path="traced", args=(args[0](INPUT),), kwargs={}))
        made = super().__call__(*args, **kwargs)
        return Traced(self.log_, self.path_, made.made_by) if isinstance(made, Fake) else made


LOG = Log()
INPUT = Fake(LOG, "input")
ORT = {"onnxruntime": Fake(LOG, "onnxruntime")}


class Folder:
    """A module that makes a folder with a name, for as long as it is used."""

    def TemporaryDirectory(self) -> Folder:
        return self

    def __enter__(self) -> str:
        return "folder"

    def __exit__(self, *_: object) -> None:
        """Nothing was made."""


FILES = {"pathlib": Fake(LOG, "pathlib"), "tempfile": Folder()}
ADAPTERS = {
    f"exported:{adapter.variant}": adapter
    for adapter in (
        ExportAdapter("torch-onnx", TorchAdapter(Traced(LOG, "torch")), ORT, {}),
        ExportAdapter("paddle-onnx", PaddleAdapter(Traced(LOG, "paddle")), {**ORT, **FILES}, {}),
        ExportAdapter("tensorflow-litert", TensorFlowAdapter(Traced(LOG, "tf")), {"runtime": Fake(LOG, "runtime")}, {}),
        ExportAdapter("jax-stablehlo", JaxAdapter(Traced(LOG, "jax"), ""), {"iree": Fake(LOG, "iree")}, {}),
    )
}


def read(log: Log) -> Sent:
    """What the one call that takes the model's input is asked for; its result is the model's."""
    (result,) = log.only("traced").args
    framework = result.path_.partition(".")[0]
    trip, reader = ROUTES[framework]
    given = Fake(log, "input", Call(path="input", args=(trip(log),), kwargs={}))
    (call,) = (call for call in log.calls if any(each is INPUT for each in call.args))
    assert result.made_by is call
    calls = [replace(call, args=tuple(given if each is INPUT else each for each in call.args)) for call in log.calls]
    of_reader: Sent = reader.read(Log([call for call in calls if call.path != "tf.function"]))
    return of_reader


def through_torch(log: Log) -> npt.NDArray[Any]:
    export, session = log.only("torch.onnx.export"), log.only("InferenceSession")
    _, (example,) = export.args
    assert session.args[0].made_by.path == "torch.onnx.export.model_proto.SerializeToString"
    return same(array(example), fed(log))


def through_paddle(log: Log) -> npt.NDArray[Any]:
    export, x = log.only("paddle.onnx.export"), fed(log)
    (declared,) = export.kwargs["input_spec"]
    assert declared.made_by.args == (x.shape, x.dtype.name)
    assert log.only("InferenceSession").args[0].made_by.path == "pathlib.Path.read_bytes"
    assert "/".join(log.only("pathlib.Path").args) == f"{export.args[1]}.onnx"
    return x


def fed(log: Log) -> npt.NDArray[Any]:
    """What ONNX Runtime is given for the model's first input."""
    outputs, feeds = log.only("InferenceSession.run").args
    ((name, x),) = feeds.items()
    assert (outputs, name.path_) == (None, "onnxruntime.InferenceSession.get_inputs[].name")
    return array(x)


def through_tensorflow(log: Log) -> npt.NDArray[Any]:
    (declared,) = log.only("tf.function").kwargs["input_signature"]
    (concrete,), _ = log.only("from_concrete_functions").args
    assert concrete.made_by.path == "tf.function.get_concrete_function"
    assert log.only("runtime.Interpreter").kwargs["model_content"].made_by.path == "tf.lite.TFLiteConverter.from_concrete_functions.convert"
    (to, x), (got,) = log.only("set_tensor").args, log.only("get_tensor").args
    assert (to.path_, got.path_) == tuple(f"runtime.Interpreter.get_{side}_details[][]" for side in ("input", "output"))
    assert declared.made_by.args == (x.shape, x.dtype)
    return array(x)


def through_jax(log: Log) -> npt.NDArray[Any]:
    compiled = log.only("compile_str")
    _, example = (call for call in log.calls if call.path == "jax.export.export")
    assert compiled.args[0].made_by is example
    assert log.only("load_vm_flatbuffer").args[0].made_by is compiled
    (x,) = log.only("load_vm_flatbuffer.main").args
    return same(*example.args, x)


def same(example: npt.NDArray[Any], x: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The array that a model is both traced with and run on."""
    assert example is x
    return x


ROUTES: dict[str, tuple[Callable[[Log], npt.NDArray[Any]], Any]] = {
    "torch": (through_torch, of_torch),
    "paddle": (through_paddle, of_paddle),
    "tf": (through_tensorflow, of_tensorflow),
    "jax": (through_jax, of_jax),
}
"""By the framework's name in the lines: what checks the trip and returns the input, and the framework's own reader."""
