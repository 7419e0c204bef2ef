"""ONNX Runtime: InferenceSession(the model's bytes).run(None, inputs by name); the model is read by ONNX's reference."""

from __future__ import annotations

from convt_conformance.adapters.onnxruntime import OnnxRuntimeAdapter
from round_trips import of_onnx
from round_trips.recording import Fake, Log
from round_trips.sent import Sent

LOG = Log()
ADAPTERS = {"onnxruntime": OnnxRuntimeAdapter(Fake(LOG, "onnxruntime"), Fake(LOG, "onnx"))}


def read(log: Log) -> Sent:
    made, (text,) = log.only("helper.make_model"), log.only("InferenceSession").args
    assert text.made_by.path == f"{made.path}.SerializeToString"
    return of_onnx.read(log)
