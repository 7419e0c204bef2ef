"""[V7 to V10] Results of special data: numbers that are not finite are judged here, the rest becomes whole numbers again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from convt_spec.case import Case
from convt_spec.data import numbers
from convt_spec.interpretation import Answer
from convt_spec.oracle import exact, reached
from convt_spec.special import marks, powers, special
from convt_spec.transforms import CAP

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Samples, as (N, C_out, L_out), whose sum holds a NaN, a term of +infinity, one of -infinity, or 0 times one of these.

    The last is `nothing` where a sum leaves out what it multiplies by 0, as matrix libraries do, and NaN elsewhere.
    """

    nan: Mask
    above: Mask
    below: Mask
    nothing: Mask

    @property
    def any(self) -> Mask:
        return self.nan | self.above | self.below


def settled(case: Case, result: Array, answer: Answer) -> Array | tuple[str, str]:
    """The result, (N, C_out, L_out), as the whole numbers that it was before scaling, with those in place of what is right and not finite.

    What is wrong in a number that is not finite, or should not be, comes back as words: what was observed and what is required.
    """
    whole = np.array(np.ldexp(result.astype(np.float64), -scale(case)))
    right = exact(case, answer).values.astype(np.float64)
    if special(case).kind == "nonfinite":
        return without_infinities(case, result, whole, right, answer)
    if special(case).kind == "subnormal":
        nearest = np.rint(whole)  # [V7] a transform rounds each step to the smallest number
        whole = np.where(subnormal(case) & (abs(whole - nearest) <= CAP), nearest, whole)
        if answer.subnormals == "flushed":
            whole = np.where((result == 0) & subnormal(case), right, whole)
    return whole


def by_item(case: Case) -> npt.NDArray[np.int64]:
    """The power of two of each item's result, (N, 1, 1)."""
    return np.array(powers(case).results[: case.problem.batch], np.int64).reshape(-1, 1, 1)


def scale(case: Case) -> npt.NDArray[np.int64]:
    """The power of two of each item's and output channel's result, (N, C_out, 1)."""
    return by_item(case) + powers(case).channels(case.problem.out_channels)[:, None]


def unit(case: Case) -> str:
    """The unit in which the numbers of a result are told, if it is not 1."""
    items, channels = powers(case).results[: case.problem.batch], powers(case).channels(case.problem.out_channels).tolist()
    told = "".join(
        f" 2^({', '.join(map(str, found))}) for each {axis}" for found, axis in ((items, "item"), (channels, "channel")) if any(found)
    )
    return f", in units of{told}" if told else ""


def subnormal(case: Case) -> Mask:
    """The items whose results are subnormal."""
    return np.exp2(by_item(case).astype(np.float64)) < np.finfo(case.dtype).tiny


def without_infinities(case: Case, result: Array, whole: Array, right: Array, answer: Answer) -> Array | tuple[str, str]:
    """The result with the right whole number wherever a number that is not finite stands rightly."""
    hit = reach(case, answer)
    local = answer.beside == "local"
    fits = np.where(hit.any, ~np.isfinite(result), True) & np.where(hit.nan, np.isnan(result), True)
    if local:
        fits &= np.where(hit.above & hit.below, np.isnan(result), True)
        fits &= np.where(hit.above ^ hit.below, np.isnan(result) | ((result > 0) == hit.above), True)
        fits &= hit.any | np.isfinite(result)
    else:
        fits &= hit.any | np.isfinite(result) | beside(case)
    fits |= hit.nothing & np.isnan(result)
    if not fits.all():
        n, c, t = (int(index) for index in np.argwhere(~fits)[0])
        return f"y[{n},{c},{t}] = {float(result[n, c, t])!r}", f"{float(expected(case, answer)[n, c, t])!r} there, as NCL"
    return np.where(np.isfinite(result), whole, right)


def reach(case: Case, answer: Answer) -> Reach:
    """Which samples the numbers that are not finite reach, by the arithmetic of IEEE 754 in any order of summation."""
    data, mark = numbers(case), marks(case)
    x, weight = np.where(mark.x == 1, data.x, mark.x), np.where(mark.weight == 1, data.weight, mark.weight)

    def infinite(x_sign: int, weight_sign: int) -> Mask:
        rows, taps = x * x_sign > 0, weight * weight_sign > 0
        return reached(rows & np.isinf(x), taps, answer) | reached(rows, taps & np.isinf(weight), answer)

    nan = reached(np.isnan(x), weight != 0, answer) | reached(x != 0, np.isnan(weight), answer)
    nothing = reached(~np.isfinite(x), weight == 0, answer) | reached(x == 0, ~np.isfinite(weight), answer)
    above, below = infinite(1, 1) | infinite(-1, -1), infinite(1, -1) | infinite(-1, 1)
    if data.bias is None:
        return Reach(nan=nan, above=above, below=below, nothing=nothing)
    bias = mark.bias[:, None]
    return Reach(nan=nan | np.isnan(bias), above=above | (bias == np.inf), below=below | (bias == -np.inf), nothing=nothing)


def beside(case: Case) -> Mask:
    """The items whose input, or whose kernel, holds a number that is not finite."""
    mark = marks(case)
    items = ~np.isfinite(mark.x).all(axis=(1, 2))
    spoiled: Mask = np.asarray(items | ~np.isfinite(mark.weight).all())
    return spoiled[:, None, None]


def expected(case: Case, answer: Answer) -> Array:
    """The result that `local` and `kept` ask for, as (N, C_out, L_out), where a sum leaves out what it multiplies by 0."""
    values: Array = np.ldexp(exact(case, answer).values.astype(np.float64), scale(case))
    if special(case).kind != "nonfinite":
        return values
    hit = reach(case, answer)
    infinite = np.where(hit.above & hit.below, np.nan, np.where(hit.above, np.inf, -np.inf))
    return np.where(hit.nan, np.nan, np.where(hit.any, infinite, values))


def may_be_nan(case: Case, answer: Answer) -> Mask:
    """The samples, as (N, C_out, L_out), where NaN is right too: in place of an infinity, or where 0 times one counts."""
    hit = reach(case, answer)
    return hit.any | hit.nothing
