"""The messages of a run as people read them: each on one line, arrays cut short, and what does not fit the schema named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, TextIO

import jsonschema

from convt_conformance.process import Watch
from convt_conformance.protocol import Message

SHOWN_DATA = 12
"""Characters of an array's data that are shown: two float32 and a little."""
SHOWN_NOISE = 200


@cache
def validator(direction: str) -> Any:
    """The part of the published schema that speaks of one direction, `->` to the program or `<-` from it."""
    schema = json.loads((Path(__file__).parent / "schemas" / "protocol.schema.json").read_text(encoding="utf-8"))
    part = {"->": "request", "<-": "answer"}[direction]
    return jsonschema.Draft202012Validator({"$defs": schema["$defs"], "$ref": f"#/$defs/{part}"})


def faults(direction: str, message: Message) -> Iterator[str]:
    """What does not fit the schema, each as the place and the reason."""
    for error in validator(direction).iter_errors(message):
        inner = jsonschema.exceptions.best_match([error])
        place = "/".join(str(part) for part in inner.absolute_path)
        yield f"{place or 'the message'}: {inner.message[:SHOWN_NOISE]}"


def view(stream: TextIO) -> Watch:
    """Writes each message to `stream` as it passes."""

    def watch(direction: str, message: Message | bytes) -> None:
        if isinstance(message, bytes):
            stream.write(f"{direction} noise, skipped: {message[:SHOWN_NOISE].decode(errors='replace')!r}\n")
            return
        wrong = "".join(f"   does not fit the schema at {fault}\n" for fault in faults(direction, message))
        stream.write(f"{direction} {json.dumps(abbreviated(message))}\n{wrong}")
        stream.flush()

    return watch


def abbreviated(value: Any) -> Any:
    """The same message with the data of each array cut short."""
    if isinstance(value, list):
        return [abbreviated(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: cut(each) if name == "data" else abbreviated(each) for name, each in value.items()}


def cut(data: Any) -> Any:
    if not isinstance(data, str) or len(data) <= SHOWN_DATA:
        return abbreviated(data)
    return f"{data[:SHOWN_DATA]}... {len(data)} characters"
