"""Saboteurs that harm the process they run in, each in calls of one kind; loaded by name from this file into real workers."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any, NoReturn

from saboteurs.right import Array, conv1d_transpose
from saboteurs.saboteur import Saboteur, family, saboteur

Act = Callable[[], NoReturn]
LARGE = "V1_values_of_large_sizes"
SABOTEURS: list[Saboteur] = []


class GoesOff(Exception):
    """Raised in place of the harm where a call is only asked whether it would be done."""


def harmful(wrong: str, goes_off: Callable[[Array, Array, dict[str, Any]], bool], *laws: str) -> Callable[[Act], Callable[..., Array]]:
    """The right function, but for the calls in which it does what it decorates; entered in the catalogue in its harmless form."""

    def decorate(act: Act) -> Callable[..., Array]:
        def calling(act: Act) -> Callable[..., Array]:
            def call(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
                y = conv1d_transpose(x, weight, bias, **given)
                return act() if goes_off(x, weight, given) else y

            return call

        SABOTEURS.extend(family("process", saboteur(act.__name__.replace("_", "-"), wrong, calling(warn), *laws)))
        return calling(act)

    return decorate


def warn() -> NoReturn:
    raise GoesOff


def above(name: str, limit: int) -> Callable[[Array, Array, dict[str, Any]], bool]:
    """Whether an argument, where it is passed as a number, is above a limit."""
    return lambda x, weight, given: isinstance(given.get(name), int) and given[name] > limit


@harmful("reads address 0 beyond stride 8", above("stride", 8), LARGE)
def segfault() -> NoReturn:
    ctypes.string_at(0)
    raise AssertionError


@harmful("aborts beyond dilation 8", above("dilation", 8), LARGE)
def abort() -> NoReturn:
    os.abort()


@harmful("ends the process as if all were well beyond 4 groups", above("groups", 4), LARGE)
def exit_zero() -> NoReturn:
    os._exit(0)


@harmful("kills itself beyond 32 taps", lambda x, weight, given: weight.shape[2] > 32, LARGE)
def killed() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


@harmful("never ends beyond 4 items", lambda x, weight, given: x.shape[0] > 4, LARGE)
def endless() -> NoReturn:
    while True:
        time.sleep(0.01)


@harmful("never ends, whatever the signal, beyond an output_padding of 6", above("output_padding", 6), "O1_output_padding")
def deaf() -> NoReturn:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    while True:
        pass


@harmful("takes all memory beyond 32 input channels", lambda x, weight, given: weight.shape[0] > 32, LARGE)
def hungry() -> NoReturn:
    held = []
    while True:
        held.append(bytearray(1 << 24))


@harmful("closes its pipes beyond a padding of 8", above("padding", 8), "P1_padding")
def hangs_up() -> NoReturn:
    os.closerange(0, 64)
    while True:
        time.sleep(0.01)


@harmful("exhausts the stack beyond 250 samples", lambda x, weight, given: max(x.shape) > 250, "V1_values_of_long_inputs")
def bottomless() -> NoReturn:
    sys.setrecursionlimit(1 << 30)
    bottomless_step()


def bottomless_step() -> NoReturn:
    eval("bottomless_step()")
    raise AssertionError


@harmful(
    "leaves through SystemExit beyond 16 taps, but for SAME",
    lambda x, weight, given: weight.shape[2] > 16 and given.get("padding") != "SAME",
    "V1_values",
)
def leaving() -> NoReturn:
    sys.exit(0)
