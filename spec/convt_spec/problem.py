"""The attributes of one call, without arrays."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, fields, replace
from typing import Literal, get_args

Call = Literal["function", "layer", "positional"]
WeightAxes = Literal["mapped", "in-out", "out-in", "undivided"]
Flaw = Literal[
    "none",
    "input-rank-2", "input-rank-4", "input-rank-4-at-1", "input-rank-4-at-2", "input-rank-4-at-3",
    "kernel-rank-2", "kernel-rank-4", "kernel-rank-4-at-1", "kernel-rank-4-at-2", "kernel-rank-4-at-3",
    "kernel-channels", "fewer-kernel-channels", "kernel-per-group", "kernel-times-groups",
    "bias-rank-0", "bias-rank-2", "bias-rank-2-at-1", "bias-length", "bias-shorter", "bias-of-one", "bias-per-group",
]  # fmt: skip
Memory = Literal[
    "plain", "strided", "reversed", "transposed", "readonly", "unaligned", "swapped", "offset", "broadcast", "cropped", "crossed"
]
State = Literal["once", "kept", "rewritten", "freed", "threads", "watched"]
Parameters = Literal["set", "fresh-bias", "fresh"]
NAMES = {"call": Call, "weight": WeightAxes, "flaw": Flaw, "memory": Memory, "state": State, "parameters": Parameters}
NAMED: dict[str, tuple[str, ...]] = {name: get_args(names) for name, names in NAMES.items()}
"""Attributes whose value is one of a few names, with these names."""


class Omitted(enum.Enum):
    """The state of an argument that the call leaves out."""

    OMITTED = "omitted"

    def __repr__(self) -> str:
        return "OMITTED"

    __hash__ = object.__hash__
    """An enum's own hash is a call into Python, and each hash of a problem takes ten of them."""


OMITTED = Omitted.OMITTED


@dataclass(frozen=True, slots=True)
class Items:
    """A list or tuple given as an argument, kept apart because the document treats the two forms apart."""

    kind: Literal["list", "tuple"]
    values: tuple[int | float, ...]

    def python(self) -> list[int | float] | tuple[int | float, ...]:
        return list(self.values) if self.kind == "list" else self.values


Argument = int | float | str | None | Items | Omitted
"""What a call may pass: meaningful or not. Booleans count as ints, as in Python."""

