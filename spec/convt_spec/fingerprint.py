"""Which arithmetic a result was made with, told from the size and the shape of its errors.

Let h be the length of a sum and e its error in the unit of `bounds`. Operands that were rounded to b fraction bits err by
2^-(b + 1) of each product, independently, so that the root of the mean of e*e*h is `SPREAD` * 2^(f - b) whatever h is, f being the
fraction bits of the dtype. Sums that were kept in a shorter format leave results that fit it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from convt_spec.bounds import absolute_errors
from convt_spec.data import FRACTION_BITS
from convt_spec.oracle import Exact

SPREAD = 1.4
"""Measured with sums of 4 to 120 random numbers as `data.significands` makes them. It tends to 2.05 for long sums: each of the two
roundings has a mean square of 1/6 in this unit, and the mean of (x*w)^2 is 12.6 times the square of the mean of |x*w|."""
LONG_ENOUGH = 4
"""Products in a sum below which float32, float64 and wider sums often round alike."""
FEWEST = 16
Floats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What one result over full-width numbers shows, over its `count` sums of at least four terms.

    `nearest` is the share of them that are the float next to the exact value, `size` the root of the mean of e*e*h, and `fraction_bits`
    those that the longest of them needs.
    """

    count: int
    nearest: float
    size: float
    fraction_bits: int


def traits(result: Floats, exact: Exact, dtype: str) -> Traits:
    """The traits of `result`, (N, C_out, L_out) like `exact`, of a case in `dtype`."""
    asked = exact.terms >= LONG_ENOUGH
    if not asked.any():
        return Traits(count=0, nearest=0.0, size=0.0, fraction_bits=0)
    error = absolute_errors(result, exact)[asked]
    found, terms = result[asked].astype(np.float64), exact.terms[asked].astype(np.float64)
    unit = exact.magnitude[asked].astype(np.float64) * 2.0 ** -(1 + FRACTION_BITS[dtype])
    with np.errstate(over="ignore", invalid="ignore"):
        spacing = np.spacing(abs(found).astype(dtype)).astype(np.float64) * 2.0**exact.exponent
        near = error <= 0.5000001 * spacing
        size = float(np.sqrt(np.mean(np.square(error / unit) * terms)))
    return Traits(count=len(error), nearest=float(near.mean()), size=size, fraction_bits=fraction_bits(found))


def fraction_bits(found: npt.NDArray[np.float64]) -> int:
    """The fraction bits that the longest of the numbers needs, 0 to 52."""
    significands = np.frexp(np.where(np.isfinite(found), found, 0))[0]
    whole = int(np.bitwise_or.reduce(abs(significands * 2.0**53).astype(np.int64)))
    return 52 - ((whole & -whole).bit_length() - 1) if whole else 0


def fingerprint(seen: Traits, dtype: str, *, sums: bool, transform: bool) -> str:
    """A name for the arithmetic, empty where too little was seen; `sums` and `transform` say which readings of V7 the result fits."""
    if seen.count < FEWEST or not math.isfinite(seen.size):
        return ""
    if seen.nearest >= 0.99:
        return f"sums wider than {dtype}, rounded once"
    if sums:
        return f"sums in {dtype}"
    if transform:
        return f"a transform in {dtype}"
    return shorter_results(seen.fraction_bits, dtype) or shorter_operands(FRACTION_BITS[dtype] - math.log2(seen.size / SPREAD))


def shorter_results(needed: int, dtype: str) -> str:
    """The format that holds every result, where it is shorter than the dtype."""
    formats = {"bfloat16": 7, "float16": 10, "float32": 23}
    return next((f"results in {name}" for name, bits in formats.items() if needed <= bits < FRACTION_BITS[dtype]), "")


def shorter_operands(bits: float) -> str:
    """The format of the operands, from the fraction bits that the errors speak of.

    They speak of half a bit to a bit and a half more where one operand alone was shortened, and of as much less where both were cut
    instead of rounded: measured over 200 random calls each, of 5.1 to 8.6 for bfloat16 and of 8.1 to 11.5 for TF32.
    """
    if bits < 2:
        return "wrong, or no arithmetic we know"
    formats = {"bfloat16": (5.0, 8.3), "TF32 or float16": (8.3, 12.0), "float32": (21.0, 25.0)}
    name = next((name for name, (least, most) in formats.items() if least <= bits < most), f"{bits:.0f} fraction bits")
    return f"operands in {name}"
