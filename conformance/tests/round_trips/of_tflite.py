"""TensorFlow Lite: the model is LiteRT's."""

from __future__ import annotations

from round_trips.of_litert import LOG, adapter, read

__all__ = ["ADAPTERS", "LOG", "read"]
ADAPTERS = {name: adapter(name, "tflite_runtime") for name in ("tflite", "tflite:builtin", "tflite:reference")}
