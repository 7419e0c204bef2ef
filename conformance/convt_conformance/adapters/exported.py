"""Exports: a framework's own call, sent through the framework's own exporter and run on the other side.

`torch-onnx` and `paddle-onnx` are run by ONNX Runtime, `tensorflow-litert` by LiteRT, `jax-stablehlo` by IREE, which compiles it for the
CPU. The kernel and the bias are constants of the exported model, x is its input.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

from convt_conformance.adapters import Adapter
from convt_conformance.outcomes import CannotRun
from convt_conformance.program import Program
from convt_conformance.protocol import Description
from convt_spec.problem import Problem

MODULE = DISTRIBUTION = "numpy"
"""No package serves all routes: load() says what one of them lacks."""
ONE_BY_ONE = ("state", "memory")
"""A model is exported for one call, whose arrays go into it as copies."""
LAYER = "model.layer = layer"
"""Only for a layer: its parameters are found through the model."""


@dataclass(frozen=True, slots=True)
class Route:
    """`framework` is the adapter whose call is exported, `packages` are what it takes beside, `imports` what the lines use of them.

    `lines` put the CALL in a model, whose x is the model's input, take it to the other side and run it there. `lost` are features that do
    not survive; where a clause is about one, the call is made all the same. `called` is how the adapter's last line wraps the call,
    `tensor` what it makes of x.
    """

    framework: str
    packages: tuple[str, ...]
    imports: tuple[str, ...]
    lines: str
    lost: tuple[str, ...]
    called: str = "y = {}.numpy()"
    tensor: str = "x"


TORCH = """class Model(torch.nn.Module):
    def forward(self, x):
        return CALL
model = Model().eval()
model.layer = layer
exported = torch.onnx.export(model, (torch.from_numpy(x),), dynamo=True, verbose=False)
session = onnxruntime.InferenceSession(exported.model_proto.SerializeToString(), providers=['CPUExecutionProvider'])
(y,) = session.run(None, {session.get_inputs()[0].name: x})"""
PADDLE = """class Model(paddle.nn.Layer):
    @paddle.jit.not_to_static
    def forward(self, x):
        return CALL
model = Model()
model.layer = layer
with tempfile.TemporaryDirectory() as folder:
    paddle.onnx.export(model, f'{folder}/model', input_spec=[paddle.static.InputSpec(x.shape, x.dtype.name)])
    exported = pathlib.Path(folder, 'model.onnx').read_bytes()
session = onnxruntime.InferenceSession(exported, providers=['CPUExecutionProvider'])
(y,) = session.run(None, {session.get_inputs()[0].name: x})"""
TENSORFLOW = """model = tf.function(lambda x: CALL, input_signature=[tf.TensorSpec(x.shape, x.dtype)])
converter = tf.lite.TFLiteConverter.from_concrete_functions([model.get_concrete_function()], model)
interpreter = runtime.Interpreter(model_content=converter.convert())
interpreter.allocate_tensors()
interpreter.set_tensor(interpreter.get_input_details()[0]['index'], x)
interpreter.invoke()
y = interpreter.get_tensor(interpreter.get_output_details()[0]['index'])"""
JAX = """exported = jax.export.export(jax.jit(lambda x: CALL))(x).mlir_module_serialized
flags = ['--iree-llvmcpu-target-cpu=host', '--iree-input-demote-f64-to-f32=false']
binary = iree.compiler.compile_str(exported, target_backends=['llvm-cpu'], input_type='stablehlo', extra_args=flags)
y = iree.runtime.load_vm_flatbuffer(binary, driver='local-sync').main(x).to_host()"""
TO_ONNX = ("onnx", "onnxscript", "onnxruntime"), ("import onnxscript", "import onnxruntime")
PADDLE_TO_ONNX = ("paddle2onnx", "onnxruntime"), ("import pathlib", "import tempfile", "import paddle2onnx", "import onnxruntime")
TO_LITERT = ("ai-edge-litert",), ("from ai_edge_litert import interpreter as runtime",)
TO_IREE = ("iree-base-compiler", "iree-base-runtime"), ("import iree.compiler", "import iree.runtime")
ROUTES = {
    "torch-onnx": Route("torch", *TO_ONNX, TORCH, ("float64",), tensor="torch.from_numpy(x)"),
    "paddle-onnx": Route("paddle", *PADDLE_TO_ONNX, PADDLE, ("NLC", "output_size"), called="y = {}", tensor="paddle.to_tensor(x)"),
    "tensorflow-litert": Route("tensorflow", *TO_LITERT, TENSORFLOW, ("dilation", "float64")),
    "jax-stablehlo": Route("jax", *TO_IREE, JAX, (), called="y = jax.device_get({})"),
}


class ExportAdapter:
    """The framework's own lines before the call, then those of the route."""

    def __init__(self, variant: str, framework: Adapter, namespace: dict[str, Any], versions: dict[str, str]) -> None:
        self.variant, self.route, self.framework, self.versions = variant, ROUTES[variant], framework, versions
        self.namespace, self.imports = {**framework.namespace, **namespace}, (*framework.imports, *self.route.imports)

    def description(self) -> Description:
        own = self.framework.description()
        supports = tuple(feature for feature in own.supports if feature not in (*ONE_BY_ONE, *self.route.lost))
        return replace(own, name=f"exported:{self.variant}", supports=supports, packages={**own.packages, **self.versions})

    def program(self, problem: Problem, dtype: str) -> Program:
        given = self.framework.program(problem, dtype)
        *before, line = (each for each in given.lines if each != "y = y.numpy()")
        start, end = self.route.called.split("{}")
        call = line.removeprefix(start).removesuffix(end).removesuffix(".detach()").replace(self.route.tensor, "x", 1)
        lines = self.route.lines.replace("CALL", call).split("\n")
        return Program((*before, *(each for each in lines if each != LAYER or problem.call != "function")), construct=given.construct)


def load(variant: str) -> ExportAdapter:
    """Import the framework, its exporter and the other side; raises CannotRun without one of them, else whatever an import raises."""
    route = ROUTES[variant]
    module, namespace = importlib.import_module(f"convt_conformance.adapters.{route.framework}"), dict[str, Any]()
    try:
        framework = module.load("")
        exec("\n".join(route.imports), namespace)
    except ModuleNotFoundError as error:
        remedy = f"pip install {' '.join((module.DISTRIBUTION, *route.packages))}, or name the interpreter that has it with --python"
        raise CannotRun("absent", f"exported:{variant} needs {error.name}, which this environment lacks: {remedy}") from error
    return ExportAdapter(variant, framework, namespace, {name: version(name) for name in route.packages})