SIZES = {"N": "batch", "C": "in_channels", "M": "out_channels", "L": "length", "K": "kernel_size"}
CALLS = get_args(Call)
CALL_ARGUMENTS = ("stride", "padding", "output_padding", "output_size", "groups", "dilation", "data_format")
LAYER_ARGUMENTS = ("kernel_form", "bias_attr")
WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
FRACTION = re.compile(r"-?[0-9]+\.[0-9]+")
RESERVED = {"none", "true", "false", "list", "tuple"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One call: sizes (counts of samples and channels) and arguments as the caller writes them.

    `batch`, `in_channels`, `out_channels`, `length` and `kernel_size` fix the arrays; an argument that is `OMITTED` is left to the
    implementation's default. `call` says whether the functional form, the layer, or the layer with positional arguments is called.
    `bias` belongs to the functional form, `bias_attr` and `kernel_form` (kernel_size as the constructor gets it) to the layer.
    `weight` other than `mapped` hands the kernel over with these axes, whatever the implementation's own convention.
    `flaw` spoils the shape of one array, for clauses that ask for a refusal: an axis of 1 stands first or `at` a place, an axis is
    missing, or there are more or fewer channels or numbers, or as many as one group has, or `times` the groups. `memory` is how the arrays
    lie in memory (see `convt_spec.memory`), `state` what other calls come before or beside this one: `kept` has some between the result
    and its reading, `rewritten` one before whose arrays were the same with other numbers (and, of a layer, one that asks for another
    length), `freed` one whose arrays are gone, `threads` some at the same time; `watched` looks at the call's lists after it. `parameters`
    are those of the layer that are not set before the call.
    """

    call: Call = "function"
    batch: int = 1
    in_channels: int = 1
    out_channels: int = 1
    length: int = 1
    kernel_size: int = 1
    stride: Argument = OMITTED
    padding: Argument = OMITTED
    output_padding: Argument = OMITTED
    output_size: Argument = OMITTED
    groups: Argument = OMITTED
    dilation: Argument = OMITTED
    data_format: Argument = OMITTED
    bias: bool = False
    bias_attr: Argument = OMITTED
    kernel_form: Argument = OMITTED
    weight: WeightAxes = "mapped"
    flaw: Flaw = "none"
    memory: Memory = "plain"
    state: State = "once"
    parameters: Parameters = "set"

    def __post_init__(self) -> None:
        for name in SIZES.values():
            size = getattr(self, name)
            if not isinstance(size, int) or size < 0:
                raise ValueError(f"sizes must be whole numbers from 0, got {name}={size!r}")
        for name, allowed in NAMED.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {name}={getattr(self, name)!r}")
        if not isinstance(self.bias, bool):
            raise ValueError(f"bias is True or False, got bias={self.bias!r}")
        if self.call == "function" and any(getattr(self, name) is not OMITTED for name in LAYER_ARGUMENTS):
            raise ValueError("bias_attr and kernel_form belong to the layer, got call='function'")
        if self.call == "function" and self.parameters != "set":
            raise ValueError(f"parameters belong to the layer, got parameters={self.parameters!r} and call='function'")
        if self.call != "function" and self.bias:
            raise ValueError("bias belongs to the functional form, the layer takes bias_attr, got bias=True")

    @property
    def layout(self) -> str:
        """`NLC` when the call asks for it, else `NCL`."""
        return "NLC" if self.data_format == "NLC" else "NCL"

    @property
    def has_bias(self) -> bool:
        return self.bias if self.call == "function" else self.bias_attr is not False

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(N, C_in, L), before the layout moves the axes."""
        return self.batch, self.in_channels, self.length

    @property
    def weight_shape(self) -> tuple[int, int, int]:
        """The kernel's shape as handed over, (C_in, C_out/groups, K) unless `weight` asks for other axes."""
        groups = self.group_count
        if self.weight == "out-in":
            return self.out_channels, self.in_channels // groups, self.kernel_size
        columns = self.out_channels if self.weight == "undivided" else self.out_channels // groups
        channels = self.in_channels
        rows = {
            "kernel-channels": channels + 1,
            "fewer-kernel-channels": channels - 1,
            "kernel-per-group": channels // groups,
            "kernel-times-groups": channels * groups,
        }.get(self.flaw, channels)
        return max(rows, 0), columns, self.kernel_size

    @property
    def bias_shape(self) -> tuple[int]:
        channels = self.out_channels
        numbers = {
            "bias-length": channels + 1,
            "bias-shorter": channels - 1,
            "bias-of-one": 1,
            "bias-per-group": channels // self.group_count,
        }.get(self.flaw, channels)
        return (max(numbers, 0),)

    @property
    def group_count(self) -> int:
        """The groups that shape the kernel: 1 where `groups` is left out or cannot divide the output channels."""
        groups = self.groups
        return groups if isinstance(groups, int) and groups >= 1 and self.out_channels % groups == 0 else 1

    def given(self) -> dict[str, Argument]:
        """The call's arguments that are passed, in the document's order."""
        return {name: value for name in CALL_ARGUMENTS if (value := getattr(self, name)) is not OMITTED}

    def with_(self, **changes: object) -> Problem:
        """The same problem with some attributes changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


def plain(argument: Argument, default: int = 1) -> int:
    """The number behind an argument that may be left out, meaningless or held in a list."""
    found = next(iter(argument.values), None) if isinstance(argument, Items) else argument
    return found if isinstance(found, int) else default


def argument_text(value: Argument) -> str:
    """The shell-safe text of an argument: `2`, `1.5`, `SAME`, `none`, `false`, `list:2`, `tuple:1:2`, `list:1.5`."""
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Items):
        return ":".join([value.kind, *map(argument_text, value.values)])
    if isinstance(value, str) and (not WORD.fullmatch(value) or value in RESERVED):
        raise ValueError(f"a string argument must be one plain word, got {value!r}")
    if isinstance(value, float) and not FRACTION.fullmatch(str(value)):
        raise ValueError(f"a float argument must be a plain decimal fraction, got {value!r}")
    return str(value)


def argument_from_text(text: str) -> Argument:
    """The argument that `argument_text` wrote as `text`."""
    kind, *values = text.split(":")
    if kind in ("list", "tuple"):
        return Items("list" if kind == "list" else "tuple", tuple(number_from_text(value) for value in values))
    if text in ("none", "true", "false"):
        return {"none": None, "true": True, "false": False}[text]
    if WORD.fullmatch(text):
        return text
    return number_from_text(text)


def number_from_text(text: str) -> int | float:
    """A whole number, or a fraction with its point."""
    if re.fullmatch(r"-?[0-9]+", text):
        return int(text)
    if FRACTION.fullmatch(text):
        return float(text)
    raise ValueError(f"not an argument: {text!r}")


def problem_tokens(problem: Problem) -> list[str]:
    """The problem's part of a case's text: sizes first, then whatever differs from a plain functional call."""
    tokens: list[str] = [] if problem.call == "function" else [problem.call]
    tokens += [f"{letter}{getattr(problem, name)}" for letter, name in SIZES.items()]
    for field in fields(problem):
        value = getattr(problem, field.name)
        if field.name in SIZES.values() or field.name == "call" or value == field.default:
            continue
        tokens.append("bias" if field.name == "bias" else f"{field.name}={attribute_text(problem, field.name)}")
    return tokens


def attribute_text(problem: Problem, name: str) -> str:
    """The text of one attribute: its name where it has one of a few, `omitted` for what is left out, else the argument's text."""
    value = getattr(problem, name)
    if name in NAMED:
        return str(value)
    return "omitted" if value is OMITTED else argument_text(value)


def problem_from_tokens(tokens: list[str]) -> Problem:
    """The problem that `problem_tokens` wrote; raises ValueError with the token that is wrong."""
    known = {field.name for field in fields(Problem)}
    values: dict[str, object] = {}
    for token in tokens:
        value: object
        name, equals, text = token.partition("=")
        if token in CALLS:
            name, value = "call", token
        elif token == "bias":
            name, value = "bias", True
        elif re.fullmatch(r"[NCMLK][0-9]+", token):
            name, value = SIZES[token[0]], int(token[1:])
        elif not equals or name not in known or name in (*SIZES.values(), "call", "bias"):
            raise ValueError(f"unknown part {token!r}; a part is a size such as L5, an argument such as stride=2, a dtype or a data recipe")
        else:
            value = text if name in NAMED else argument_from_text(text)
        if name in values:
            raise ValueError(f"{name} is given twice")
        values[name] = value
    return Problem(**values)  # type: ignore[arg-type]
