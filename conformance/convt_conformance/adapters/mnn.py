"""MNN: `MNN.expr.conv2d_transpose` with one row."""

from __future__ import annotations

import importlib
from typing import Any

from convt_conformance.outcomes import NotExpressible
from convt_conformance.program import Program, source
from convt_conformance.protocol import Description
from convt_spec.problem import OMITTED, Argument, Items, Problem

MODULE = "MNN"
DISTRIBUTION = "mnn"
FORMATS = {OMITTED: "NCHW", "NCL": "NCHW", "NLC": "NHWC"}
ROW = {"NCHW": "[:, :, None]", "NHWC": "[:, None]"}
FIRST = {"NCHW": "[:, :, 0]", "NHWC": "[:, 0]"}


class MNNAdapter:
    """The kernel is (C_in, C_out/group, 1, K); stride, padding and dilate are pairs whose first number is the width's.

    What read() gives is memory of its variable and goes with it, so it is copied.
    """

    imports = ("import MNN.expr as expr",)

    def __init__(self, expr: Any, version: str) -> None:
        self.namespace = {"expr": expr}
        self.version = version

    def description(self) -> Description:
        return Description(
            name="mnn",
            version=self.version,
            language="Python",
            home="https://www.mnn.zone",
            supports=("NCL", "NLC", "function", "bias", "dilation", "padding", "VALID", "SAME", "float32", "state"),
            packages={"mnn": self.version},
        )

    def program(self, problem: Problem, dtype: str) -> Program:
        if dtype != "float32":
            raise NotExpressible("conv2d_transpose computes in 32 bits")
        if problem.call != "function":
            raise NotExpressible("MNN.nn has a layer for the convolution, none for the transposed one")
        for name in ("output_padding", "output_size"):
            if getattr(problem, name) is not OMITTED:
                raise NotExpressible(f"conv2d_transpose has no {name}")
        if problem.data_format not in FORMATS:
            raise NotExpressible("MNN has no format of this name, NCHW and NHWC are its own")
        fmt = FORMATS[problem.data_format]
        bias = "b" if problem.has_bias else f"[0.0] * {problem.out_channels}"
        shape = "b.shape" if problem.has_bias else f"[{problem.out_channels}]"
        return Program(
            (
                f"x4, w4 = x{ROW[fmt]}, w[:, :, None]",
                f"data = expr.convert(expr.const(x4, [*x4.shape], expr.{fmt}), expr.NC4HW4)",
                "kernel = expr.const(w4, [*w4.shape], expr.NCHW)",
                f"bias = expr.const({bias}, {shape}, expr.NCHW)",
                f"result = expr.conv2d_transpose(data, kernel, bias{arguments(problem)})",
                f"result = expr.convert(result, expr.{fmt})",
                f"y = result.read(){FIRST[fmt]}.copy()",
            )
        )


def arguments(problem: Problem) -> str:
    """Stride, dilation and padding for the width, and what a row alone needs for the height."""
    given = {"stride": pair(problem.stride, 1), "dilate": pair(problem.dilation, 1), "group": problem.groups}
    if isinstance(problem.padding, str):
        if problem.padding not in ("SAME", "VALID"):
            raise NotExpressible("a word for the padding is a member of Padding_Mode, SAME, VALID or CAFFE")
        given["padding_mode"] = f"expr.{problem.padding}"
    else:
        given["padding"] = pair(problem.padding, 0)
    return "".join(f", {name}={value}" for name, value in given.items() if value is not OMITTED)


def pair(argument: Argument, other: int) -> Any:
    """An argument for both axes."""
    if isinstance(argument, Items):
        raise NotExpressible("conv2d_transpose takes one number for each of two axes, no list for one axis")
    return argument if argument is OMITTED else f"({source(argument)}, {other})"


def load(variant: str) -> MNNAdapter:
    """Import MNN; raises ImportError or whatever its import raises."""
    return MNNAdapter(importlib.import_module(f"{MODULE}.expr"), importlib.import_module(MODULE).version())
