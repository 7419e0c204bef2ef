"""Paddle: `paddle.nn.functional.conv1d_transpose` and `paddle.nn.Conv1DTranspose`, whose page is the document.

The variant `static` runs the function in a graph. A layer that `paddle.jit.to_static` compiles leaves threads behind with each call, so
there is no variant for it.
"""

from __future__ import annotations

import importlib
from typing import Any

from convt_conformance.adapters import document_call
from convt_conformance.program import Program
from convt_conformance.protocol import FEATURES, Description
from convt_spec.problem import Problem

MODULE = "paddle"
DISTRIBUTION = "paddlepaddle"
FUNCTION = "paddle.nn.functional.conv1d_transpose"
SUPPORTS = {
    "": (*FEATURES, "state", "parameters"),
    "static": (*(each for each in FEATURES if each != "layer"), "state"),
}


class PaddleAdapter:
    """Arguments are passed on as they are; arrays go in with to_tensor and come out with numpy(), or are fed to a graph and fetched."""

    def __init__(self, paddle: Any, variant: str = "") -> None:
        self.variant = variant
        self.namespace = {"paddle": paddle}
        self.imports = ("import paddle", "paddle.enable_static()") if variant == "static" else ("import paddle",)

    def description(self) -> Description:
        version = self.namespace["paddle"].__version__
        return Description(
            name=f"paddle:{self.variant}" if self.variant else "paddle",
            version=version,
            language="Python",
            home="https://www.paddlepaddle.org.cn",
            supports=SUPPORTS[self.variant],
            packages={"paddlepaddle": version},
        )

    def program(self, problem: Problem, dtype: str) -> Program:
        if self.variant == "static":
            return self.graph(problem)
        tensor = "paddle.to_tensor({})"
        if problem.call == "function":
            program = document_call.function(problem, FUNCTION, tensor)
        else:
            to_dtype = () if dtype == "float32" else (f"layer.to(dtype={dtype!r})",)
            program = document_call.layer(problem, "paddle.nn.Conv1DTranspose", tensor, to_dtype)
        return Program((*program.lines, "y = y.numpy()"), construct=program.construct)

    def graph(self, problem: Problem) -> Program:
        """The function in a program of its own."""
        (line,) = document_call.function(problem, FUNCTION, 'paddle.static.data("{0}", {0}.shape, {0}.dtype.name)').lines
        fed = ", ".join(f'"{name}": {name}' for name in ("xwb" if problem.has_bias else "xw"))
        return Program(
            (
                "graph = paddle.static.Program()",
                "with paddle.static.program_guard(graph):",
                f"    {line}",
                f"(y,) = paddle.static.Executor().run(graph, feed={{{fed}}}, fetch_list=[y])",
            )
        )


def load(variant: str) -> PaddleAdapter:
    """Import Paddle and set its mode; raises ImportError or whatever its import raises."""
    paddle = importlib.import_module(MODULE)
    if variant == "static":
        paddle.enable_static()
    return PaddleAdapter(paddle, variant)
