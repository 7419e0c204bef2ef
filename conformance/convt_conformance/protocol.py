"""The messages between the runner and an implementation's process: JSON lines, arrays little-endian in base64.

`start` is answered by a description of the implementation, `run` by an outcome, `stop` by the end of the process. What both sides
may say is in `schemas/protocol.schema.json`, and for people in `conformance/harnesses/README.md`.
"""

from __future__ import annotations

import base64
import binascii
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar, overload

import numpy as np
import numpy.typing as npt

from convt_conformance.outcomes import Computed, Outcome, OutOfMemory, Rejected, Unsupported
from convt_spec.problem import Problem

VERSION = 1

FEATURES = (
    *("NCL", "NLC", "function", "layer", "bias", "groups", "dilation"),
    *("padding", "VALID", "SAME", "output_padding", "output_size", "float32", "float64"),
)
"""What an implementation may say it supports; strategies draw ordinary calls from these only."""

IN_PROCESS = ("memory", "state", "parameters")
"""What callables of Python may support beside, in convt's own worker, programs never.

The call takes NumPy arrays as they lie in memory; calls can follow and accompany each other in one process; a layer's own parameters
can be left as they are.
"""


LENGTHS = "lengths"
"""Supported by what infers the shape of a result and computes no numbers: the numbers of its results are not looked at."""


def missing(supports: Sequence[str], problem: Problem) -> str:
    """Why the arrays, the calls around or the parameters of a problem cannot be had from an implementation; empty when they can."""
    if problem.memory != "plain" and "memory" not in supports:
        return "arrays are converted for the call, which decides how they lie in memory"
    if problem.state != "once" and "state" not in supports:
        return "calls come one at a time, each with arrays and results of its own"
    if problem.parameters != "set" and "parameters" not in supports:
        return "the parameters of a layer come with the call"
    return ""


DTYPES = (
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "longdouble", "complex64", "complex128", "clongdouble"),
)
"""What the elements of an array may be, by NumPy's names; the two long ones are the machine's own, for programs on NumPy."""

AXES = 32
"""Axes that an array may have: as many as every NumPy can hold."""

Message = dict[str, Any]
T = TypeVar("T")
D = TypeVar("D")
MISSING: Any = object()
WORDS: dict[type, str] = {str: "a string", list: "a list", dict: "an object", bool: "true or false"}


class MessageError(ValueError):
    """A message that does not keep to the protocol; its text names the part that is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """Who is judged: the answer to `start`. `packages` are the versions in its environment that may matter."""

    name: str
    version: str
    language: str
    home: str
    supports: tuple[str, ...]
    packages: dict[str, str]


@overload
def part(message: Any, name: str, kind: type[T]) -> T: ...
@overload
def part(message: Any, name: str, kind: type[T], default: D) -> T | D: ...
def part(message: Any, name: str, kind: type[T], default: Any = MISSING) -> Any:
    """The member `name` of a message; raises MessageError when it is missing or of another type."""
    value = message.get(name, default)
    if value is MISSING:
        raise MessageError(f"{name!r} is missing")
    if value is not default and not isinstance(value, kind):
        raise MessageError(f"{name!r} must be {WORDS[kind]}, got {shown(value)}")
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "backslashreplace").decode("utf-8")  # half a surrogate pair could not be printed
    return value


def shown(value: object) -> str:
    """A value of a message in words, cut short."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def description_message(description: Description) -> Message:
    return {"description": {**asdict(description), "supports": list(description.supports)}, "protocol": VERSION}


def description_from_message(message: Message) -> Description:
    """The answer to `start`; raises MessageError."""
    if message.get("protocol") != VERSION:
        raise MessageError(f"this convt speaks protocol {VERSION}, the program {shown(message.get('protocol'))}")
    told = part(message, "description", dict)
    supports, packages = part(told, "supports", list), part(told, "packages", dict, {})
    for feature in supports:
        if feature not in (*FEATURES, *IN_PROCESS, LENGTHS):
            raise MessageError(f"'supports' holds {shown(feature)}, which is none of {', '.join(FEATURES)}")
    for one, other in (("NCL", "NLC"), ("function", "layer"), ("float32", "float64"), ("padding", "VALID")):
        if one not in supports and other not in supports:
            raise MessageError(f"'supports' must hold {one} or {other}")
    if not all(isinstance(version, str) for version in packages.values()):
        raise MessageError("'packages' must hold strings")
    name, version, language, home = (part(told, each, str) for each in ("name", "version", "language", "home"))
    return Description(name=name, version=version, language=language, home=home, supports=tuple(supports), packages=packages)


