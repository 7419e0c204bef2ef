"""ONNX: a model of one ConvTranspose, computed by `onnx.reference`, or put through `onnx.shape_inference` for its lengths."""

from __future__ import annotations

import importlib
from typing import Any

from convt_conformance.outcomes import NotExpressible
from convt_conformance.program import Program, keywords
from convt_conformance.protocol import Description
from convt_spec.problem import OMITTED, Argument, Items, Problem

MODULE = "onnx"
DISTRIBUTION = "onnx"
OPSET = 22
"""The last operator set that changed ConvTranspose; an ONNX that ends before it has its own last one."""
SUPPORTS = (
    *("NCL", "function", "bias", "groups", "dilation", "padding", "VALID", "SAME"),
    *("output_padding", "output_size", "float32", "float64", "state", "memory"),
)
LISTS = {"stride": "strides", "dilation": "dilations", "output_padding": "output_padding", "output_size": "output_shape"}
"""ONNX's attributes with a number for each axis, by the document's names."""
WORDS = {"SAME": "SAME_UPPER", "same": "same_upper"}
"""ONNX has two words for SAME; this one crops more at the end, as conv1d's SAME pads more at the end."""
TYPES = {"float32": "onnx.TensorProto.FLOAT", "float64": "onnx.TensorProto.DOUBLE"}
REFERENCE = ("(y,) = onnx.reference.ReferenceEvaluator(model).run(None, {'x': x})",)
SHAPES = (
    "inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)",
    "kind = inferred.graph.output[0].type.tensor_type",
    "assert kind.HasField('shape') and all(size.HasField('dim_value') for size in kind.shape.dim), 'no shape is inferred'",
    "y = tuple(size.dim_value for size in kind.shape.dim)",
)


class OnnxAdapter:
    """The kernel is (C_in, C_out/groups, K) as in the document; the data is NCL only."""

    imports: tuple[str, ...] = ("import onnx", "import onnx.reference")

    def __init__(self, onnx: Any, variant: str, opset: int = OPSET) -> None:
        self.namespace = {"onnx": onnx}
        self.variant, self.opset = variant, opset

    def description(self) -> Description:
        version = self.namespace["onnx"].__version__
        return Description(
            name=f"onnx:{self.variant}",
            version=version,
            language="Python",
            home="https://onnx.ai",
            supports=(*SUPPORTS, "lengths") if self.variant == "shapes" else SUPPORTS,
            packages={"onnx": version},
        )

    def program(self, problem: Problem, dtype: str) -> Program:
        return Program((*model(problem, dtype, self.opset), *(SHAPES if self.variant == "shapes" else REFERENCE)))


def model(problem: Problem, dtype: str, opset: int) -> tuple[str, ...]:
    """The lines that make `model`: the input is x, the kernel and the bias are its constants; raises NotExpressible."""
    if problem.call != "function":
        raise NotExpressible("ONNX has operators only, no layer")
    if problem.data_format not in (OMITTED, "NCL"):
        raise NotExpressible("ONNX has no data_format, its input is always NCL")
    names = ["x", "w", "b"] if problem.has_bias else ["x", "w"]
    constants = ", ".join(f"onnx.numpy_helper.from_array({name}, {name!r})" for name in names[1:])
    return (
        f"node = onnx.helper.make_node('ConvTranspose', {names}, ['y']{keywords(attributes(problem))})",
        f"inputs = [onnx.helper.make_tensor_value_info('x', {TYPES[dtype]}, x.shape)]",
        f"outputs = [onnx.helper.make_tensor_value_info('y', {TYPES[dtype]}, None)]",
        f"graph = onnx.helper.make_graph([node], 'call', inputs, outputs, [{constants}])",
        f"model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid('', {opset})])",
    )


def attributes(problem: Problem) -> dict[str, Argument]:
    """The node's attributes; raises NotExpressible."""
    given = problem.given()
    found: dict[str, Argument] = {LISTS[name]: listed(given[name]) for name in given if name in LISTS}
    if "groups" in given:
        found["group"] = given["groups"]
    padding = given.get("padding", 0)
    if isinstance(padding, str):
        found["auto_pad"] = WORDS.get(padding, padding)
    elif "output_size" in given and padding != 0:
        raise NotExpressible("ONNX ignores pads where output_shape is given, and derives the crop of both ends from it")
    elif "padding" in given:
        found["pads"] = listed(padding, sides=2)
    return found


def listed(value: Argument, sides: int = 1) -> Items:
    """A number as the list that ONNX has for it, one number for each side; a list of other than one number as it is."""
    if not isinstance(value, Items):
        return Items("list", (value,) * sides)  # type: ignore[arg-type]
    if len(value.values) == 1:
        raise NotExpressible("ONNX's attributes are lists, so a list or tuple of one number cannot be told from the number")
    return Items("list", value.values)


def load(variant: str) -> OnnxAdapter:
    """Import ONNX and its reference; raises ImportError or whatever its import raises."""
    importlib.import_module(f"{MODULE}.reference")
    onnx = importlib.import_module(MODULE)
    return OnnxAdapter(onnx, variant, last(onnx))


def last(onnx: Any) -> int:
    """The operator set of the models: that of the last ConvTranspose that this ONNX knows."""
    return min(OPSET, int(onnx.defs.onnx_opset_version()))
