"""What the clauses ask for a problem, under a choice of readings: an exact answer or a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from convt_spec import lengths
from convt_spec.problem import OMITTED, Argument, Items, Problem

Choices = Mapping[str, str]
Tail = Literal["uncovered", "bias-only", "zero"]


@dataclass(frozen=True)
class Refusal(Exception):
    """The clause that asks the implementation to refuse the call, and why."""

    clause: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The window of the scattered sum that the readings in force ask for.

    `left` samples are cropped from the start (None: the reading does not say), `length` samples are kept; `added` of them lie beyond
    the length without output_padding or output_size, and hold what `tail` says. `zeros` are the samples of 0 that extend the input, left
    and right.
    `weight` names the kernel's axes, `rounding` the bound of the errors. `beside` says what may stand in samples beside those that a
    number that is not finite reaches, and `subnormals` whether subnormal results may be 0; both matter for special data only.
    """

    left: int | None
    length: int
    stride: int
    dilation: int
    groups: int
    added: int = 0
    tail: Tail = "uncovered"
    zeros: tuple[int, int] = (0, 0)
    activation: Literal["identity", "relu"] = "identity"
    weight: str = "in-out"
    rounding: Literal["sums", "transform"] = "sums"
    beside: Literal["local", "spread"] = "local"
    subnormals: Literal["kept", "flushed"] = "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The arguments as plain numbers: samples, or a padding string."""

    stride: int
    dilation: int
    groups: int
    padding: tuple[int, int] | str
    output_padding: int
    output_size: int | None


def interpret(problem: Problem, choices: Choices) -> Answer | Refusal:
    """The answer or refusal that a problem gets when each clause is read as `choices` says (clause id to reading)."""
    try:
        refuse_flaws(problem)
        numbers = plain_numbers(problem, choices)
        refuse_meaningless(problem, numbers, choices)
        answer = windowed(problem, numbers, choices)
        numeric = {"activation": choices["V3"], "rounding": choices["V7"], "beside": choices["V8"], "subnormals": choices["V9"]}
        return replace(answer, weight=kernel_axes(problem, choices), **numeric)  # type: ignore[arg-type]
    except Refusal as refusal:
        return refusal


FLAWED = {"input": "I7", "kernel-rank": "I8", "kernel": "I6", "fewer-kernel": "I6", "bias": "I9"}
"""The clause that flaws break, by how their names begin; the first that fits counts."""


def refuse_flaws(problem: Problem) -> None:
    """[I6 I7 I8 I9] Arrays that do not fit the call, or each other."""
    flaw, sound = problem.flaw, problem.with_(flaw="none") if problem.flaw != "none" else problem
    absent = flaw.startswith("bias") and not problem.has_bias
    fitting = "-rank-" not in flaw and (problem.weight_shape, problem.bias_shape) == (sound.weight_shape, sound.bias_shape)
    if not absent and not fitting:
        raise Refusal(FLAWED[next(each for each in FLAWED if flaw.startswith(each))], f"an array does not fit: {flaw}")


def plain_numbers(problem: Problem, choices: Choices) -> Numbers:
    """The arguments as numbers; refuses the forms that the readings in force do not allow."""
    output_size = problem.output_size
    if one(problem.kernel_form, problem.kernel_size) != problem.kernel_size:
        raise Refusal("A10", "kernel_size is not the length of the kernel that is set")
    return Numbers(
        stride=one(problem.stride, 1, refuses_list="A12" if choices["A12"] == "refused" else None),
        dilation=one(problem.dilation, 1, refuses_list="A16" if choices["A16"] == "refused" else None),
        groups=whole(problem.groups),
        padding=padding_form(problem.padding, choices),
        output_padding=one(problem.output_padding, 0),
        output_size=None if output_size is OMITTED or output_size is None else one(output_size, 0, several="O4"),
    )


def one(argument: Argument, default: int, *, refuses_list: str | None = None, several: str = "A17") -> int:
    """The single int of an argument's form; `several` is the clause that refuses any other number of them."""
    if argument is OMITTED:
        return default
    if isinstance(argument, Items):
        if argument.kind == "list" and refuses_list:
            raise Refusal(refuses_list, "a list is not accepted under this reading")
        if len(argument.values) != 1:
            raise Refusal(several, f"one int is asked for, got {len(argument.values)}")
        argument = argument.values[0]
    if not isinstance(argument, int):
        raise Refusal("I12", f"a whole number is asked for, got {argument!r}")
    return argument


def whole(groups: Argument) -> int:
    """[I12] groups is an int only, in no list."""
    if isinstance(groups, Items):
        raise Refusal("I12", "groups is a whole number, in no list")
    return one(groups, 1)


def padding_form(padding: Argument, choices: Choices) -> tuple[int, int] | str:
    """[A13 A18 A19 A20] Zeros or crop on the left and right, or one of the two strings."""
    if isinstance(padding, str):
        known = padding.upper() if choices["A19"] == "any-case" else padding
        if known not in ("SAME", "VALID"):
            raise Refusal("A19" if padding.upper() in ("SAME", "VALID") else "A20", f"unknown padding {padding!r}")
        return known
    if isinstance(padding, Items) and len(padding.values) == 2 and choices["A18"] == "left-right":
        return one(padding.values[0], 0), one(padding.values[1], 0)
    if isinstance(padding, Items) and len(padding.values) != 1:
        raise Refusal("A18", "padding has three forms, several ints or none are none of them")
    amount = one(padding, 0)
    return amount, amount


