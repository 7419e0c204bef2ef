"""What a saboteur is, and the short ways to make one out of the right implementation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from in_process import InProcess, in_process
from saboteurs.layer import LayerParts, layer
from saboteurs.right import DEFAULTS, READERS, RIGHT, Parts, Reader, function


@dataclass(frozen=True, slots=True, kw_only=True)
class Saboteur:
    """An implementation that is wrong in one way; each of `laws` must find it. `parts` of a layer make it a layer."""

    name: str
    wrong: str
    parts: Parts | LayerParts
    laws: tuple[str, ...]

    @property
    def is_layer(self) -> bool:
        return isinstance(self.parts, LayerParts)

    def implementation(self) -> InProcess:
        if isinstance(self.parts, LayerParts):
            return in_process(layer(self.parts), "Conv1DTranspose")
        return in_process(function(self.parts), "conv1d_transpose")


def defaulting(**defaults: Any) -> Parts:
    """The right function with other defaults."""
    return replace(RIGHT, defaults={**DEFAULTS, **defaults})


def reading(**readers: Reader) -> Parts:
    """The right function that reads some arguments otherwise."""
    return replace(RIGHT, readers={**READERS, **readers})


def first_of(value: Any) -> Any:
    """The first of several values, or the only one."""
    return value[0] if isinstance(value, list | tuple) else value
