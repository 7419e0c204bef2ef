"""Keras 3 on each of its backends: `keras.ops.conv_transpose`, and `keras.layers.Conv1DTranspose` for the layer."""

from __future__ import annotations

import importlib
import os
from typing import Any

from convt_conformance.outcomes import NotExpressible
from convt_conformance.program import Program, keywords, source
from convt_conformance.protocol import Description
from convt_spec.problem import OMITTED, Argument, Problem

MODULE = "keras"
DISTRIBUTION = "keras"
SETTINGS = {
    "tensorflow": {"KERAS_BACKEND": "tensorflow"},
    "torch": {"KERAS_BACKEND": "torch"},
    "jax": {"KERAS_BACKEND": "jax", "JAX_ENABLE_X64": "1"},
    "numpy": {"KERAS_BACKEND": "numpy"},
    "openvino": {"KERAS_BACKEND": "openvino"},
}
"""What must stand in the environment before the import. JAX has no float64 unless told; who chooses NumPy is not told of JAX behind it."""

FORMATS = {OMITTED: "channels_first", "NCL": "channels_first", "NLC": "channels_last"}
NAMES = {"stride": "strides", "dilation": "dilation_rate"}


class KerasAdapter:
    """The kernel is (K, C_out, C_in). data_format is always passed, since a user's file decides what Keras takes it for."""

    def __init__(self, backend: str, keras: Any, versions: dict[str, str]) -> None:
        self.backend, self.versions = backend, versions
        self.namespace = {"keras": keras}
        settings = (f'os.environ["{name}"] = "{value}"' for name, value in SETTINGS[backend].items())
        self.imports = ("import os", *settings, "import keras")

    def description(self) -> Description:
        version = self.namespace["keras"].__version__
        return Description(
            name=f"keras:{self.backend}",
            version=version,
            language="Python",
            home="https://keras.io",
            supports=(
                *("NLC", "NCL", "function", "layer", "dilation", "VALID", "SAME", "output_padding"),
                *("float32", "float64", "memory", "state", "parameters"),
            ),
            packages={"keras": version, **self.versions},
        )

    def program(self, problem: Problem, dtype: str) -> Program:
        self.refuse(problem)
        given = problem.given()
        given.pop("groups", None)
        if problem.padding == 0:
            given["padding"] = "valid"
        given["data_format"] = FORMATS.get(problem.data_format, problem.data_format)
        lines = self.function(given) if problem.call == "function" else self.layer(problem, dtype, given)
        return Program((*lines, "y = keras.ops.convert_to_numpy(y)"), construct=0 if problem.call == "function" else 2)

    def refuse(self, problem: Problem) -> None:
        """What Keras has no argument for."""
        if problem.call == "positional":
            raise NotExpressible("Keras's constructor has another order, and finds in_channels itself")
        if problem.bias:
            raise NotExpressible("keras.ops.conv_transpose has no bias, the layer has")
        if problem.bias_attr not in (OMITTED, False):
            raise NotExpressible("Keras's constructor has use_bias=True or False, no bias_attr")
        if problem.groups not in (OMITTED, 1):
            raise NotExpressible("Keras's transposed convolution has no groups")
        if problem.output_size is not OMITTED:
            raise NotExpressible("Keras has no output_size, only output_padding")
        if problem.padding not in (OMITTED, 0) and not isinstance(problem.padding, str):
            raise NotExpressible("Keras pads by same or valid only")
        if problem.weight != "mapped":
            raise NotExpressible("Keras's kernel has axes of its own, (K, C_out, C_in)")

    def function(self, given: dict[str, Argument]) -> tuple[str, ...]:
        return (f"y = keras.ops.conv_transpose(x, w.T{keywords(given, NAMES)})",)

    def layer(self, problem: Problem, dtype: str, given: dict[str, Argument]) -> tuple[str, ...]:
        """Built for the channels that the problem names, whatever the input has."""
        if problem.bias_attr is False:
            given["use_bias"] = False
        kernel = problem.kernel_size if problem.kernel_form is OMITTED else problem.kernel_form
        channels = problem.in_channels
        shape = (None, None, channels) if given["data_format"] == "channels_last" else (None, channels, None)
        known = {"set": ("kernel", "bias") if problem.has_bias else ("kernel",), "fresh-bias": ("kernel",), "fresh": ()}[problem.parameters]
        arrays = {"kernel": "w.T", "bias": "b"}
        return (
            f"layer = keras.layers.Conv1DTranspose({problem.out_channels}, {source(kernel)}{keywords(given, NAMES)}, dtype={dtype!r})",
            f"layer.build({shape})",
            *(f"layer.{name}.assign({arrays[name]})" for name in known),
            "y = layer(x)",
        )


def load(variant: str) -> KerasAdapter:
    """Import Keras on a backend, with TensorFlow's start-up messages off; raises ImportError or whatever the import raises."""
    os.environ.update(SETTINGS[variant])
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    keras = importlib.import_module(MODULE)
    behind = ("numpy", "jax") if variant == "numpy" else (variant,)
    return KerasAdapter(variant, keras, {name: importlib.import_module(name).__version__ for name in behind})
