"""`convt translate`: the same call in another implementation, or why there is none."""

from __future__ import annotations

import argparse
import difflib
import re
from typing import TYPE_CHECKING, Any

from convt.command import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convt_conformance.translation.sizes import Rule
    from convt_conformance.translation.subjects import Subject
    from convt_spec.problem import Argument, Problem

SYNONYMS = {
    **dict.fromkeys(("strides", "window_strides"), "stride"),
    **dict.fromkeys(("dilations", "dilation_rate", "rhs_dilation", "dilate"), "dilation"),
    **dict.fromkeys(("group", "num_group", "feature_group_count"), "groups"),
    **dict.fromkeys(("pads", "pad"), "padding"),
    **dict.fromkeys(("adj", "output_pad"), "output_padding"),
    **dict.fromkeys(("K", "kernel", "kernel_shape"), "kernel_size"),
    **dict.fromkeys(("L", "input_length"), "length"),
}
"""What frameworks call an argument, and what the document does."""
SIZES = ("length", "kernel_size", "batch", "in_channels", "out_channels")
ARGUMENTS = ("stride", "padding", "output_padding", "output_size", "groups", "dilation", "data_format")
KEYS = (*ARGUMENTS, "bias", "call", *SIZES)
EXAMPLE = (10, 3)
"""The input's length and the kernel's in the calls that are shown, or the nearest that have a translation."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="FROM", help="a built-in implementation, as `convt list` names it")
    parser.add_argument("target", metavar="TO", help="another one")
    parser.add_argument(
        "given", nargs="*", metavar="KEY=VALUE", help=f"the call in the document's words: {', '.join(KEYS)}; e.g. stride=2 padding=SAME"
    )


def run(options: argparse.Namespace) -> int:
    """0 when there is such a call, 1 when it is not expressible; neither framework needs to be installed."""
    from convt_conformance.translation.sizes import KERNELS, LENGTHS, NeedsLength, rule
    from convt_conformance.translation.subjects import NoCall

    source, target = known(options.source), known(options.target)
    given = arguments(options.given)
    lengths = [given["length"]] if "length" in given else LENGTHS
    kernels = [given["kernel_size"]] if "kernel_size" in given else KERNELS
    problem = problem_of(given)
    try:
        found = rule(problem, source, target, lengths, kernels)
    except NeedsLength as error:
        raise UsageError(f"the arguments for {target.name} depend on the input's length: add length=, e.g. length=100") from error
    except NoCall as error:
        if error.of_source:
            raise UsageError(f"that is no call of {source.name}: {error}") from error
        print(f"not expressible in {target.name} {target.version}: {error}")
        return 1
    show(problem, source, target, found)
    return 0


def known(name: str) -> Subject:
    """The implementation of this name; raises UsageError where its readings were never measured."""
    from convt_conformance.translation.subjects import subjects

    if name not in subjects():
        near = difflib.get_close_matches(name, subjects(), n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise UsageError(f"no readings were measured of {name!r}; {hint}there are those of {', '.join(subjects())}")
    return subjects()[name]


def arguments(texts: Sequence[str]) -> dict[str, Any]:
    """The keys in the document's words, with their values; raises UsageError."""
    found: dict[str, Any] = {}
    for text in texts:
        name, value = parsed(text)
        if name in found:
            raise UsageError(f"{name} is given twice, the second time as {text!r}; give it once")
        found[name] = value
    return found


def parsed(text: str) -> tuple[str, Any]:
    """A key in the document's words, and its value; raises UsageError."""
    key, equals, value = text.partition("=")
    name = SYNONYMS.get(key, key)
    if not equals or name not in KEYS:
        raise UsageError(f"unknown argument {text!r}; give KEY=VALUE with one of {', '.join(KEYS)}")
    if name == "call":
        if value not in ("function", "layer"):
            raise UsageError(f"call is function or layer, got {value!r}")
        return name, value
    if name == "bias":
        if value.lower() not in ("true", "false"):
            raise UsageError(f"bias is true or false, got {value!r}")
        return name, value.lower() == "true"
    if name in SIZES:
        if not value.isdecimal() or not 1 <= int(value) <= 10**6:
            raise UsageError(f"{name} is a whole number from 1 to 1000000, got {value!r}")
        return name, int(value)
    return name, argument(name, value)


