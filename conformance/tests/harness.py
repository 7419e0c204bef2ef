"""A harness in Python around the bundled implementation, as `cmd:python harness.py MODE`: right, but odd in one way.

A mode of `ODD` comes into play when the input has three samples, or always after the word `always`; one of `START` when it is started.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import convt_impl
from convt_conformance.outcomes import Computed, Rejected, Unsupported
from convt_conformance.protocol import FEATURES, VERSION, array_from_message, outcome_message

Message = dict[str, Any]
SUPPORTS = [feature for feature in FEATURES if feature != "layer"]
DESCRIPTION = {"name": "harness", "version": "1", "language": "Python", "home": "", "supports": SUPPORTS, "packages": {}}
STARTED = {"protocol": VERSION, "description": DESCRIPTION}


def say(message: object) -> None:
    sys.stdout.write(f"{json.dumps(message)}\n")
    sys.stdout.flush()


def argument(value: Any) -> Any:
    return value["list"] if isinstance(value, dict) and "list" in value else tuple(value["tuple"]) if isinstance(value, dict) else value


def outcome(request: Message) -> Message:
    """What the bundled implementation makes of a request."""
    if request["call"] != "function":
        return outcome_message(Unsupported(reason="this is a function, and has no layer form"))
    arrays = [array_from_message(request[name]) if request[name] else None for name in ("x", "weight", "bias")]
    given = {name: argument(value) for name, value in request["arguments"].items()}
    try:
        y = convt_impl.conv1d_transpose(*arrays, **given)
    except (TypeError, ValueError) as error:
        return outcome_message(Rejected(error=type(error).__name__, message=str(error)))
    return outcome_message(Computed(array=y, dtype=y.dtype.name))


def noisy(answer: Message) -> None:
    sys.stdout.buffer.write(b'hello\n\n{"id": \n3\n"text"\n[1, 2]\nnull\n\xff\xfe\n' + b"[" * 100_000 + b"\n")
    say(answer)


def flooded(answer: Message) -> None:
    while True:
        sys.stdout.write("noise\n" * 1000)


def long(answer: Message) -> None:
    while True:
        sys.stdout.write("x" * 100_000)


def last_words(answer: Message) -> None:
    print("oh dear", file=sys.stderr, flush=True)
    os.abort()


def out_of_memory(answer: Message) -> None:
    try:
        held = np.ones(1 << 30, np.uint8)
        say({**answer, "outcome": "rejected", "error": "none", "message": f"{held.size} bytes were there"})
    except MemoryError:
        say({"id": answer["id"], "outcome": "out-of-memory", "message": "no room"})


def child(answer: Message) -> None:
    """Leaves a process that holds the pipes, tells its number, and dies."""
    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print(left.pid, file=sys.stderr, flush=True)
    os._exit(5)


def changed(**members: Any) -> Callable[[Message], None]:
    """An answer with other members; None takes one away."""
    return lambda answer: say({name: value for name, value in {**answer, **members}.items() if value is not None})


def misshapen(**members: Any) -> Callable[[Message], None]:
    return lambda answer: say({**answer, "array": {**answer["array"], **members}})


ODD: dict[str, Callable[[Message], Any]] = {
    "noisy": noisy,
    "flooded": flooded,
    "long": long,
    "aborts": last_words,
    "exits": lambda answer: os._exit(0),
    "silent": lambda answer: None,
    "asleep": lambda answer: time.sleep(600),
    "hungry": out_of_memory,
    "child": child,
    "half a pair": lambda answer: say({"id": answer["id"], "outcome": "rejected", "error": "E", "message": "no \udc80"}),
    "twice": lambda answer: (say(answer), say(answer)),
    "no id": changed(id=None),
    "another id": changed(id=-1),
    "a text as id": changed(id="1"),
    "unknown outcome": changed(outcome="odd"),
    "outcome of another type": changed(outcome=["computed"]),
    "no outcome": lambda answer: say({"id": answer["id"]}),
    "no array": lambda answer: say({"id": answer["id"], "outcome": "computed"}),
    "a list as array": changed(array=[1, 2]),
    "a refusal without words": lambda answer: say({"id": answer["id"], "outcome": "rejected", "error": "E"}),
    "unsupported": lambda answer: say({"id": answer["id"], "outcome": "unsupported", "reason": "there is no such call"}),
    "a number as reason": lambda answer: say({"id": answer["id"], "outcome": "unsupported", "reason": 3}),
    "too few bytes": misshapen(data="AACgQA=="),
    "no base64": misshapen(data="?"),
    "an unknown dtype": misshapen(dtype="bfloat16"),
    "objects": misshapen(dtype="object"),
    "NaN in the shape": misshapen(shape=[1, float("nan"), 2]),
    "a negative size": misshapen(shape=[1, -3, 2]),
    "a fraction in the shape": misshapen(shape=[1, 3.5, 2]),
    "true in the shape": misshapen(shape=[True, 3, 7]),
    "a number as shape": misshapen(shape=21),
    "too many axes": misshapen(shape=[1] * 33),
    "a shape beyond any memory": misshapen(shape=[0, 10**30], data=""),
}
START: dict[str, Message] = {
    "another version": {**STARTED, "protocol": VERSION + 1},
    "no version": {"description": DESCRIPTION},
    "no description": {"protocol": VERSION},
    "a nameless one": {**STARTED, "description": {**DESCRIPTION, "name": None}},
    "an unknown feature": {**STARTED, "description": {**DESCRIPTION, "supports": [*SUPPORTS, "gruops"]}},
    "no layout": {**STARTED, "description": {**DESCRIPTION, "supports": ["function", "padding", "float32"]}},
    "numbers as packages": {**STARTED, "description": {**DESCRIPTION, "packages": {"numpy": 2}}},
    "an odd failure": {"failed": "perhaps", "message": "?"},
    "a failure without words": {"failed": "absent"},
    "absent": {"failed": "absent", "message": "libmine is not there: install it"},
    "usage": {"failed": "usage", "message": "name a library"},
}


def main(mode: str) -> None:
    if mode == "early":
        say({"id": 1, "outcome": "rejected", "error": "E", "message": "nobody asked"})
    if mode == "deaf":
        say(STARTED)
        time.sleep(600)
    for line in sys.stdin:
        request = json.loads(line)
        if request["request"] == "stop":
            return
        if request["request"] == "start":
            say(START.get(mode, STARTED))
            continue
        answer = {"id": request["id"], **outcome(request)}
        if mode == "wrong" and answer["outcome"] == "computed":
            spoiled = bytearray(base64.b64decode(answer["array"]["data"]))
            spoiled[-1:] = [each ^ 0x40 for each in spoiled[-1:]]  # the last number's exponent
            answer["array"]["data"] = base64.b64encode(spoiled).decode()
        if mode == "wordy":
            sys.stdout.write("noise " * 40_000 + "\n")
        odd = ODD.get(mode.removeprefix("always "), say)
        (odd if mode.startswith("always ") or ",L3," in request["case"] else say)(answer)


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
