"""torch: `torch.nn.functional.conv_transpose1d`, and `torch.nn.ConvTranspose1d` for the layer."""

from __future__ import annotations

import importlib
from typing import Any

from convt_conformance.outcomes import NotExpressible
from convt_conformance.program import Program, keywords, source
from convt_conformance.protocol import Description
from convt_spec.problem import OMITTED, Problem

MODULE = "torch"
DISTRIBUTION = "torch"


class TorchAdapter:
    """The kernel is (C_in, C_out/groups, K) as in the document; the data is NCL only."""

    imports = ("import torch",)

    def __init__(self, torch: Any) -> None:
        self.namespace = {"torch": torch}

    def description(self) -> Description:
        version = self.namespace["torch"].__version__
        return Description(
            name="torch",
            version=version,
            language="Python",
            home="https://pytorch.org",
            supports=(
                "NCL",
                "function",
                "layer",
                "bias",
                "groups",
                "dilation",
                "padding",
                "output_padding",
                "float32",
                "float64",
                "state",
                "parameters",
            ),
            packages={"torch": version},
        )

    def program(self, problem: Problem, dtype: str) -> Program:
        if problem.data_format not in (OMITTED, "NCL"):
            raise NotExpressible("torch has no data_format, its input is always NCL")
        if isinstance(problem.padding, str):
            raise NotExpressible("torch has no string padding for transposed convolutions")
        if problem.call == "positional":
            raise NotExpressible("torch's constructor has another order: groups, bias, dilation")
        return self.function(problem) if problem.call == "function" else self.layer(problem, dtype)

    def function(self, problem: Problem) -> Program:
        given = problem.given()
        if given.pop("output_size", None) is not None:
            raise NotExpressible("torch's functional form has no output_size, its layer has")
        given.pop("data_format", None)
        bias = ", torch.from_numpy(b)" if problem.has_bias else ""
        call = f"torch.nn.functional.conv_transpose1d(torch.from_numpy(x), torch.from_numpy(w){bias}{keywords(given)})"
        return Program((f"y = {call}.numpy()",))

    def layer(self, problem: Problem, dtype: str) -> Program:
        given = problem.given()
        size = given.pop("output_size", OMITTED)
        given.pop("data_format", None)
        kernel = problem.kernel_size if problem.kernel_form is OMITTED else problem.kernel_form
        if problem.bias_attr is False:
            given["bias"] = False
        elif problem.bias_attr is not OMITTED:
            raise NotExpressible("torch's constructor has bias=True or False, no bias_attr")
        asked = "" if size is OMITTED else f", output_size=[{source(size)}]" if isinstance(size, int) else f", output_size={source(size)}"
        known = {"set": ("weight", "bias") if problem.has_bias else ("weight",), "fresh-bias": ("weight",), "fresh": ()}[problem.parameters]
        state = ", ".join(f'"{name}": torch.from_numpy({name[0]})' for name in known)
        strict = "" if problem.parameters == "set" else ", strict=False"
        channels = f"{problem.in_channels}, {problem.out_channels}, {source(kernel)}"
        return Program(
            (
                f"layer = torch.nn.ConvTranspose1d({channels}{keywords(given)}, dtype=torch.{dtype})",
                f"layer.load_state_dict({{{state}}}{strict})",
                f"y = layer(torch.from_numpy(x){asked}).detach().numpy()",
            ),
            construct=1,
        )


def load(variant: str) -> TorchAdapter:
    """Import torch; raises ImportError or whatever its import raises."""
    return TorchAdapter(importlib.import_module(MODULE))
