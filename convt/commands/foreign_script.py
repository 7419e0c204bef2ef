"""What `convt repro` shows and writes for a program in any language, `cmd:PROGRAM ARGS`."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from convt.commands.script import Wanted
    from convt_spec.case import Case

ARRAY = """def array(dtype, shape, numbers):
    data = struct.pack(f"<{len(numbers)}{dict(float32='f', float64='d')[dtype]}", *numbers)
    return {"dtype": dtype, "shape": shape, "data": base64.b64encode(data).decode()}"""
TALK = """messages = "".join(json.dumps(each) + "\\n" for each in ({start}, {before}run, {stop}))
done = subprocess.run({command}, input=messages, stdout=subprocess.PIPE, text=True)
answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{{")]
answer = next((each for each in answers if each.get("id") == 1), {{"outcome": f"none, exit status {{done.returncode}}"}})
{required}
if (y := answer.get("array")) and y["dtype"] in ("float32", "float64"):
    found = [each for each, in struct.iter_unpack("<f" if y["dtype"] == "float32" else "<d", base64.b64decode(y["data"]))]
    print("observed: shape", y["shape"], found)
{difference}else:
    print("observed:", answer)"""
DIFFERENCE = """    wrong = [at for at, (got, asked) in enumerate(zip(found, required)) if {unlike}]
    if wrong and y["shape"] == {shape}:
        at = wrong[0]
        print(f"{{len(wrong)}} of {{len(found)}} samples differ, first {index} = {{found[at]}}, required {{required[at]}}")
"""
LARGEST = """    if y["shape"] == {shape}:
        off = [abs(got - asked) if got == got else math.inf for got, asked in zip(found, required)]
        at = off.index(max(off))
        print(f"largest difference {{off[at]:.3g}} at {index} = {{found[at]}}, required {{required[at]}}")
"""


def call(parts: dict[str, Any]) -> str:
    """The call that is asked for, as JSON."""
    run = parts["requests"][1]
    return json.dumps({"call": run["call"], **run["arguments"]})


def request(run: dict[str, Any]) -> str:
    """The message of a call, its arrays as numbers."""
    from convt_conformance.protocol import array_from_message

    held = ("x", "weight", "bias")
    entries = [", ".join(f"{name!r}: {value!r}" for name, value in run.items() if name not in held)]
    for name in held:
        message = run[name]
        source = f"array({message['dtype']!r}, {message['shape']}, {written(array_from_message(message))})" if message else "None"
        entries.append(f"{name!r}: {source}")
    return "{" + ",\n    ".join(entries) + "}"


def script(title: str, case: Case, parts: Sequence[dict[str, Any]], ours: Wanted) -> str:
    """A stand-alone Python program that sends the messages to the program and prints its last answer; it needs the standard library only.

    It prints what is required in words, or the numbers and where the answer's differ.
    """
    start, run, stop = parts[-1]["requests"]
    before = [{**each["requests"][1], "id": number} for number, each in enumerate(parts[:-1], 2)]
    required, difference = f"print({'required: ' + ours.words!r})", ""
    if ours.numbers is not None:
        shape = list(ours.numbers.shape)
        required = f'print("required: shape", {shape}, required := {written(ours.numbers)})'
        difference = comparison(case, shape, ours.nan_too)
    names = {"start": start, "before": "*before, " if before else "", "stop": stop, "command": parts[-1]["command"]}
    talk = TALK.format(**names, required=required, difference=difference)
    earlier = ["before = [" + ",\n    ".join(map(request, before)) + "]"] if before else []
    requests = [*earlier, f"run = {request(run)}"]
    return "\n".join([f"# {title}", f"# {case}", "import base64, json, math, struct, subprocess", "", ARRAY, *requests, talk])


def comparison(case: Case, shape: list[int], nan_too: list[int]) -> str:
    """The lines that print where an answer of the required shape differs first; for reals, where it differs most."""
    from convt_spec.case import Reals

    index = f"y[{{at // {shape[1] * shape[2]}}}, {{at // {shape[2]} % {shape[1]}}}, {{at % {shape[2]}}}]"
    if isinstance(case.data, Reals):
        return LARGEST.format(shape=shape, index=index)
    unlike = f"got != asked and not (got != got and at in {nan_too})" if nan_too else "got != asked"
    return DIFFERENCE.format(shape=shape, index=index, unlike=unlike)


def written(array: npt.NDArray[Any]) -> str:
    """The numbers in C order, whole ones as such; NaN, infinities and negative zeros as what they are."""
    return f"[{', '.join(map(number_source, array.reshape(-1).tolist()))}]"


def number_source(number: float) -> str:
    if not math.isfinite(number):
        return f'float("{number}")'
    whole = number.is_integer() and abs(number) < 1e15 and (number != 0 or math.copysign(1, number) > 0)
    return str(int(number)) if whole else repr(number)
