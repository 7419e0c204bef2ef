"""What `convt repro` shows and writes for a program in any language, `cmd:PROGRAM ARGS`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convt_spec.case import Case

ARRAY = """def array(dtype, shape, numbers):
    data = struct.pack(f"<{len(numbers)}{dict(float32='f', float64='d')[dtype]}", *numbers)
    return {"dtype": dtype, "shape": shape, "data": base64.b64encode(data).decode()}
"""
TALK = """messages = "".join(json.dumps(each) + "\\n" for each in ({start}, run, {stop}))
done = subprocess.run({command}, input=messages, stdout=subprocess.PIPE, text=True)
answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{{")]
answer = next((each for each in answers if each.get("id") == 1), {{"outcome": f"none, exit status {{done.returncode}}"}})
if y := answer.pop("array", None):
    code = {{"float32": "f", "float64": "d"}}[y["dtype"]]
    print("observed: shape", y["shape"], [each for each, in struct.iter_unpack("<" + code, base64.b64decode(y["data"]))])
else:
    print("observed:", answer)
print({required!r})"""


def call(parts: dict[str, Any]) -> str:
    """The call that is asked for, as JSON."""
    run = parts["requests"][1]
    return json.dumps({"call": run["call"], **run["arguments"]})


def script(title: str, case: Case, parts: dict[str, Any], required: str) -> str:
    """A stand-alone Python program that sends the messages to the program and prints its answer; it needs the standard library only."""
    from convt_conformance.protocol import array_from_message

    start, run, stop = parts["requests"]
    held = {name: run.pop(name) for name in ("x", "weight", "bias")}
    plain = ", ".join(f"{name!r}: {value!r}" for name, value in run.items())
    lines = [f"# {title}", f"# {case}", "import base64, json, struct, subprocess", "", ARRAY, "run = {", f"    {plain},"]
    for name, message in held.items():
        source = "None"
        if message:
            numbers = [int(each) if float(each).is_integer() else each for each in array_from_message(message).reshape(-1).tolist()]
            source = f"array({message['dtype']!r}, {message['shape']}, {numbers})"
        lines.append(f"    {name!r}: {source},")
    talk = TALK.format(start=start, stop=stop, command=parts["command"], required=f"required: {required}")
    return "\n".join([*lines, "}", talk])
