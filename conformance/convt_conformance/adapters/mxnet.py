"""MXNet: `mx.nd.Deconvolution`, and `mx.gluon.nn.Conv1DTranspose` for the layer."""

from __future__ import annotations

import importlib
from typing import Any

from convt_conformance.outcomes import NotExpressible
from convt_conformance.program import Program, keywords, source
from convt_conformance.protocol import Description
from convt_spec.problem import OMITTED, Argument, Problem

MODULE = "mxnet"
DISTRIBUTION = "mxnet"
OPERATOR = {
    "stride": "stride",
    "padding": "pad",
    "output_padding": "adj",
    "output_size": "target_shape",
    "groups": "num_group",
    "dilation": "dilate",
    "data_format": "layout",
}
LAYER = {"stride": "strides", "data_format": "layout"}
READING = ("mx.nd.waitall()", "y = y.asnumpy()")
"""Reading an array without samples waits for nothing, and an error of its call would come out of the next one."""


class MXNetAdapter:
    """The kernel is (C_in, C_out/groups, K) as in the document; the data is NCW only."""

    imports = ("import mxnet as mx",)

    def __init__(self, mxnet: Any) -> None:
        self.namespace = {"mx": mxnet}

    def description(self) -> Description:
        version = self.namespace["mx"].__version__
        return Description(
            name="mxnet",
            version=version,
            language="Python",
            home="https://mxnet.apache.org",
            supports=(
                *("NCL", "function", "layer", "bias", "groups", "dilation"),
                *("padding", "output_padding", "float32", "float64", "state", "parameters"),
            ),
            packages={"mxnet": version},
        )

    def program(self, problem: Problem, dtype: str) -> Program:
        given = problem.given()
        if problem.data_format == "NLC":
            raise NotExpressible("MXNet's 1-D layout is NCW only")
        if "data_format" in given:
            given["data_format"] = "NCW" if problem.data_format == "NCL" else problem.data_format
        if isinstance(problem.padding, str):
            raise NotExpressible("MXNet has no string padding")
        if problem.call == "positional":
            raise NotExpressible("the constructor of gluon has another order: output_padding, dilation, groups, layout")
        return self.function(problem, dtype, given) if problem.call == "function" else self.layer(problem, dtype, given)

    def function(self, problem: Problem, dtype: str, given: dict[str, Argument]) -> Program:
        """`kernel`, `num_filter` and `no_bias` are asked for beside the arrays."""
        bias = f", {tensor('b', dtype)}" if problem.has_bias else ""
        fixed = {"num_filter": problem.out_channels, "no_bias": not problem.has_bias}
        sizes = f", kernel=({problem.kernel_size},){keywords(fixed)}{keywords(given, OPERATOR)}"
        return Program((f"y = mx.nd.Deconvolution({tensor('x', dtype)}, {tensor('w', dtype)}{bias}{sizes})", *READING))

    def layer(self, problem: Problem, dtype: str, given: dict[str, Argument]) -> Program:
        if "output_size" in given:
            raise NotExpressible("the layer of gluon has no target_shape, its operator has")
        if problem.bias_attr is False:
            given["use_bias"] = False
        elif problem.bias_attr is not OMITTED:
            raise NotExpressible("the constructor of gluon has use_bias=True or False, no bias_attr")
        kernel = problem.kernel_size if problem.kernel_form is OMITTED else problem.kernel_form
        sizes = f"{problem.out_channels}, {source(kernel)}{keywords(given, LAYER)}, in_channels={problem.in_channels}"
        weight = (f"layer.weight.set_data({tensor('w', dtype)})",) if problem.parameters != "fresh" else ()
        bias = (f"layer.bias.set_data({tensor('b', dtype)})",) if problem.has_bias and problem.parameters == "set" else ()
        construct = (f"layer = mx.gluon.nn.Conv1DTranspose({sizes})", f"layer.cast({dtype!r})", "layer.initialize()")
        return Program((*construct, *weight, *bias, f"y = layer({tensor('x', dtype)})", *READING), construct=len(construct))


def tensor(name: str, dtype: str) -> str:
    return f"mx.nd.array({name}, dtype={dtype!r})"


def load(variant: str) -> MXNetAdapter:
    """Import MXNet; raises ImportError or whatever its import raises."""
    return MXNetAdapter(importlib.import_module(MODULE))
