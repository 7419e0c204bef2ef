"""The arithmetic behind a result, told from its errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from convt_spec.bounds import rounding_errors
from convt_spec.case import Case, Reals
from convt_spec.clauses import rulings
from convt_spec.data import arrays
from convt_spec.fingerprint import FEWEST, Traits, fingerprint, fraction_bits, traits
from convt_spec.interpretation import Answer, interpret
from convt_spec.oracle import exact
from convt_spec.problem import Problem
from convt_spec.transforms import norms, transform_errors

Floats = npt.NDArray[Any]
Way = Callable[[Floats, Floats], Floats]


def cut(values: Floats, bits: int, rounding: Callable[[Floats], Floats] = np.round) -> Floats:
    significand, power = np.frexp(values.astype(np.float64))
    short: Floats = np.ldexp(rounding(significand * 2 ** (bits + 1)), power - bits - 1).astype(values.dtype)
    return short


def summed(x: Floats, weight: Floats, accumulator: Any = None) -> Floats:
    """Stride 1, one group: one channel and tap after the other, in a format for products and sums."""
    kept = accumulator or x.dtype
    full = np.zeros((len(x), weight.shape[1], x.shape[2] + weight.shape[2] - 1), kept)
    for c, k in np.ndindex(weight.shape[0], weight.shape[2]):
        full[..., k : k + x.shape[2]] += x[:, c, None].astype(kept) * weight[c, :, k, None].astype(kept)
    return full.astype(x.dtype)


def through_fft(x: Floats, weight: Floats) -> Floats:
    product = np.einsum("ncf,cmf->nmf", np.fft.rfft(x, 256), np.fft.rfft(weight, 256))
    full: Floats = np.fft.irfft(product, 256)[..., : x.shape[2] + weight.shape[2] - 1].astype(x.dtype)
    return full


def named(way: Way, problem: Problem, dtype: str, seed: int) -> str:
    case = Case(problem=problem, dtype=dtype, data=Reals(seed))
    answer = interpret(problem, rulings())
    assert isinstance(answer, Answer)
    x, weight, _ = arrays(case)
    result, wanted = way(x, weight), exact(case, answer)
    sums = rounding_errors(result, wanted, dtype).within
    transform = transform_errors(result, wanted, norms(case, answer), dtype).within
    return fingerprint(traits(result, wanted, dtype), dtype, sums=sums, transform=transform)


WAYS: list[tuple[str, str, Way]] = [
    ("sums in float32", "float32", summed),
    ("sums in float64", "float64", summed),
    ("sums wider than float32, rounded once", "float32", lambda x, w: summed(x, w, np.float64)),
    ("operands in TF32 or float16", "float32", lambda x, w: summed(cut(x, 10), cut(w, 10))),
    ("operands in TF32 or float16", "float32", lambda x, w: summed(x, cut(w, 10))),
    ("operands in TF32 or float16", "float32", lambda x, w: summed(x.astype(np.float16).astype(x.dtype), cut(w, 10))),
    ("operands in bfloat16", "float32", lambda x, w: summed(cut(x, 7), cut(w, 7))),
    ("operands in bfloat16", "float32", lambda x, w: summed(cut(x, 7, np.trunc), cut(w, 7, np.trunc))),
    ("operands in bfloat16", "float64", lambda x, w: summed(cut(x, 7), cut(w, 7))),
    ("results in float16", "float32", lambda x, w: summed(x, w, np.float16)),
    ("results in float32", "float64", lambda x, w: summed(x, w, np.float32)),
    ("operands in float32", "float64", lambda x, w: summed(cut(x, 23), cut(w, 23))),
    ("wrong, or no arithmetic we know", "float32", lambda x, w: summed(x, w[..., ::-1])),
]


@pytest.mark.parametrize("sizes", [(3, 3), (6, 9), (24, 5)], ids=["short", "middling", "long"])
@pytest.mark.parametrize(("name", "dtype", "way"), WAYS, ids=[f"{at}-{way[0]}" for at, way in enumerate(WAYS)])
def test_V7_the_arithmetic_is_named(name: str, dtype: str, way: Way, sizes: tuple[int, int]) -> None:
    """Of ten results at least nine; one in a while lies beyond a border between two formats."""
    problem = Problem(in_channels=sizes[0], out_channels=3, length=100, kernel_size=sizes[1])
    found = Counter(named(way, problem, dtype, seed) for seed in range(10))
    assert found[name] >= 9, found


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sizes", [(1, 5), (3, 3), (6, 9)])
def test_V7_a_transform_over_a_few_channels_is_named(sizes: tuple[int, int], dtype: str) -> None:
    """Over many channels its errors are no larger than those of sums."""
    problem = Problem(in_channels=sizes[0], out_channels=3, length=100, kernel_size=sizes[1])
    found = Counter(named(through_fft, problem, dtype, seed) for seed in range(10))
    assert found[f"a transform in {dtype}"] >= 9, found


def test_V7_another_format_goes_by_its_bits() -> None:
    problem = Problem(in_channels=6, out_channels=3, length=100, kernel_size=9)
    found = {named(lambda x, w: summed(cut(x, 15), cut(w, 15)), problem, "float32", seed) for seed in range(10)}
    assert found <= {f"operands in {bits} fraction bits" for bits in (14, 15, 16)}


def test_V7_what_shows_little_has_no_name() -> None:
    assert named(summed, Problem(in_channels=1, out_channels=3, length=100, kernel_size=3), "float32", 1) == ""
    assert named(summed, Problem(in_channels=4, length=FEWEST - 1, kernel_size=1), "float32", 1) == ""
    assert named(summed, Problem(in_channels=4, length=FEWEST, kernel_size=1), "float32", 1) != ""
    assert named(lambda x, w: summed(x, w) * np.float32(np.nan), Problem(in_channels=6, length=50), "float32", 1) == ""


@pytest.mark.parametrize(
    ("numbers", "bits"), [([1.0, -4.0], 0), ([1.5, 1.0], 1), ([3.0, 5.0], 2), ([1 / 3], 52), ([0.0], 0), ([1 + 2.0**-23, np.inf], 23)]
)
def test_the_bits_that_numbers_need(numbers: list[float], bits: int) -> None:
    assert fraction_bits(np.array(numbers)) == bits


def test_V7_names_by_the_readings_that_fit() -> None:
    seen = Traits(count=100, nearest=0.5, size=3.0, fraction_bits=23)
    assert fingerprint(seen, "float32", sums=True, transform=True) == "sums in float32"
    assert fingerprint(seen, "float32", sums=False, transform=True) == "a transform in float32"
