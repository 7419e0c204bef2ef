"""Ctrl-C and SIGTERM as a wish that is granted at the next safe moment, so that an interrupted run still closes its record.

An exception at an arbitrary line, inside hypothesis, a pool or a write, cannot be survived; a flag can.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
PATIENCE = 5.0
"""Seconds that a run has to end by itself; a signal after them raises KeyboardInterrupt wherever the run is."""


@dataclass(slots=True)
class Wish:
    """Whether signals are deferred now, when the first one came, and whether somebody acted on it."""

    deferred: bool = False
    told: float | None = None
    heeded: bool = False


WISH = Wish()


def told() -> bool:
    """Whether the run was told to end."""
    return WISH.told is not None


def check() -> None:
    """Raise KeyboardInterrupt when the run was told to end; called wherever a run waits or goes on to the next case."""
    if WISH.told is not None:
        WISH.heeded = True
        raise KeyboardInterrupt


def note(number: int, frame: FrameType | None) -> None:
    if WISH.told is None:
        WISH.told = time.monotonic()
    elif time.monotonic() - WISH.told > PATIENCE:
        WISH.heeded = True
        raise KeyboardInterrupt


@contextmanager
def deferred() -> Iterator[None]:
    """Inside, signals to end are noted for `check`; one that nobody acted on becomes a KeyboardInterrupt at the end.

    In another thread than the main one, or inside another `deferred`, nothing changes. A signal that is ignored stays ignored.
    """
    if WISH.deferred or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: held for number in SIGNALS if (held := signal.getsignal(number)) is not signal.SIG_IGN}
    WISH.deferred, WISH.told, WISH.heeded = True, None, False
    try:
        for number in before:
            signal.signal(number, note)
        yield
    finally:
        unheeded = WISH.told is not None and not WISH.heeded
        for number, held in before.items():
            signal.signal(number, signal.SIG_DFL if held is None else held)
        WISH.deferred, WISH.told = False, None
    if unheeded:
        raise KeyboardInterrupt
