"""The messages between the runner and an implementation's process: JSON lines, arrays little-endian in base64.

`start` is answered by a description of the implementation, `run` by an outcome, `stop` by the end of the process.
"""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from convt_conformance.outcomes import Computed, Outcome, OutOfMemory, Rejected, Unsupported

VERSION = 1

FEATURES = (
    *("NCL", "NLC", "function", "layer", "bias", "groups", "dilation"),
    *("padding", "VALID", "SAME", "output_padding", "output_size", "float32", "float64"),
)
"""What an implementation may say it supports; strategies draw ordinary calls from these only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """Who is judged: the answer to `start`. `packages` are the versions in its environment that may matter."""

    name: str
    version: str
    language: str
    home: str
    supports: tuple[str, ...]
    packages: dict[str, str]


def description_message(description: Description) -> dict[str, Any]:
    return {"description": {**asdict(description), "supports": list(description.supports)}, "protocol": VERSION}


def description_from_message(message: dict[str, Any]) -> Description:
    fields = dict(message["description"])
    return Description(**{**fields, "supports": tuple(fields["supports"])})


def array_message(array: npt.NDArray[Any]) -> dict[str, Any]:
    """An array as dtype, shape and base64 of its little-endian bytes in C order."""
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    return {"dtype": array.dtype.name, "shape": list(array.shape), "data": base64.b64encode(little.tobytes()).decode("ascii")}


def array_from_message(message: dict[str, Any]) -> npt.NDArray[Any]:
    dtype = np.dtype(message["dtype"]).newbyteorder("<")
    flat = np.frombuffer(base64.b64decode(message["data"]), dtype)
    return flat.reshape(message["shape"]).astype(dtype.newbyteorder("="))


def outcome_message(outcome: Computed | Rejected | Unsupported | OutOfMemory) -> dict[str, Any]:
    """The outcomes that a living process can report; the others are seen from outside."""
    if isinstance(outcome, Computed):
        array = None if outcome.array is None else array_message(outcome.array)
        return {"outcome": "computed", "array": array, "dtype": outcome.dtype, "changed_input": outcome.changed_input}
    if isinstance(outcome, Rejected):
        return {"outcome": "rejected", "error": outcome.error, "message": outcome.message}
    if isinstance(outcome, Unsupported):
        return {"outcome": "unsupported", "reason": outcome.reason}
    return {"outcome": "out-of-memory", "message": outcome.message}


def outcome_from_message(message: dict[str, Any]) -> Outcome:
    kind = message["outcome"]
    if kind == "computed":
        array = None if message["array"] is None else array_from_message(message["array"])
        return Computed(array=array, dtype=message["dtype"], changed_input=message["changed_input"])
    if kind == "rejected":
        return Rejected(error=message["error"], message=message["message"])
    if kind == "unsupported":
        return Unsupported(reason=message["reason"])
    if kind == "out-of-memory":
        return OutOfMemory(message=message["message"])
    raise ValueError(f"unknown outcome {kind!r}")