def array_message(array: npt.NDArray[Any]) -> Message:
    """An array as dtype, shape and base64 of its little-endian bytes in C order."""
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    name = {"g": "longdouble", "G": "clongdouble"}.get(array.dtype.char, array.dtype.name)
    return {"dtype": name, "shape": list(array.shape), "data": base64.b64encode(little.tobytes()).decode("ascii")}


def array_from_message(message: Message) -> npt.NDArray[Any]:
    """The array; raises MessageError for an unknown dtype, a shape that is none, or another number of bytes than these need."""
    name, shape, text = part(message, "dtype", str), part(message, "shape", list), part(message, "data", str)
    if name not in DTYPES:
        raise MessageError(f"the dtype {shown(name)} is none of {', '.join(DTYPES)}")
    if len(shape) > AXES or not all(type(size) in (int, float) and size >= 0 and size % 1 == 0 for size in shape):
        raise MessageError(f"'shape' must be a list of up to {AXES} whole numbers from 0, got {shown(shape)}")
    shape = [int(size) for size in shape]
    if any(size > sys.maxsize for size in shape):
        raise MessageError(f"'shape' is too large for an array, got {shown(shape)}")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MessageError(f"'data' is no base64: {error}") from error
    dtype = np.dtype(name).newbyteorder("<")
    if len(data) != math.prod(shape) * dtype.itemsize:
        raise MessageError(f"'data' holds {len(data)} bytes, {name} of shape {shape} needs {math.prod(shape) * dtype.itemsize}")
    try:
        return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="))
    except (ValueError, OverflowError) as error:
        raise MessageError(f"'shape' is too large for an array, got {shown(shape)}") from error


def outcome_message(outcome: Computed | Rejected | Unsupported | OutOfMemory) -> Message:
    """The outcomes that a living process can report; the others are seen from outside."""
    if isinstance(outcome, Computed):
        array = None if outcome.array is None else array_message(outcome.array)
        effects = {"effects": list(outcome.effects)} if outcome.effects else {}
        lengths = {LENGTHS: True} if outcome.only_lengths else {}
        return {"outcome": "computed", "array": array, "dtype": outcome.dtype, "changed_input": outcome.changed_input, **effects, **lengths}
    if isinstance(outcome, Rejected):
        return {"outcome": "rejected", "error": outcome.error, "message": outcome.message}
    if isinstance(outcome, Unsupported):
        return {"outcome": "unsupported", "reason": outcome.reason}
    return {"outcome": "out-of-memory", "message": outcome.message}


def outcome_from_message(message: Message) -> Outcome:
    """The outcome that answers `run`; raises MessageError. `dtype` stands for what is no array, otherwise the array's own counts."""
    kind = part(message, "outcome", str)
    if kind == "computed":
        changed = part(message, "changed_input", bool, False)
        effects = tuple(shown(each) if not isinstance(each, str) else each for each in part(message, "effects", list, []))
        if message.get("array", MISSING) is None:
            return Computed(array=None, dtype=part(message, "dtype", str), changed_input=changed, effects=effects)
        array, only = array_from_message(part(message, "array", dict)), part(message, LENGTHS, bool, False)
        return Computed(array=array, dtype=array.dtype.name, changed_input=changed, effects=effects, only_lengths=only)
    if kind == "rejected":
        return Rejected(error=part(message, "error", str), message=part(message, "message", str))
    if kind == "unsupported":
        return Unsupported(reason=part(message, "reason", str))
    if kind == "out-of-memory":
        return OutOfMemory(message=part(message, "message", str))
    raise MessageError(f"unknown outcome {shown(kind)}, one of computed, rejected, unsupported and out-of-memory")
