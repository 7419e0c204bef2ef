"""tinygrad: `Tensor.conv_transpose2d`, which takes any number of axes, and `nn.ConvTranspose1d` for the layer.

Its CPU device calls clang for every kernel, so its interpreter runs the kernels here, unless the variable DEV says otherwise. That
one takes up to 0.1 ms for a product.
"""

from __future__ import annotations

import importlib
import os
from importlib.metadata import version
from typing import Any

from convt_conformance.outcomes import NotExpressible
from convt_conformance.program import Program, keywords, source
from convt_conformance.protocol import Description
from convt_spec.problem import OMITTED, Items, Problem

MODULE = "tinygrad"
DISTRIBUTION = "tinygrad"
PRODUCTS = 20_000
DEVICE = 'os.environ.setdefault("DEV", "PYTHON")'


class TinygradAdapter:
    """The kernel is (C_in, C_out/groups, K) as in the document; the data is NCL only."""

    imports = ("import os", DEVICE, "from tinygrad import Tensor, nn")

    def __init__(self, tensor: Any, nn: Any, version: str, device: str = "") -> None:
        self.namespace, self.version, self.device = {"Tensor": tensor, "nn": nn}, version, device

    def description(self) -> Description:
        return Description(
            name="tinygrad",
            version=self.version,
            language="Python",
            home="https://tinygrad.org",
            supports=(
                *("NCL", "function", "layer", "bias", "groups", "dilation", "padding", "output_padding"),
                *("float32", "float64", "state", "parameters"),
            ),
            packages={"tinygrad": self.version, "device": self.device},
        )

    def program(self, problem: Problem, dtype: str) -> Program:
        if problem.data_format not in (OMITTED, "NCL"):
            raise NotExpressible("tinygrad has no data_format, its input is always NCL")
        if problem.output_size is not OMITTED:
            raise NotExpressible("tinygrad has no argument for the output's length")
        if problem.call == "positional":
            raise NotExpressible("tinygrad's constructor has another order: dilation, groups, bias")
        if self.device == "PYTHON" and products(problem) > PRODUCTS:
            raise NotExpressible(f"more than {PRODUCTS} products take tinygrad's interpreter too long, and its CPU device needs clang")
        return self.function(problem) if problem.call == "function" else self.layer(problem)

    def function(self, problem: Problem) -> Program:
        if isinstance(problem.padding, str):
            raise NotExpressible("Tensor.conv_transpose2d has no string padding")
        given = problem.given()
        given.pop("data_format", None)
        bias = ", Tensor(b)" if problem.has_bias else ""
        return Program((f"y = Tensor(x).conv_transpose2d(Tensor(w){bias}{keywords(given)}).numpy()",))

    def layer(self, problem: Problem) -> Program:
        given = problem.given()
        given.pop("data_format", None)
        if isinstance(problem.padding, str) and problem.padding.upper() == "VALID":
            raise NotExpressible("tinygrad's layers know the word same only")
        if problem.bias_attr is False:
            given["bias"] = False
        elif problem.bias_attr is not OMITTED:
            raise NotExpressible("tinygrad's constructor has bias=True or False, no bias_attr")
        kernel = problem.kernel_size if problem.kernel_form is OMITTED else problem.kernel_form
        if isinstance(kernel, Items) and len(kernel.values) == 1:
            raise NotExpressible("the kernel_size of nn.ConvTranspose1d is an int, and has no form with a list or tuple")
        known = {"set": ("weight", "bias") if problem.has_bias else ("weight",), "fresh-bias": ("weight",), "fresh": ()}[problem.parameters]
        state = ", ".join(f'"{name}": Tensor({name[0]})' for name in known)
        strict = "" if problem.parameters == "set" else ", strict=False"
        return Program(
            (
                f"layer = nn.ConvTranspose1d({problem.in_channels}, {problem.out_channels}, {source(kernel)}{keywords(given)})",
                f"nn.state.load_state_dict(layer, {{{state}}}{strict}, verbose=False)",
                "y = layer(Tensor(x)).numpy()",
            ),
            construct=1,
        )


def products(problem: Problem) -> int:
    """About as many products as a call asks for, those with zeros too."""
    stride, dilation = (each if isinstance(each, int) else 3 for each in (problem.stride, problem.dilation))
    samples = problem.batch * problem.out_channels * (problem.length * stride + problem.kernel_size * dilation)
    return samples * (problem.in_channels // problem.group_count) * problem.kernel_size


def load(variant: str) -> TinygradAdapter:
    """Import tinygrad for its interpreter; raises ImportError or whatever its import raises."""
    os.environ.setdefault("DEV", "PYTHON")
    tinygrad, nn = importlib.import_module(MODULE), importlib.import_module(f"{MODULE}.nn")
    return TinygradAdapter(tinygrad.Tensor, nn, version(DISTRIBUTION), os.environ["DEV"])
