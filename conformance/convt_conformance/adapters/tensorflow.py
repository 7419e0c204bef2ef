"""TensorFlow: `tf.nn.conv1d_transpose`, which wants the output's shape from its caller.

The variants take TensorFlow's own kernels in place of oneDNN's, trace the call into a graph, and compile that with XLA.
"""

from __future__ import annotations

import importlib
import os
from typing import Any

from convt_conformance.outcomes import NotExpressible
from convt_conformance.program import Program, keywords
from convt_conformance.protocol import Description
from convt_spec.lengths import full_length
from convt_spec.problem import OMITTED, Argument, Items, Problem

MODULE = "tensorflow"
DISTRIBUTION = "tensorflow-cpu"
NATIVE = ("import os", 'os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"')
CALLED = {"": "{}", "native": "{}", "function": "tf.function({})", "xla": "tf.function({}, jit_compile=True)"}
SUPPORTS = ("NLC", "function", "VALID", "output_padding", "output_size", "float32", "float64", "state")
"""TensorFlow's own kernels for the CPU know neither channels-first data nor dilation."""
FORMATS = {OMITTED: "NCW", "NCL": "NCW", "NLC": "NWC"}


def one(argument: Argument, default: int) -> int:
    """The int of an argument, to compute the output shape that the caller must give; the argument itself is passed on untouched."""
    value = argument.values[0] if isinstance(argument, Items) and argument.values else argument
    return int(value) if isinstance(value, int | float) else default


class TensorFlowAdapter:
    """The kernel is (K, C_out, C_in); strides, padding and output_shape are always passed, since TensorFlow asks for them."""

    def __init__(self, tensorflow: Any, variant: str = "") -> None:
        self.namespace = {"tf": tensorflow}
        self.name = f"tensorflow:{variant}" if variant else "tensorflow"
        self.called = CALLED[variant].format("tf.nn.conv1d_transpose")
        self.imports = (*(NATIVE if variant == "native" else ()), "import tensorflow as tf")

    def description(self) -> Description:
        version = self.namespace["tf"].__version__
        return Description(
            name=self.name,
            version=version,
            language="Python",
            home="https://www.tensorflow.org",
            supports=SUPPORTS if self.name == "tensorflow:native" else (*SUPPORTS, "NCL", "dilation"),
            packages={"tensorflow": version, "onednn": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "default")},
        )

    def program(self, problem: Problem, dtype: str) -> Program:
        self.refuse(problem)
        length = self.output_length(problem)
        fmt = FORMATS.get(problem.data_format, problem.data_format)
        shape = [problem.batch, problem.out_channels, length] if fmt != "NWC" else [problem.batch, length, problem.out_channels]
        padding = problem.padding if isinstance(problem.padding, str) else "VALID"
        strides = 1 if problem.stride is OMITTED else problem.stride
        given = {"strides": strides, "padding": padding, "data_format": fmt}
        if problem.dilation is not OMITTED:
            given["dilations"] = problem.dilation
        return Program((f"y = {self.called}(x, w.transpose(2, 1, 0), output_shape={shape}{keywords(given)}).numpy()",))

    def refuse(self, problem: Problem) -> None:
        """What tf.nn.conv1d_transpose has no argument for."""
        if problem.call != "function":
            raise NotExpressible("tf.nn has functions only, the layer is Keras's")
        if problem.has_bias:
            raise NotExpressible("tf.nn.conv1d_transpose has no bias")
        if problem.groups not in (OMITTED, 1):
            raise NotExpressible("tf.nn.conv1d_transpose has no groups")
        if problem.weight != "mapped":
            raise NotExpressible("TensorFlow's kernel has axes of its own, (K, C_out, C_in)")
        if problem.flaw.startswith("kernel-rank"):
            raise NotExpressible("the adapter transposes the kernel's three axes")
        if problem.padding not in (OMITTED, 0) and not isinstance(problem.padding, str):
            raise NotExpressible("tf.nn.conv1d_transpose pads by SAME or VALID only")
        if problem.output_size is not OMITTED and problem.output_padding is not OMITTED:
            raise NotExpressible("tf.nn.conv1d_transpose has one output_shape for output_size and output_padding")
        if problem.padding == "SAME" and not isinstance(problem.output_size, int):
            raise NotExpressible("tf.nn.conv1d_transpose wants the output's length for SAME, and has no default")

    def output_length(self, problem: Problem) -> int:
        """The output's length, which TensorFlow's caller computes: VALID's, plus output_padding; or output_size as it is.

        A meaningless stride or dilation counts as 1 here and at least one sample is asked for, so that TensorFlow is judged by what
        it says to the argument itself.
        """
        if problem.output_size is not OMITTED:
            return one(problem.output_size, 0)
        if not isinstance(problem.output_padding, int) and problem.output_padding is not OMITTED:
            raise NotExpressible("tf.nn.conv1d_transpose has no output_padding of its own, so none of its forms")
        stride, dilation = max(one(problem.stride, 1), 1), max(one(problem.dilation, 1), 1)
        return max(full_length(problem.length, problem.kernel_size, stride, dilation) + one(problem.output_padding, 0), 1)


def load(variant: str) -> TensorFlowAdapter:
    """Import TensorFlow with its start-up messages off; raises ImportError or whatever its import raises."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if variant == "native":
        exec("\n".join(NATIVE))
    return TensorFlowAdapter(importlib.import_module(MODULE), variant)
