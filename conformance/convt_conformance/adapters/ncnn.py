"""ncnn: Deconvolution1D and DeconvolutionDepthWise1D in a net of one layer, the kernel in the model or, as `ncnn:dynamic`, an input."""

from __future__ import annotations

import importlib
import os
from typing import Any

import numpy as np

from convt_conformance.outcomes import NotExpressible
from convt_conformance.program import Program
from convt_conformance.protocol import Description
from convt_spec.problem import OMITTED, Argument, Items, Problem

MODULE = "ncnn"
DISTRIBUTION = "ncnn"
NUMBERS = {"stride": 3, "dilation": 2, "output_padding": 18, "output_size": 20, "groups": 7}
"""Ids of the layer's parameters."""
SAME_UPPER = -233


class NcnnAdapter:
    """A model's kernel is a run of numbers in the order (groups, C_out/groups, C_in/groups, K), a dynamic one is as in the document."""

    imports = ("import ncnn",)

    def __init__(self, ncnn: Any, variant: str = "", batches: bool = True) -> None:
        self.namespace = {"ncnn": ncnn, "np": np}
        self.dynamic, self.batches = variant == "dynamic", batches

    def description(self) -> Description:
        version = self.namespace["ncnn"].__version__
        return Description(
            name="ncnn:dynamic" if self.dynamic else "ncnn",
            version=version,
            language="Python",
            home="https://github.com/Tencent/ncnn",
            supports=("NCL", "function", "bias", "groups", "dilation", "padding", "output_padding", "float32", "state"),
            packages={"ncnn": version},
        )

    def program(self, problem: Problem, dtype: str) -> Program:
        if dtype != "float32":
            raise NotExpressible("ncnn computes in 32 bits or fewer")
        if problem.call != "function":
            raise NotExpressible("ncnn's layers are lines of a model, and have no constructor with arguments")
        if not self.batches and problem.flaw.startswith("input-rank"):
            raise NotExpressible("a blob of this ncnn has no batch, so that it never sees the input's rank")
        if problem.data_format not in (OMITTED, "NCL"):
            raise NotExpressible("ncnn has no data_format, its blobs are always channels, then samples")
        given = {NUMBERS[name]: number(value) for name, value in problem.given().items() if name in NUMBERS}
        given |= sides(problem.padding)
        return self.of_inputs(problem, given) if self.dynamic else self.of_model(problem, given)

    def of_model(self, problem: Problem, given: dict[int, str]) -> Program:
        """Kernel and bias are bytes of the model, after a word of zeros that says float32."""
        if problem.weight != "mapped" or problem.flaw.startswith("kernel-rank"):
            raise NotExpressible("the kernel in a model has no axes, its numbers come in an order of ncnn's own")
        if problem.flaw.startswith("bias"):
            raise NotExpressible("the bias in a model has no shape, ncnn reads as many numbers as there are output channels")
        groups, (rows, columns, taps) = problem.group_count, problem.weight_shape
        if groups > 1 and rows % groups == 0:
            kernel = f"w.reshape({groups}, {rows // groups}, {columns}, {taps}).transpose(0, 2, 1, 3)"
        else:
            kernel = "w.transpose(1, 0, 2)"
        sizes = {0: f"{problem.out_channels}", 1: f"{problem.kernel_size}", 5: f"{int(problem.has_bias)}", 6: f"{rows * columns * taps}"}
        numbers = f"net.load_model_mem(bytes(4) + {kernel}.tobytes(){' + b.tobytes()' if problem.has_bias else ''})"
        return Program((*net(["x"], sizes | given), numbers, *run({"x": "x, 0"}, self.batches)))

    def of_inputs(self, problem: Problem, given: dict[int, str]) -> Program:
        blobs = {"x": "x, 0", "w": "w", "b": "b"} if problem.has_bias else {"x": "x, 0", "w": "w"}
        given = {5: f"{int(problem.has_bias)}", 28: "1", **given}
        return Program((*net(list(blobs), given), 'net.load_model_mem("")', *run(blobs, self.batches)))


def number(argument: Argument) -> str:
    """A parameter as the text of a net has it."""
    if not isinstance(argument, int | float):
        raise NotExpressible("a parameter of ncnn's layer is one number")
    return str(argument)


def sides(padding: Argument) -> dict[int, str]:
    """The parameters pad_left and pad_right; SAME is a number of its own as pad_left."""
    if padding == "SAME":
        return {4: str(SAME_UPPER)}
    if isinstance(padding, str):
        raise NotExpressible("ncnn knows SAME_UPPER and SAME_LOWER, no other padding in words")
    if isinstance(padding, Items) and len(padding.values) == 2:
        return dict(zip((4, 15), map(number, padding.values), strict=True))
    return {} if padding is OMITTED else {4: number(padding)}


def net(inputs: list[str], parameters: dict[int, str]) -> tuple[str, ...]:
    """Lines that load a net of one layer; the one for groups is another, and 7 says how many."""
    layer = "DeconvolutionDepthWise1D" if 7 in parameters else "Deconvolution1D"
    counted, text = f"{len(inputs) + 1} {len(inputs) + 1}", " ".join(f"{name}={value}" for name, value in parameters.items())
    rows = ["7767517", counted, *(f"Input {name} 0 1 {name}" for name in inputs)]
    rows.append(f"{layer} y {len(inputs)} 1 {' '.join(inputs)} y {text}")
    described = "\n".join([*rows, ""])
    return ("net = ncnn.Net()", f'assert net.load_param_mem({described!r}) == 0, "ncnn refused the parameters"')


def run(blobs: dict[str, str], batches: bool) -> tuple[str, ...]:
    """Lines that feed the blobs; the first axis of `x, 0` is a batch, whose items come one by one where blobs have none."""
    lines = (
        "extractor, blob = net.create_extractor(), ncnn.Mat()",
        *(f'extractor.input("{name}", ncnn.Mat({value if batches else value.replace("x, 0", "item")}))' for name, value in blobs.items()),
        'assert extractor.extract("y", blob) == 0, "ncnn failed to compute"',
    )
    if batches:
        return (*lines, "y = blob.numpy(batch_index=0)")
    return ("parts = []", "for item in x:", *(f"    {line}" for line in (*lines, "parts.append(np.array(blob))")), "y = np.stack(parts)")


def load(variant: str) -> NcnnAdapter:
    """Import ncnn, whose idle threads spin for longer than a small call takes; raises ImportError or whatever its import raises."""
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    return NcnnAdapter(ncnn := importlib.import_module(MODULE), variant, "batch_index" in (ncnn.Mat.numpy.__doc__ or ""))
