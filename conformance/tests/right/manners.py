"""Ways to hand a result over, and what a call may do beside."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable

import numpy as np
from saboteurs.right import Arguments, Array, result, scatter


def read_only(y: Array, x: Array, a: Arguments) -> Array:
    """A result that nobody may write to."""
    found = result(y, x, a)
    found.flags.writeable = False
    return found


def contiguous(y: Array, x: Array, a: Arguments) -> Array:
    """A result in C order, in either layout."""
    return np.ascontiguousarray(result(y, x, a))


def view(y: Array, x: Array, a: Arguments) -> Array:
    """Every other number of a larger buffer, which runs backwards."""
    found = result(y, x, a)
    buffer = np.full((*found.shape[:2], 2 * found.shape[2] + 1), np.nan, found.dtype)
    seen = buffer[..., ::-1][..., 1::2]
    seen[...] = found
    return seen


def noisy(x: Array, weight: Array, a: Arguments) -> Array:
    """A call that warns and prints, on both streams."""
    warnings.warn("this kernel is deprecated", FutureWarning, stacklevel=2)
    print('{"answer": "computed"} on the standard output', flush=True)
    print("and on the other one", file=sys.stderr)
    return scatter(x, weight, a)


def slow_first(seconds: float) -> Callable[[Array, Array, Arguments], Array]:
    """A first call that takes its time, as one that compiles does."""
    compiled = []

    def full(x: Array, weight: Array, a: Arguments) -> Array:
        if not compiled:
            time.sleep(seconds)
            compiled.append(True)
        return scatter(x, weight, a)

    return full
