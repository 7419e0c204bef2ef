"""TensorFlow Lite's last runtime of its own, before it became LiteRT, whose schema makes the model here too; the same variants."""

from __future__ import annotations

from convt_conformance.adapters.litert import LiteRTAdapter, loaded

MODULE = "tflite_runtime"
DISTRIBUTION = "tflite-runtime"


def load(variant: str) -> LiteRTAdapter:
    """Import the runtime and LiteRT's schema; raises ImportError or whatever its import raises."""
    return loaded(f"tflite:{variant}" if variant else "tflite", MODULE)
