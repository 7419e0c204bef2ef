"""How far a correctly computed result may lie from the exact one.

For one output of k products (and one more for a bias) let `bound_unit` be the sum of their absolute values times half the spacing of
the dtype at 1, and `e` the error in that unit. Each product and each addition rounds once, so any order of summation keeps |e| <= k
up to second order; the limit is 2k. Over many outputs the rounding errors behave like independent ones of a third of a unit squared
each, so the sum of e*e stays under 1.6 k per output, while inputs that were cut to a shorter significand overshoot it many times.
The second test is statistical: it is asked only from `ENOUGH` outputs on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from convt_spec.data import FRACTION_BITS
from convt_spec.oracle import Exact

ENOUGH = 64
GUARD_BITS = 60
BEYOND = 1 << 1000
"""An error that large is wrong by any bound; larger ones would not fit a float."""
Floats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundingErrors:
    """The errors of one result, as shares of their limits: at most 1 conforms. `worst` is the index (n, c, t) of the largest."""

    largest: float
    squares: float
    worst: tuple[int, ...]

    @property
    def within(self) -> bool:
        return self.largest <= 1 and self.squares <= 1


def rounding_errors(result: Floats, exact: Exact, dtype: str) -> RoundingErrors:
    """[V7] The errors of `result`, (N, C_out, L_out) like `exact`, as shares of what `dtype` allows. Not a number counts as infinite."""
    if not result.size:
        return RoundingErrors(largest=0.0, squares=0.0, worst=())
    error = absolute_errors(result, exact)
    unit = exact.magnitude.astype(np.float64) * 2.0 ** -(1 + FRACTION_BITS[dtype])
    with np.errstate(divide="ignore", invalid="ignore"):
        e = np.where(error == 0, 0.0, error / unit)
    terms = exact.terms.astype(np.float64)
    share = e / np.maximum(2 * terms, 1)
    worst = np.unravel_index(int(np.argmax(share)), share.shape)
    reached = int((terms > 0).sum())
    with np.errstate(over="ignore"):
        squares = float((e * e).sum() / (1.6 * terms.sum())) if reached >= ENOUGH else 0.0
    return RoundingErrors(largest=float(share.max()), squares=squares, worst=tuple(int(index) for index in worst))


def absolute_errors(result: Floats, exact: Exact) -> npt.NDArray[np.float64]:
    """|result - exact| in units of 2^-exponent, computed in whole numbers and rounded once."""
    finite = np.isfinite(result)
    significand, power = np.frexp(np.where(finite, result, 0).astype(np.float64))
    whole = (significand * 2.0**53).astype(np.int64).astype(object)
    shift = power.astype(np.int64) - 53 + exact.exponent + GUARD_BITS
    scaled = np.array([int(m) << int(s) if s >= 0 else int(m) >> -int(s) for m, s in zip(whole.flat, shift.flat, strict=True)], object)
    difference = abs(scaled.reshape(result.shape) - (exact.values.astype(object) << GUARD_BITS))
    error = np.minimum(difference, BEYOND).astype(np.float64) * 2.0**-GUARD_BITS
    return np.where(finite, error, np.inf)