def refuse_meaningless(problem: Problem, numbers: Numbers, choices: Choices) -> None:
    """The requirements that the document only implies."""
    negative = isinstance(numbers.padding, tuple) and min(numbers.padding) < 0
    groups = numbers.groups
    required = [
        ("R1", problem.length >= 1, "an input of at least one sample"),
        ("I1", numbers.stride >= 1, "stride >= 1"),
        ("I2", numbers.dilation >= 1, "dilation >= 1"),
        ("I3", problem.kernel_size >= 1, "kernel_size >= 1"),
        ("I4", groups >= 1, "groups >= 1"),
        ("I5", groups < 1 or (problem.in_channels % groups == 0 and problem.out_channels % groups == 0), "groups divides the channels"),
        ("I10", not negative, "padding >= 0"),
        ("I11", numbers.output_padding >= 0, "output_padding >= 0"),
        ("L4", problem.data_format in (OMITTED, "NCL", "NLC"), "data_format is NCL or NLC"),
        ("I15", problem.batch >= 1 or choices["I15"] == "empty", "a batch of at least 1"),
    ]
    for clause, holds, rule in required:
        if not holds:
            raise Refusal(clause, f"{rule} is required")


def windowed(problem: Problem, numbers: Numbers, choices: Choices) -> Answer:
    """The window, from the padding's reading and the two arguments that move the right end."""
    kernel, stride, dilation = problem.kernel_size, numbers.stride, numbers.dilation
    zeros = (0, 0)
    if isinstance(numbers.padding, tuple):
        left, right = numbers.padding
        plain = lengths.full_length(problem.length, kernel, stride, dilation) - left - right
        if choices["P1"] == "zeros-on-input":
            zeros, left, plain = (left, right), 0, lengths.full_length(problem.length + left + right, kernel, stride, dilation)
        window = lengths.Window(left, plain)
    elif numbers.padding == "VALID":
        window = lengths.Window(0, lengths.full_length(problem.length, kernel, stride, dilation))
    else:
        if dilation > 1 and choices["S4"] != "dilation-used":
            if choices["S4"] == "refused":
                raise Refusal("S4", "SAME says nothing about dilation")
            dilation = 1
        asked = numbers.output_size
        if asked is not None and choices["S3"] == "inverse-any-length" and choices["O7"] == "call":
            found = lengths.same_for_asked_length(problem.length, kernel, stride, dilation, asked)
            if found is None:
                raise Refusal("S3", f"the forward rule does not map {asked} back to {problem.length}")
            return Answer(left=found.left, length=asked, stride=stride, dilation=dilation, groups=numbers.groups)
        window = lengths.SAME_READINGS[choices["S3"]](problem.length, kernel, stride, dilation)
    answer = Answer(left=window.left, length=window.length, stride=stride, dilation=dilation, groups=numbers.groups, zeros=zeros)
    return refuse_empty(lengthened(answer, numbers, choices), choices)


def lengthened(answer: Answer, numbers: Numbers, choices: Choices) -> Answer:
    """[O1 to O6] The right end moved by output_padding or output_size, inside the range in force."""
    plain, asked = answer.length, numbers.output_size
    if asked is not None and choices["O7"] == "absent":
        raise Refusal("O7", "there is no output_size under this reading")
    added = numbers.output_padding if asked is None else asked - plain
    if added < 0:
        raise Refusal("O6", f"output_size >= L' is required, got {asked} and L'={plain}")
    span = choices["O3" if asked is None else "O5"]
    limit = {"closed": answer.stride, "half-open": answer.stride - 1, "unbounded": added}[span]
    if added > limit:
        raise Refusal("O3" if asked is None else "O5", f"at most {limit} added samples are allowed, got {added}")
    return replace(answer, length=plain + added, added=added, tail=choices["O2"])  # type: ignore[arg-type]


def refuse_empty(answer: Answer, choices: Choices) -> Answer:
    """[R2 R3] No result is shorter than nothing; a result of nothing is a matter of reading."""
    if answer.length < 0 or (answer.length == 0 and answer.added):
        raise Refusal("R3", f"a length of at least 0 is required, got {answer.length}")
    if answer.length == 0 and choices["R2"] == "refused":
        raise Refusal("R2", "a length of at least 1 is required under this reading")
    return answer


def kernel_axes(problem: Problem, choices: Choices) -> str:
    """[W1 W2] The axes under which the kernel as handed over is taken; refuses axes of another reading."""
    if problem.weight == "mapped":
        return "in-out"
    clause = "W1" if problem.group_count == 1 else "W2"
    if problem.weight != choices[clause]:
        raise Refusal(clause, f"the kernel's axes are {choices[clause]} under this reading, got {problem.weight}")
    return problem.weight
