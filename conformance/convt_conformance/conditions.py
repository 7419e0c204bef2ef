"""Conditions over a case, such as `groups > 1 and bias`: written in files of known deviations, and found by search over a run's cases."""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass, field
from functools import lru_cache
from types import CodeType
from typing import Any

from convt_spec.case import Case, Integers, Literal, Reals, Special
from convt_spec.problem import CALL_ARGUMENTS, OMITTED, Argument, Items, Problem

DEFAULTS: dict[str, Argument] = {"stride": 1, "padding": 0, "output_padding": 0, "groups": 1, "dilation": 1, "data_format": "NCL"}
SIZES = ("batch", "in_channels", "out_channels", "length", "kernel_size")
FORMS = (*CALL_ARGUMENTS, "kernel_form", "bias_attr")
RECIPES = {Integers: "int", Reals: "real", Literal: "lit"}
FUNCTIONS = {"gcd": math.gcd, "min": min, "max": max}
ALLOWED = (
    *(ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.Compare, ast.Name, ast.Load, ast.Constant),
    *(ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Mod, ast.FloorDiv, ast.Call, ast.Tuple),
    *(ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn, ast.Is, ast.IsNot),
)


class ConditionError(ValueError):
    """A text that is no condition; the message names the part that is wrong."""


def plain(value: Argument) -> Any:
    """What an argument says: a list or tuple of one number as that number, one of several as its text."""
    if not isinstance(value, Items):
        return value
    return value.values[0] if len(value.values) == 1 else ":".join([value.kind, *map(str, value.values)])


def form(value: Argument) -> str:
    """How an argument is written: omitted, number, fraction, text, none, flag, list or tuple."""
    if value is OMITTED or isinstance(value, Items):
        return value.kind if isinstance(value, Items) else "omitted"
    names = {bool: "flag", int: "number", float: "fraction", str: "text", type(None): "none"}
    return names[type(value)]


@lru_cache(maxsize=1 << 14)
def quantities_of(problem: Problem) -> dict[str, Any]:
    """The names that a condition may use and their values for a problem; arguments that are left out stand at their defaults.

    `extent` is the length of the dilated kernel, `full_length` that of the result before any crop.
    """
    found: dict[str, Any] = {name: getattr(problem, name) for name in SIZES}
    for name in CALL_ARGUMENTS:
        given = getattr(problem, name)
        found[name] = DEFAULTS.get(name) if given is OMITTED else plain(given)
    groups, dilation = problem.group_count, found["dilation"]
    found |= {f"{name}_form": form(getattr(problem, name)) for name in FORMS}
    found |= {"in_per_group": problem.in_channels // groups, "out_per_group": problem.out_channels // groups}
    found["extent"] = dilation * (problem.kernel_size - 1) + 1 if isinstance(dilation, int) else None
    whole = isinstance(found["stride"], int) and found["extent"] is not None
    found["full_length"] = (problem.length - 1) * found["stride"] + found["extent"] if whole else None
    found |= {name: getattr(problem, name) for name in ("call", "layout", "weight", "flaw", "memory", "state", "parameters")}
    return {**found, "bias": problem.has_bias}


def quantities(case: Case) -> dict[str, Any]:
    """The names that a condition may use, with their values for a case."""
    return {**quantities_of(case.problem), "dtype": case.dtype, "data": data_of(case)}


def data_of(case: Case) -> str:
    """The kind of a case's numbers, as its text names it."""
    return case.data.kind if isinstance(case.data, Special) else RECIPES[type(case.data)]


NAMES = tuple(quantities(Case(problem=Problem())))


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition; two with the same text are equal. The empty text holds for every case."""

    text: str
    code: CodeType | None = field(compare=False, repr=False)

    def __str__(self) -> str:
        return self.text

    @property
    def names(self) -> tuple[str, ...]:
        """The names of quantities that it uses."""
        return tuple(name for name in self.code.co_names if name not in FUNCTIONS) if self.code else ()

    def holds(self, case: Case) -> bool:
        """Whether it is true of a case; a comparison of a number with a word is false."""
        return self.holds_for(quantities(case))

    def holds_for(self, values: dict[str, Any]) -> bool:
        if self.code is None:
            return True
        try:
            return bool(eval(self.code, {"__builtins__": {}, **FUNCTIONS}, values))
        except (TypeError, ValueError, ZeroDivisionError, OverflowError, MemoryError):
            return False


@lru_cache(maxsize=1 << 12)
def condition(text: str) -> Condition:
    """The condition that a text states: a Python expression over `NAMES`, `gcd`, `min` and `max`; raises ConditionError."""
    if not text.strip():
        return Condition("", None)
    try:
        tree = ast.parse(text.strip(), mode="eval")
        code = compile(tree, "<condition>", "eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConditionError(f"not a condition: {text!r}; write one such as `groups > 1 and bias`") from error
    for node in ast.walk(tree):
        if not isinstance(node, ALLOWED) or not isinstance(getattr(node, "op", ast.Add()), ALLOWED):
            raise ConditionError(f"a condition cannot hold {ast.unparse(node)!r}, got {text!r}; write one such as `groups > 1 and bias`")
        if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS and not node.keywords):
            raise ConditionError(f"a condition may call {', '.join(FUNCTIONS)} only, got {text!r}")
        if isinstance(node, ast.Name) and node.id not in (*NAMES, *FUNCTIONS):
            raise ConditionError(f"unknown name {node.id!r} in the condition {text!r}, one of {', '.join(NAMES)}")
        if isinstance(node, ast.Constant) and not isinstance(node.value, int | float | str | None):
            raise ConditionError(f"a condition cannot hold {node.value!r}, got {text!r}")
    return Condition(text.strip(), code)