def argument(name: str, value: str) -> Argument:
    """An argument as a caller writes it: `2`, `[1,2]`, `(1,2)`, `SAME`, or as a case's text has it."""
    from convt_spec.problem import Items, argument_from_text

    listed = re.fullmatch(r"([\[(])(-?\d+(?:,-?\d+)*),?[\])]", value.replace(" ", ""))
    if listed:
        kind, numbers = "list" if listed[1] == "[" else "tuple", listed[2].split(",")
        return Items(kind, tuple(map(int, numbers)))  # type: ignore[arg-type]
    try:
        return argument_from_text(value.upper() if value.upper() in ("SAME", "VALID", "NCL", "NLC") else value)
    except ValueError as error:
        raise UsageError(f"{name} is a whole number, a list such as [1,2] or a word such as SAME, got {value!r}") from error


def problem_of(given: dict[str, Any]) -> Problem:
    """The call, with channels that its groups divide."""
    from convt_spec.problem import OMITTED, Problem, plain

    values = {name: value for name, value in given.items() if name != "bias"}
    groups = max(plain(values.get("groups", OMITTED)), 1)
    values = {"in_channels": 2 * groups, "out_channels": 3 * groups, **values}
    if values.get("call") == "layer":
        values["bias_attr"] = OMITTED if given.get("bias", True) else False
    else:
        values["bias"] = given.get("bias", False)
    return Problem(**values)


def show(problem: Problem, source: Subject, target: Subject, found: Rule) -> None:
    """Both calls, and for which sizes they mean the same."""
    from convt_conformance.translation.calls import words

    length, kernel = min(found.holds, key=lambda size: (abs(size[1] - EXAMPLE[1]), abs(size[0] - EXAMPLE[0])))
    sized = problem.with_(length=length, kernel_size=kernel)
    other = found.calls[kernel].with_(length=length, kernel_size=kernel)
    for subject, call in ((source, sized), (target, other)):
        print(f"{subject.name} {subject.version}\n    {words(call)}")
        print("".join(f"        {line}\n" for line in subject.lines(call)), end="")
    print(f"x is (N, C_in, L), w (C_in, C_out/groups, K), b (C_out,), NumPy arrays; here L={length}, K={kernel}")
    if sized.layout != other.layout:
        print(f"x and y have the axes {sized.layout} in {source.name}, and {other.layout} in {target.name}")
    print("the same numbers, by the readings measured of both:")
    if found.alike and not found.lacks:
        lengths, kernels = (sorted({size[at] for size in found.holds}) for at in (0, 1))
        print(f"    length {ranges(lengths)} and kernel_size {ranges(kernels)}")
    else:
        show_by_kernel(found)


def show_by_kernel(found: Rule) -> None:
    """The arguments for each kernel size with the lengths for which they serve, and why there are none for the others."""
    from convt_conformance.translation.calls import words

    for kernel in sorted({size[1] for size in (*found.holds, *found.lacks)}):
        lengths: dict[str, list[int]] = {}
        for length, _ in (size for size in found.holds if size[1] == kernel):
            lengths.setdefault(words(found.calls[kernel]), []).append(length)
        for (length, size), lack in found.lacks.items():
            if size == kernel:
                lengths.setdefault(f"not expressible, {lack.reason}", []).append(length)
        for text, which in lengths.items():
            print(f"    kernel_size={kernel} length {ranges(which)}: {text}")
    for reason in dict.fromkeys(reason for lack in found.lacks.values() for reason in lack.behind):
        print(f"    not expressible, since {reason}")


def ranges(numbers: Sequence[int]) -> str:
    """`1 to 12, 16`: runs of neighbours together."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)
