"""Paddle: `paddle.nn.functional.conv1d_transpose` and `paddle.nn.Conv1DTranspose`, whose page is the document."""

from __future__ import annotations

import importlib
from typing import Any

from convt_conformance.adapters import document_call
from convt_conformance.program import Program
from convt_conformance.protocol import FEATURES, Description
from convt_spec.problem import Problem

MODULE = "paddle"
DISTRIBUTION = "paddlepaddle"


class PaddleAdapter:
    """Arguments are passed on as they are; arrays go in with to_tensor and come out with numpy()."""

    imports = ("import paddle",)

    def __init__(self, paddle: Any) -> None:
        self.namespace = {"paddle": paddle}

    def description(self) -> Description:
        version = self.namespace["paddle"].__version__
        return Description(
            name="paddle",
            version=version,
            language="Python",
            home="https://www.paddlepaddle.org.cn",
            supports=(*FEATURES, "state", "parameters"),
            packages={"paddlepaddle": version},
        )

    def program(self, problem: Problem, dtype: str) -> Program:
        tensor = "paddle.to_tensor({})"
        if problem.call == "function":
            program = document_call.function(problem, "paddle.nn.functional.conv1d_transpose", tensor)
        else:
            to_dtype = () if dtype == "float32" else (f"layer.to(dtype={dtype!r})",)
            program = document_call.layer(problem, "paddle.nn.Conv1DTranspose", tensor, to_dtype)
        return Program((*program.lines, "y = y.numpy()"), construct=program.construct)


def load(variant: str) -> PaddleAdapter:
    """Import Paddle; raises ImportError or whatever its import raises."""
    return PaddleAdapter(importlib.import_module(MODULE))
