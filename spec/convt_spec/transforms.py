"""How far a result that was computed through transforms may lie from the exact one.

A transform (an FFT, say) spreads its rounding over all samples, so it errs in the norm of its operands, not in the size of each sum.
With u half the spacing of the dtype at 1, a transform of n samples errs by at most log2(n) * 6.7 u of the 2-norm (Higham, Accuracy and
Stability of Numerical Algorithms, 2nd edition, theorem 24.2, with weights good to u). A convolution takes three transforms, a complex
product (3 u) and a sum over the channels (u each), hence for item n and output channel m

    |y - exact| <= (20 log2(n) + channels + 3) * u * (sum over the channels c of ||x[n, c]||_2 * ||w[c, m]||_2 + |b[m]|).

Over many samples these errors behave like independent ones: in units of u times the root of the mean square that the samples have for
numbers of random sign, the mean of e*e is a small multiple of log2(n): at most 1.4 for powers of two, and at most 9.2 for lengths with
large prime factors, over 3,304 random calls through NumPy's FFT. It may be 32.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from convt_spec.bounds import ENOUGH, RoundingErrors, absolute_errors
from convt_spec.case import Case
from convt_spec.data import FRACTION_BITS, Data, numbers
from convt_spec.interpretation import Answer
from convt_spec.lengths import full_length
from convt_spec.oracle import Exact, documented_axes

PER_STAGE = 20
SQUARES_PER_STAGE = 32
CAP = 0.125
"""Of whole numbers: a fault that is no rounding changes one by 1 or more, so nothing near half of that may pass for rounding."""
Floats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Norms:
    """The scale of each item and output channel, (N, C_out), in units of 2^-(2 exponent) of the case's data.

    `largest` bounds every sample by Cauchy and Schwarz, `usual` is the root of a sample's mean square; both count the bias. `stages`
    is log2 of the samples, rounded up, and 1; `channels` are those that one output channel reads.
    """

    largest: npt.NDArray[np.float64]
    usual: npt.NDArray[np.float64]
    stages: int
    channels: int


def norms(case: Case, answer: Answer) -> Norms:
    """The norms of a case's operands, paired as the answer says."""
    data = numbers(case)
    weight = documented_axes(data.weight, answer)
    samples = max(full_length(case.problem.length, case.problem.kernel_size, answer.stride, answer.dilation), 1)
    largest, squares = paired(data.x, weight, answer.groups)
    bias = offsets(data)
    return Norms(
        largest=largest + bias,
        usual=np.sqrt(squares / samples + bias**2),
        stages=1 + math.ceil(math.log2(samples)),
        channels=max(weight.shape[0] // answer.groups, 1),
    )


def paired(x: npt.NDArray[Any], weight: npt.NDArray[Any], groups: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Over the channels of each group, the sum of ||x||_2 * ||w||_2 and that of its squares, (N, C_out), of x (N, C_in, L)."""
    shape, channels = (len(x), groups * weight.shape[1]), x.shape[1] // groups
    rows = np.square(x.astype(np.float64)).sum(axis=2).reshape(len(x), groups, channels)
    columns = np.square(weight.astype(np.float64)).sum(axis=2).reshape(groups, channels, weight.shape[1])
    largest = np.einsum("njc,jcm->njm", np.sqrt(rows), np.sqrt(columns)).reshape(shape)
    return largest, np.einsum("njc,jcm->njm", rows, columns).reshape(shape)


def offsets(data: Data) -> npt.NDArray[np.float64]:
    return np.zeros(1) if data.bias is None else abs(data.bias.astype(np.float64))


def limits(scale: Norms, dtype: str) -> npt.NDArray[np.float64]:
    """[V7] The largest error of a transform for each item and output channel, (N, C_out), in the units of `scale`."""
    unit = 2.0 ** -(1 + FRACTION_BITS[dtype])
    bound: npt.NDArray[np.float64] = (PER_STAGE * scale.stages + scale.channels + 3) * unit * scale.largest
    return bound


def transform_errors(result: Floats, exact: Exact, scale: Norms, dtype: str) -> RoundingErrors:
    """[V7] The errors of `result`, (N, C_out, L_out) like `exact`, as shares of what a transform in `dtype` may err."""
    if not result.size:
        return RoundingErrors(largest=0.0, squares=0.0, worst=())
    error = absolute_errors(result, exact)
    unit = scale.usual[..., None] * 2.0 ** -(1 + FRACTION_BITS[dtype])
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        share = np.where(error == 0, 0.0, error / limits(scale, dtype)[..., None])
        squares = float(np.where(error == 0, 0.0, np.square(error / unit)).mean()) / (SQUARES_PER_STAGE * scale.stages + scale.channels)
    worst = np.unravel_index(int(np.argmax(share)), share.shape)
    where = tuple(int(index) for index in worst)
    return RoundingErrors(largest=float(share.max()), squares=squares if result.size >= ENOUGH else 0.0, worst=where)


def settled(result: Floats, case: Case, answer: Answer) -> npt.NDArray[np.float64]:
    """[V7] A result over whole numbers, (N, C_out, L_out), with what a transform's rounding moved put back on its whole number.

    Of another shape, each sample may be off by what the largest norm allows.
    """
    numbers_found, nearest = result.astype(np.float64), np.rint(result.astype(np.float64))
    if np.array_equal(numbers_found, nearest):
        return numbers_found
    tolerance = np.minimum(limits(norms(case, answer), case.dtype), CAP)
    fits = result.ndim == 3 and tolerance.shape == result.shape[:2]
    with np.errstate(invalid="ignore"):
        near = abs(numbers_found - nearest) <= (tolerance[..., None] if fits else tolerance.max(initial=0.0))
    return np.where(near, nearest, numbers_found)
