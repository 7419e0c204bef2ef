"""MindSpore on the CPU, in its default mode: `mindspore.nn.Conv1dTranspose`; its function conv_transpose2d has no kernel there.

The constructor has other defaults than the document, so two arguments are always passed: `pad_mode`, which would be "same", and
`has_bias`, which would be False.
"""

from __future__ import annotations

import importlib
import os
from typing import Any

from convt_conformance.outcomes import NotExpressible
from convt_conformance.program import Program, keywords, source
from convt_conformance.protocol import Description
from convt_spec.problem import OMITTED, Argument, Problem

MODULE = "mindspore"
DISTRIBUTION = "mindspore"
NAMES = {"groups": "group"}
WORDS = {"SAME": "same", "VALID": "valid"}
ARRAYS = {"weight": "w[:, :, None]", "bias": "b"}
LACKING = {"output_padding": (0,), "output_size": (), "data_format": ("NCL",)}
"""Arguments that the constructor does not have, and the values that mean what it does anyway."""


class MindSporeAdapter:
    """The kernel is (C_in, C_out/groups, 1, K), that of a 2-D layer with one row; the data is NCL only."""

    imports = ("import mindspore",)

    def __init__(self, mindspore: Any) -> None:
        self.namespace = {"mindspore": mindspore}

    def description(self) -> Description:
        version = self.namespace["mindspore"].__version__
        return Description(
            name="mindspore",
            version=version,
            language="Python",
            home="https://www.mindspore.cn",
            supports=("NCL", "layer", "bias", "groups", "dilation", "padding", "VALID", "SAME", "float32", "state", "parameters"),
            packages={"mindspore": version},
        )

    def program(self, problem: Problem, dtype: str) -> Program:
        self.refuse(problem, dtype)
        given: dict[str, Argument] = {name: value for name, value in problem.given().items() if name not in LACKING}
        if isinstance(problem.padding, str):
            given["pad_mode"] = WORDS.get(str(given.pop("padding")), problem.padding)
        else:
            given["pad_mode"] = "pad"
        given["has_bias"] = problem.has_bias
        kernel = problem.kernel_size if problem.kernel_form is OMITTED else problem.kernel_form
        sizes = f"{problem.in_channels}, {problem.out_channels}, {source(kernel)}{keywords(given, NAMES)}"
        known = {"set": ("weight", "bias") if problem.has_bias else ("weight",), "fresh-bias": ("weight",), "fresh": ()}[problem.parameters]
        state = ", ".join(f"{name!r}: mindspore.Parameter(mindspore.Tensor({ARRAYS[name]}))" for name in known)
        return Program(
            (
                f"layer = mindspore.nn.Conv1dTranspose({sizes}, dtype=mindspore.{dtype})",
                f"mindspore.load_param_into_net(layer, {{{state}}})",
                "y = layer(mindspore.Tensor(x)).asnumpy()",
            ),
            construct=1,
        )

    def refuse(self, problem: Problem, dtype: str) -> None:
        """What the constructor has no argument for."""
        if dtype != "float32":
            raise NotExpressible(f"MindSpore's kernel on the CPU has no {dtype}")
        if problem.call == "function":
            raise NotExpressible("conv_transpose2d of MindSpore has no kernel for the CPU")
        if problem.call == "positional":
            raise NotExpressible("MindSpore's constructor has another order: pad_mode, padding, dilation, group, has_bias")
        for name, defaults in LACKING.items():
            if getattr(problem, name) not in (OMITTED, *defaults):
                raise NotExpressible(f"Conv1dTranspose of MindSpore has no {name}")
        if problem.bias_attr not in (OMITTED, False):
            raise NotExpressible("MindSpore's constructor has has_bias=True or False, no bias_attr")
        if problem.padding in WORDS.values():
            raise NotExpressible("MindSpore's own words for padding are in lower case")


def load(variant: str) -> MindSporeAdapter:
    """Import MindSpore with its warnings off; raises ImportError or whatever its import raises."""
    os.environ.setdefault("GLOG_v", "3")
    return MindSporeAdapter(importlib.import_module(MODULE))
