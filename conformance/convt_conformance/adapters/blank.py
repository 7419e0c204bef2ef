"""Adapters without their frameworks: they write a problem's call, and cannot run it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from convt_conformance.adapters import Adapter
from convt_conformance.adapters.bundled import BundledAdapter
from convt_conformance.adapters.catalogue import CATALOGUE
from convt_conformance.adapters.exported import ROUTES, ExportAdapter
from convt_conformance.adapters.jax import JaxAdapter
from convt_conformance.adapters.keras import KerasAdapter
from convt_conformance.adapters.litert import LiteRTAdapter
from convt_conformance.adapters.mindspore import MindSporeAdapter
from convt_conformance.adapters.mlx import MLXAdapter
from convt_conformance.adapters.mnn import MNNAdapter
from convt_conformance.adapters.mxnet import MXNetAdapter
from convt_conformance.adapters.ncnn import NcnnAdapter
from convt_conformance.adapters.onednn import OneDNNAdapter
from convt_conformance.adapters.onnx import OnnxAdapter
from convt_conformance.adapters.onnxruntime import OnnxRuntimeAdapter
from convt_conformance.adapters.openvino import OpenVinoAdapter
from convt_conformance.adapters.paddle import PaddleAdapter
from convt_conformance.adapters.scipy import SciPyAdapter
from convt_conformance.adapters.tensorflow import TensorFlowAdapter
from convt_conformance.adapters.tinygrad import TinygradAdapter
from convt_conformance.adapters.torch import TorchAdapter
from convt_conformance.adapters.tvm import VARIANTS, TVMAdapter


class Missing:
    """Stands for a module that is not imported; what it holds is missing too."""

    __version__ = "0"

    def __getattr__(self, name: str) -> Missing:
        if name.startswith("__"):
            raise AttributeError(name)
        return self


ABSENT: Any = Missing()


BLANKS: dict[str, Callable[[str], Any]] = {
    "bundled": lambda variant: BundledAdapter(ABSENT, ABSENT),
    "torch": lambda variant: TorchAdapter(ABSENT, variant),
    "tensorflow": lambda variant: TensorFlowAdapter(ABSENT, variant),
    "paddle": lambda variant: PaddleAdapter(ABSENT, variant),
    "mxnet": lambda variant: MXNetAdapter(ABSENT),
    "ncnn": lambda variant: NcnnAdapter(ABSENT, variant),
    "onnxruntime": lambda variant: OnnxRuntimeAdapter(ABSENT, ABSENT),
    "onnx": lambda variant: OnnxAdapter(ABSENT, variant),
    "keras": lambda variant: KerasAdapter(variant, ABSENT, {}),
    "jax": lambda variant: JaxAdapter(ABSENT, variant),
    "openvino": lambda variant: OpenVinoAdapter(ABSENT),
    "mlx": lambda variant: MLXAdapter(ABSENT, ABSENT),
    "litert": lambda variant: litert("litert", "ai_edge_litert", variant),
    "tflite": lambda variant: litert("tflite", "tflite_runtime", variant),
    "tinygrad": lambda variant: TinygradAdapter(ABSENT, ABSENT, "0"),
    "scipy": lambda variant: SciPyAdapter(variant, ABSENT, ABSENT),
    "mnn": lambda variant: MNNAdapter(ABSENT, "0"),
    "onednn": lambda variant: OneDNNAdapter({}, "0"),
    "tvm": lambda variant: TVMAdapter(variant, dict.fromkeys(VARIANTS[variant][1], ABSENT)),
    "mindspore": lambda variant: MindSporeAdapter(ABSENT),
    "exported": lambda variant: ExportAdapter(variant, BLANKS[ROUTES[variant].framework](""), {}, {}),
}
"""How the adapter of each module is made of nothing, by the module's name."""


def litert(module: str, package: str, variant: str) -> LiteRTAdapter:
    return LiteRTAdapter(ABSENT, ABSENT, ABSENT, ABSENT, name=f"{module}:{variant}".rstrip(":"), module=package, version="0")


def blank(implementation: str) -> Adapter:
    """The adapter of a built-in name; its `description` has no true version."""
    entry = CATALOGUE[implementation]
    adapter: Adapter = BLANKS[entry.module](entry.variant)
    return adapter
