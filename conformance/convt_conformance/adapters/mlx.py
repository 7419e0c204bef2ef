"""MLX: `mlx.core.conv_transpose1d`, and `mlx.nn.ConvTranspose1d` for the layer, on the CPU."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from convt_conformance.outcomes import NotExpressible
from convt_conformance.program import Program, keywords, source
from convt_conformance.protocol import Description
from convt_spec.problem import OMITTED, Argument, Items, Problem

MODULE = "mlx"
DISTRIBUTION = "mlx[cpu]"
NAMES = {"w": "weight", "b": "bias"}
CPU = "mx.set_default_device(mx.cpu)"


class MLXAdapter:
    """The data is NLC only, and the kernel (C_out, K, C_in/groups)."""

    imports = ("import mlx.core as mx", "import mlx.nn as nn", CPU)

    def __init__(self, core: Any, nn: Any) -> None:
        self.namespace = {"mx": core, "nn": nn, "np": np}

    def description(self) -> Description:
        version = self.namespace["mx"].__version__
        return Description(
            name="mlx",
            version=version,
            language="Python",
            home="https://ml-explore.github.io/mlx",
            supports=(
                *("NLC", "function", "layer", "groups", "dilation", "padding", "output_padding"),
                *("float32", "state", "parameters"),
            ),
            packages={"mlx": version},
        )

    def program(self, problem: Problem, dtype: str) -> Program:
        if problem.data_format != "NLC":
            raise NotExpressible("MLX has no data_format, its input is always NLC")
        if problem.output_size is not OMITTED:
            raise NotExpressible("MLX has no argument for the output's length")
        if isinstance(problem.padding, str):
            raise NotExpressible("MLX has no string padding for transposed convolutions")
        if problem.call == "positional":
            raise NotExpressible("MLX's constructor has another order: dilation, output_padding, bias")
        given = problem.given()
        given.pop("data_format")
        for name, value in given.items():
            number(name, value)
        tensors = {name: f"mx.array({array}, dtype=mx.{dtype})" for name, array in (("x", "x"), ("w", kernel(problem)), ("b", "b"))}
        return self.function(problem, given, tensors) if problem.call == "function" else self.layer(problem, given, tensors)

    def function(self, problem: Problem, given: dict[str, Argument], tensors: dict[str, str]) -> Program:
        if problem.has_bias:
            raise NotExpressible("mlx.core.conv_transpose1d has no bias, the layer has")
        return Program((f"y = np.array(mx.conv_transpose1d({tensors['x']}, {tensors['w']}{keywords(given)}))",))

    def layer(self, problem: Problem, given: dict[str, Argument], tensors: dict[str, str]) -> Program:
        if given.pop("groups", 1) != 1:
            raise NotExpressible("mlx.nn.ConvTranspose1d has no groups, the function has")
        if problem.bias_attr is False:
            given["bias"] = False
        elif problem.bias_attr is not OMITTED:
            raise NotExpressible("MLX's constructor has bias=True or False, no bias_attr")
        size = problem.kernel_size if problem.kernel_form is OMITTED else problem.kernel_form
        known = {"set": "wb" if problem.has_bias else "w", "fresh-bias": "w", "fresh": ""}[problem.parameters]
        state = ", ".join(f'("{NAMES[each]}", {tensors[each]})' for each in known)
        strict = "" if problem.parameters == "set" else ", strict=False"
        sizes = f"{problem.in_channels}, {problem.out_channels}, {number('kernel_size', size)}"
        return Program(
            (
                f"layer = nn.ConvTranspose1d({sizes}{keywords(given)})",
                f"layer.load_weights([{state}]{strict})",
                f"y = np.array(layer({tensors['x']}))",
            ),
            construct=1,
        )


def number(name: str, value: Argument) -> str:
    """An argument as source: MLX has ints only, so a list of one cannot be meant for it, while one of several is its to refuse."""
    if isinstance(value, Items) and len(value.values) == 1:
        raise NotExpressible(f"MLX's {name} is an int, and has no form with a list or tuple")
    return source(value)


def kernel(problem: Problem) -> str:
    """The kernel with its axes moved: the output channels of one group after those of another."""
    if problem.weight != "mapped":
        raise NotExpressible("MLX's kernel has axes of its own, (C_out, K, C_in)")
    (channels, columns, taps), groups = problem.weight_shape, problem.groups if isinstance(problem.groups, int) else 1
    if problem.flaw.startswith("kernel-rank") or (groups > 1 and channels % groups):
        raise NotExpressible("the kernel's axes cannot be put in the order that MLX wants")
    if groups <= 1:
        return "w.transpose(1, 2, 0)"
    each = channels // groups
    return f"w.reshape({groups}, {each}, {columns}, {taps}).transpose(0, 2, 3, 1).reshape({groups * columns}, {taps}, {each})"


def load(variant: str) -> MLXAdapter:
    """Import MLX and choose its CPU; raises ImportError or whatever its import raises."""
    core, nn = importlib.import_module("mlx.core"), importlib.import_module("mlx.nn")
    core.set_default_device(core.cpu)
    return MLXAdapter(core, nn)
