"""OpenVINO: a model of one ConvolutionBackpropData, or GroupConvolutionBackpropData for several groups, compiled for the CPU."""

from __future__ import annotations

import importlib
from importlib.metadata import version
from typing import Any

from convt_conformance.outcomes import NotExpressible
from convt_conformance.program import Program, keywords
from convt_conformance.protocol import Description
from convt_spec.problem import OMITTED, Argument, Items, Problem

MODULE = "openvino"
DISTRIBUTION = "openvino"
LISTS = {"stride": "strides", "dilation": "dilations", "output_padding": "output_padding", "output_size": "output_shape"}
"""OpenVINO's arguments with a number for each axis, by the document's names."""
WORDS = {"SAME": "SAME_UPPER", "same": "same_upper"}
"""OpenVINO has two words for SAME, without the case of their letters; this is the one that TensorFlow's SAME becomes."""
TYPES = {"float32": "f32", "float64": "f64"}


class OpenVinoAdapter:
    """The kernel is (C_in, C_out, K), with several groups (groups, C_in/groups, C_out/groups, K); the data is NCL only."""

    def __init__(self, openvino: Any, module: str = MODULE) -> None:
        self.namespace = {"openvino": openvino}
        plain = ("import openvino", "import openvino.opset1")
        self.imports = plain if module == MODULE else (f"import {module}.opset1", f"import {module} as openvino")

    def description(self) -> Description:
        found = self.namespace["openvino"].__version__
        return Description(
            name="openvino",
            version=found.partition("-")[0],
            language="Python",
            home="https://docs.openvino.ai",
            supports=(
                *("NCL", "function", "groups", "dilation", "padding", "VALID", "SAME"),
                *("output_padding", "output_size", "float32", "float64", "state", "memory"),
            ),
            packages={"openvino": found},
        )

    def program(self, problem: Problem, dtype: str) -> Program:
        if problem.call != "function":
            raise NotExpressible("OpenVINO has operations only, no layer")
        if problem.data_format not in (OMITTED, "NCL"):
            raise NotExpressible("OpenVINO has no data_format, its input is always NCL")
        if problem.has_bias:
            raise NotExpressible("OpenVINO's operation has no bias")
        operation, kernel = "convolution_backprop_data", "w"
        if problem.groups not in (OMITTED, 1):
            operation, kernel = f"group_{operation}", grouped(problem)
        return Program(
            (
                f"data = openvino.opset1.parameter(x.shape, openvino.Type.{TYPES[dtype]})",
                f"node = openvino.opset1.{operation}(data, {kernel}{keywords(arguments(problem))})",
                "model = openvino.Model([node], [data])",
                "y = openvino.compile_model(model, 'CPU')(x)[0]",
            )
        )


def grouped(problem: Problem) -> str:
    """The kernel with its groups on an axis of their own; raises NotExpressible where they are no axis."""
    groups, (rows, columns, taps) = problem.groups, problem.weight_shape
    if problem.weight != "mapped" or problem.flaw.startswith("kernel-rank"):
        raise NotExpressible("with groups OpenVINO's kernel has axes of its own, (groups, C_in/groups, C_out/groups, K)")
    if not isinstance(groups, int) or groups < 1 or rows % groups or problem.out_channels % groups:
        raise NotExpressible("OpenVINO has no argument for groups, they are an axis of the kernel, which all have the same size")
    return f"w.reshape({groups}, {rows // groups}, {columns}, {taps})"


def arguments(problem: Problem) -> dict[str, Argument]:
    """What is passed beside data and kernel, strides always, since OpenVINO asks for them; raises NotExpressible."""
    given = {"stride": 1, **problem.given()}
    found: dict[str, Argument] = {LISTS[name]: listed(given[name]) for name in given if name in LISTS}
    padding = given.get("padding", 0)
    if isinstance(padding, str):
        found["auto_pad"] = WORDS.get(padding, padding)
    elif "output_size" in given and padding != 0:
        raise NotExpressible("OpenVINO says that pads are ignored where output_shape is given, and derives the crop of both ends from it")
    elif isinstance(padding, Items) and len(padding.values) == 2:
        begin, end = padding.values
        found |= {"pads_begin": listed(begin), "pads_end": listed(end)}
    elif "padding" in given:
        found |= {"pads_begin": listed(padding), "pads_end": listed(padding)}
    return found


def listed(value: Argument) -> Items:
    """A number as the list that OpenVINO has for it; a list of other than one number as it is."""
    if not isinstance(value, Items):
        return Items("list", (value,))  # type: ignore[arg-type]
    if len(value.values) == 1:
        raise NotExpressible("OpenVINO's arguments are lists, so a list or tuple of one number cannot be told from the number")
    return Items("list", value.values)


def load(variant: str) -> OpenVinoAdapter:
    """Import OpenVINO and its operations, which are in a module of their own before 2025; raises whatever its import raises."""
    early = int(version(DISTRIBUTION).partition(".")[0]) < 2025
    module = f"{MODULE}.runtime" if early else MODULE
    importlib.import_module(f"{module}.opset1")
    return OpenVinoAdapter(importlib.import_module(module), module)
