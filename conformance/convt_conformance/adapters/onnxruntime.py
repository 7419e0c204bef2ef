"""ONNX Runtime: an `InferenceSession` on the CPU over a model of one ConvTranspose."""

from __future__ import annotations

import importlib
from typing import Any

from convt_conformance.adapters.onnx import OPSET, SUPPORTS, last, model
from convt_conformance.program import Program
from convt_conformance.protocol import Description
from convt_spec.problem import Problem

MODULE = "onnxruntime"
DISTRIBUTION = "onnxruntime onnx"


class OnnxRuntimeAdapter:
    """The model is ONNX's own, see there; kernel and bias are its constants, as in the models that exporters write."""

    imports = ("import onnx", "import onnxruntime")

    def __init__(self, onnxruntime: Any, onnx: Any, opset: int = OPSET) -> None:
        self.namespace = {"onnxruntime": onnxruntime, "onnx": onnx}
        self.opset = opset

    def description(self) -> Description:
        version, models = (self.namespace[name].__version__ for name in ("onnxruntime", "onnx"))
        return Description(
            name="onnxruntime",
            version=version,
            language="Python",
            home="https://onnxruntime.ai",
            supports=tuple(feature for feature in SUPPORTS if feature != "float64"),  # its CPU kernels are for float32
            packages={"onnxruntime": version, "onnx": models},
        )

    def program(self, problem: Problem, dtype: str) -> Program:
        return Program(
            (
                *model(problem, dtype, self.opset),
                "session = onnxruntime.InferenceSession(model.SerializeToString(), providers=['CPUExecutionProvider'])",
                "(y,) = session.run(None, {'x': x})",
            )
        )


def load(variant: str) -> OnnxRuntimeAdapter:
    """Import ONNX Runtime, and ONNX to make its models; raises ImportError or whatever an import raises."""
    onnx = importlib.import_module("onnx")
    return OnnxRuntimeAdapter(importlib.import_module(MODULE), onnx, last(onnx))
