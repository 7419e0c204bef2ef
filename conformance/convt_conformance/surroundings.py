"""What a call may leave changed in its process: noticed, put back for the next call, and told by name.

Child processes are told only: a pool that the first call makes for the later ones is nothing odd. They end with the worker.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # the names in `signal` wrap each number into an enum, sixty times a call
import contextlib
import ctypes
import os
import random
import signal
import struct
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from convt_conformance import kin

HANDLED = sorted(signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP})
STREAMS = {"stdin": "r", "stdout": "w", "stderr": "w"}
MT19937_BYTES = 624 * 4 + 4
"""The words of the generator's state, and the position in them."""
SMALLEST = [2.0**-1022]
"""Half of it is subnormal, and 0 where a call switched those off; in a list, so that the division is made when it is asked for."""


def floating_point() -> ctypes.CDLL | None:
    """The C library, where it has the interface to the processor's floating-point modes."""
    with contextlib.suppress(OSError, AttributeError):
        found = ctypes.CDLL("libm.so.6" if sys.platform == "linux" else None)
        if found.fegetround and found.fegetenv and found.fesetenv:
            return found
    return None


LIBRARY = floating_point()


def mode() -> tuple[int, float]:
    return LIBRARY.fegetround() if LIBRARY else 0, SMALLEST[0] / 2


def handlers() -> list[Any]:
    return [_signal.getsignal(number) for number in HANDLED]


def put_handlers(wanted: list[Any]) -> None:
    for number, handler in zip(HANDLED, wanted, strict=True):
        if handler is not None and _signal.getsignal(number) != handler:
            signal.signal(number, handler)


def put_environment(wanted: dict[bytes, bytes]) -> None:
    for name in set(os.environb) - set(wanted):
        del os.environb[name]
    os.environb.update(wanted)


def put_filters(wanted: list[Any]) -> None:
    warnings.filters[:] = wanted  # type: ignore[index]
    warnings._filters_mutated()  # type: ignore[attr-defined]


class PythonGenerator:
    """Python's global generator: read from its memory where that lies as CPython has it, since its state as a tuple takes half a call."""

    def __init__(self) -> None:
        self.generator = getattr(random, "_inst", None)
        self.state = random.getstate()
        address = id(self.generator) + object.__basicsize__
        self.address = address if type(self.generator) is random.Random and self.lies_at(address) else None

    def lies_at(self, address: int) -> bool:
        """Whether the place in the words and the words themselves are there."""
        *words, place = self.state[1]
        roomy = random.Random.__basicsize__ >= object.__basicsize__ + MT19937_BYTES
        return roomy and ctypes.string_at(address, MT19937_BYTES) == struct.pack("=625I", place, *words)

    def read(self) -> Any:
        if self.address is None:
            return random.getstate()
        return ctypes.string_at(self.address, MT19937_BYTES), getattr(self.generator, "gauss_next", None)

    def put(self, _: object) -> None:
        random.setstate(self.state)


class NumpyGenerator:
    """NumPy's global generator: its state is read from its memory, where that is known, since to ask for it takes longer than a call."""

    def __init__(self) -> None:
        self.random: Any = np.random
        self.state = self.random.get_state()
        self.generator = self.random.get_bit_generator() if hasattr(np.random, "get_bit_generator") else None
        self.address = self.generator.ctypes.state_address if isinstance(self.generator, np.random.MT19937) else None

    def read(self) -> Any:
        if self.address is not None and self.random.get_bit_generator() is self.generator:
            return ctypes.string_at(self.address, MT19937_BYTES)
        kind, keys, *rest = self.random.get_state()
        return kind, keys.tobytes(), *rest

    def put(self, _: object) -> None:
        if self.generator is not None:
            self.random.set_bit_generator(self.generator)
        self.random.set_state(self.state)


PARTS: dict[str, tuple[Callable[[], Any], Callable[[Any], object]]] = {
    "working directory": (os.getcwd, os.chdir),
    "environment": (lambda: dict(vars(os.environ)["_data"]), put_environment),
    "signal handlers": (handlers, put_handlers),
    "signal mask": (lambda: _signal.pthread_sigmask(_signal.SIG_BLOCK, ()), lambda mask: signal.pthread_sigmask(signal.SIG_SETMASK, mask)),
    "alarm": (lambda: _signal.getitimer(_signal.ITIMER_REAL)[0] > 0, lambda _: signal.setitimer(signal.ITIMER_REAL, 0)),
    "NumPy error handling": (np.geterr, lambda wanted: np.seterr(**wanted)),
    "warning filters": (lambda: list(warnings.filters), put_filters),
    "recursion limit": (sys.getrecursionlimit, sys.setrecursionlimit),
}
"""Each part's name, how it is read, and how a value read earlier is put back."""


def value(read: Callable[[], Any]) -> Any:
    """What is read, None where it cannot be, such as the name of a folder that is gone."""
    try:
        return read()
    except OSError:
        return None


def identity(descriptor: int) -> tuple[int, int] | None:
    """What a descriptor leads to, None for a closed one."""
    try:
        status = os.fstat(descriptor)
    except OSError:
        return None
    return status.st_dev, status.st_ino


class Surroundings:
    """The state in which every call begins, as it is when this is made; `copies` are private descriptors of the three streams."""

    def __init__(self, copies: tuple[int, int, int] | None = None) -> None:
        python, numpy = PythonGenerator(), NumpyGenerator()
        self.ways = {**PARTS, "random state": (python.read, python.put), "NumPy's random state": (numpy.read, numpy.put)}
        self.parts = {name: value(read) for name, (read, _) in self.ways.items()}
        self.mode, self.modes = mode(), ctypes.create_string_buffer(256)
        if LIBRARY:
            LIBRARY.fegetenv(self.modes)
        self.streams = {name: getattr(sys, name) for name in STREAMS}
        self.copies = [(copy, identity(copy)) for copy in copies or ()]
        self.family = set(kin.descendants(os.getpid()))

    def restored(self) -> tuple[str, ...]:
        """Put back whatever differs, and name it; call it in the main thread."""
        found = []
        for name, (read, put) in self.ways.items():
            if value(read) != self.parts[name]:
                found.append(name)
                with contextlib.suppress(OSError):
                    put(self.parts[name])
        if mode() != self.mode:
            found.append("floating-point mode")
            if LIBRARY:
                LIBRARY.fesetenv(self.modes)
        return *found, *self.streams_restored(), *self.newly_started()

    def streams_restored(self) -> tuple[str, ...]:
        """Standard streams that were closed or led elsewhere lead where they did."""
        changed = False
        for descriptor, (copy, wanted) in enumerate(self.copies):
            if identity(descriptor) != wanted:
                os.dup2(copy, descriptor)
                changed = True
        for descriptor, name in enumerate(STREAMS):
            if getattr(sys, name) is not self.streams[name] or self.streams[name].closed:
                changed = True
                if self.streams[name].closed:
                    self.streams[name] = open(descriptor, STREAMS[name], closefd=False)  # noqa: SIM115
                setattr(sys, name, self.streams[name])
        return ("standard streams",) if changed else ()

    def newly_started(self) -> tuple[str, ...]:
        """Whether processes were started that still run."""
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return ()
        family = {each for each in kin.descendants(os.getpid()) if kin.alive(each)}
        fresh, self.family = family - self.family, self.family | family
        return ("child processes",) if fresh else ()
