"""What a saboteur is, and the short ways to make one out of the right implementation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from in_process import InProcess, in_process

from saboteurs.layer import LayerParts, layer
from saboteurs.right import DEFAULTS, READERS, RIGHT, Arguments, Array, Parts, Reader, Window, function, result, scatter

Made = Parts | LayerParts | Callable[..., Array]
"""What an implementation is made of; a callable is the implementation itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saboteur:
    """An implementation that is `wrong` in one way, a layer where its parts are a layer's; each of `laws` must find it."""

    name: str
    wrong: str
    parts: Made
    laws: tuple[str, ...]
    family: str = ""

    @property
    def form(self) -> str:
        return "layer" if isinstance(self.parts, LayerParts) else "function"


def family(name: str, *saboteurs: Saboteur) -> tuple[Saboteur, ...]:
    """The saboteurs as members of a family."""
    return tuple(replace(each, family=name) for each in saboteurs)


def saboteur(name: str, wrong: str, parts: Made, *laws: str) -> Saboteur:
    """A line of the catalogue; `laws` go by their tests' names without `test_`."""
    return Saboteur(name=name, wrong=wrong, parts=parts, laws=tuple(f"test_{each}" for each in laws))


def implementation(parts: Made) -> InProcess:
    """The function or layer that the parts make."""
    if not isinstance(parts, Parts | LayerParts):
        return in_process(parts, "conv1d_transpose")
    if isinstance(parts, LayerParts):
        return in_process(layer(parts), "Conv1DTranspose")
    return in_process(function(parts), "conv1d_transpose")


def defaulting(**defaults: Any) -> Parts:
    """The right function with other defaults."""
    return replace(RIGHT, defaults={**DEFAULTS, **defaults})


def reading(**readers: Reader) -> Parts:
    """The right function that reads some arguments otherwise."""
    return replace(RIGHT, readers={**READERS, **readers})


def windowed(window: Callable[[Arguments, int, int], Window]) -> Parts:
    """The right function that keeps another stretch of the scatter."""
    return replace(RIGHT, window=window)


def scattering(operands: Callable[[Array, Array, Arguments], tuple[Array, Array]]) -> Parts:
    """The right function over other operands."""
    return replace(RIGHT, scatter=lambda x, weight, arguments: scatter(*operands(x, weight, arguments), arguments))


def scattered(scatter: Callable[[Array, Array, Arguments], Array]) -> Parts:
    """The right function with another scatter."""
    return replace(RIGHT, scatter=scatter)


def finishing(finished: Callable[[Array, Array, Arguments], Array]) -> Parts:
    """The right function with a last step on its result, in NCL; the step also sees the caller's input."""
    return replace(RIGHT, result=lambda y, x, arguments: result(finished(y, x, arguments), x, arguments))


def biasing(biased: Callable[[Array, Array, int], Array]) -> Parts:
    """The right function that adds its bias otherwise."""
    return replace(RIGHT, biased=biased)


def layered(parts: Parts) -> LayerParts:
    """The right layer around a function."""
    return LayerParts(parts=parts)
