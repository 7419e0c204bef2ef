"""The few lines of an implementation's own code that one problem becomes.

The same text is executed by the worker, printed in a stand-alone script, and shown to people: there is no second version of a call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import Any

from convt_spec.problem import Argument, Items


@dataclass(frozen=True, slots=True)
class Program:
    """Python lines over NumPy arrays `x`, `w` and `b` in the document's axes; they leave the result in `y` as a NumPy array.

    The first `construct` lines make a layer; the others set its parameters and call it, and can be repeated.
    """

    lines: tuple[str, ...]
    construct: int = 0


@lru_cache(maxsize=4096)
def compiled(lines: tuple[str, ...]) -> CodeType:
    return compile("\n".join(lines), "<call>", "exec")


def run(program: Program, namespace: Mapping[str, Any], x: Any, w: Any, b: Any) -> Any:
    """Execute the lines with the implementation's modules in `namespace`; returns `y`."""
    names = {**namespace, "x": x, "w": w, "b": b}
    exec(compiled(program.lines), names)
    return names["y"]


@dataclass(frozen=True, slots=True)
class Held(Items):
    """A list that the program has under a name."""

    name: str = ""


def source(value: Argument) -> str:
    """An argument as Python source."""
    if isinstance(value, Held):
        return value.name
    return repr(value.python() if isinstance(value, Items) else value)


def keywords(arguments: Mapping[str, Argument], names: Mapping[str, str] | None = None) -> str:
    """`, stride=2, padding=1`: the arguments as keyword source, renamed by `names`."""
    return "".join(f", {(names or {}).get(name, name)}={source(value)}" for name, value in arguments.items())
