"""What happened when one case was run, as types."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """A result came back. `array` is None when the result was no array; `dtype` then names its type.

    `effects` names what else the call left changed in its process, such as its working directory. With `only_lengths` the shape of
    `array` was inferred, and its numbers stand for none.
    """

    array: npt.NDArray[Any] | None
    dtype: str
    changed_input: bool = False
    effects: tuple[str, ...] = ()
    only_lengths: bool = False

    def __str__(self) -> str:
        if self.array is None:
            return f"a result of type {self.dtype}, which is no array"
        if self.only_lengths:
            return f"shape {self.array.shape}"
        return f"{self.dtype} {self.array.shape} {numbers_text(self.array)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The call raised; `error` is the exception's class name."""

    error: str
    message: str

    def __str__(self) -> str:
        return f"{self.error}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsupported:
    """The implementation cannot express the call."""

    reason: str

    def __str__(self) -> str:
        return f"unsupported: {self.reason}"


NO_NUMBERS = Unsupported(reason="it infers lengths only")


@dataclass(frozen=True, slots=True, kw_only=True)
class Crashed:
    """The process ended during the call, by a signal or an exit; `stderr` is the end of what it wrote there."""

    how: str
    stderr: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"the process ended with {self.how}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedOut:
    """The call did not end within `seconds`."""

    seconds: float

    def __str__(self) -> str:
        return f"no result within {self.seconds:g} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfMemory:
    """The call asked for more memory than the limit."""

    message: str

    def __str__(self) -> str:
        return f"out of memory: {self.message}"


Outcome = Computed | Rejected | Unsupported | Crashed | TimedOut | OutOfMemory


class NotExpressible(Exception):
    """Raised by an adapter: the implementation has no call for this problem; the message says why."""


class CannotRun(Exception):
    """An implementation that could not be started at all. `kind` is absent, broken, usage or died."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind

    def __reduce__(self) -> tuple[type[CannotRun], tuple[str, str]]:
        return CannotRun, (self.kind, str(self))


def numbers_text(array: npt.NDArray[Any], limit: int = 24) -> str:
    """The numbers of an array in C order on one line, cut after `limit`."""
    shown = array.reshape(-1)[:limit].tolist()
    flat = [str(number) if isinstance(number, complex) or not abs(number) < 1e300 else f"{float(number):.9g}" for number in shown]
    return "[" + " ".join(flat) + (" ...]" if array.size > limit else "]")
