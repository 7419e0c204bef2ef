"""The bounds of a transform: right results pass, whichever transform made them; shorter formats, lost products and faults do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from convt_spec.bounds import rounding_errors
from convt_spec.case import Case, Integers, Literal, Reals
from convt_spec.clauses import rulings
from convt_spec.data import arrays
from convt_spec.interpretation import Answer, interpret
from convt_spec.oracle import Exact, exact
from convt_spec.problem import Problem
from convt_spec.transforms import CAP, Norms, limits, norms, settled, transform_errors

Floats = npt.NDArray[Any]
GROUPS = Problem(batch=2, in_channels=6, out_channels=4, length=21, kernel_size=5, stride=3, groups=2, dilation=2)
LONG = Problem(in_channels=256, out_channels=2, length=30, kernel_size=3)
VERY_LONG = Problem(in_channels=512, out_channels=2, length=40, kernel_size=8)
ONE_TAP = Problem(in_channels=3, out_channels=4, length=50, kernel_size=1, stride=2)
HUGE_KERNEL = Problem(in_channels=2, out_channels=2, length=60, kernel_size=700)
PRIME = Problem(in_channels=2, out_channels=3, length=101, kernel_size=9)
"""101 + 9 - 1 = 109 samples, a prime."""
PROBLEMS = {"groups": GROUPS, "768": LONG, "4096": VERY_LONG, "one tap": ONE_TAP, "huge kernel": HUGE_KERNEL, "prime": PRIME}
DTYPES = ("float32", "float64")


def required(case: Case) -> tuple[Answer, Exact, Norms]:
    answer = interpret(case.problem, rulings())
    assert isinstance(answer, Answer)
    return answer, exact(case, answer), norms(case, answer)


def stretched(values: Floats, step: int) -> Floats:
    wide = np.zeros((*values.shape[:-1], (values.shape[-1] - 1) * step + 1), values.dtype)
    wide[..., ::step] = values
    return wide


def through_fft(x: Floats, weight: Floats, answer: Answer, size: Callable[[int], int]) -> Floats:
    """The full scatter by a product of spectra in the dtype of the operands."""
    inputs, taps = stretched(x, answer.stride), stretched(weight, answer.dilation)
    samples = inputs.shape[2] + taps.shape[2] - 1
    spectra = [np.split(np.fft.rfft(part, size(samples)), answer.groups, axis) for part, axis in ((inputs, 1), (taps, 0))]
    product = np.concatenate([np.einsum("ncf,cmf->nmf", *pair) for pair in zip(*spectra, strict=True)], axis=1)
    full: Floats = np.fft.irfft(product, size(samples))[..., :samples].astype(x.dtype)
    return full


def summed(x: Floats, weight: Floats, answer: Answer, accumulator: Any = None) -> Floats:
    """The full scatter, one channel and tap after the other, in a format for products and sums."""
    kept = accumulator or x.dtype
    rows, columns = weight.shape[0] // answer.groups, weight.shape[1]
    span = (x.shape[2] - 1) * answer.stride + 1
    full = np.zeros((len(x), columns * answer.groups, span + answer.dilation * (weight.shape[2] - 1)), kept)
    for c, k in np.ndindex(weight.shape[0], weight.shape[2]):
        j = c // rows
        landing = full[:, j * columns : (j + 1) * columns, k * answer.dilation : k * answer.dilation + span : answer.stride]
        landing += x[:, c, None].astype(kept) * weight[c, :, k, None].astype(kept)
    return full.astype(x.dtype)


def power_of_two(samples: int) -> int:
    return 1 << (samples - 1).bit_length()


def cut(values: Floats, bits: int) -> Floats:
    significand, power = np.frexp(values.astype(np.float64))
    rounded: Floats = np.ldexp(np.round(significand * 2 ** (bits + 1)), power - bits - 1).astype(values.dtype)
    return rounded


@pytest.mark.parametrize("size", [power_of_two, lambda samples: samples], ids=["padded", "as long as needed"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", PROBLEMS)
def test_V7_a_transform_in_the_dtype_is_within(name: str, dtype: str, size: Callable[[int], int]) -> None:
    for seed in range(6):
        case = Case(problem=PROBLEMS[name], dtype=dtype, data=Reals(seed))
        answer, wanted, scale = required(case)
        x, weight, _ = arrays(case)
        errors = transform_errors(through_fft(x, weight, answer, size), wanted, scale, dtype)
        assert errors.within, (seed, errors)
        assert errors.largest > 0


def test_V7_a_transform_is_no_sum() -> None:
    for seed in range(6):
        case = Case(problem=GROUPS, dtype="float64", data=Reals(seed))
        answer, wanted, _ = required(case)
        x, weight, _ = arrays(case)
        assert not rounding_errors(through_fft(x, weight, answer, power_of_two), wanted, "float64").within


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", PROBLEMS)
def test_V7_sums_are_within_both(name: str, dtype: str) -> None:
    for seed in range(4):
        case = Case(problem=PROBLEMS[name], dtype=dtype, data=Reals(seed))
        answer, wanted, scale = required(case)
        x, weight, _ = arrays(case)
        result = summed(x, weight, answer)
        assert transform_errors(result, wanted, scale, dtype).within
        assert rounding_errors(result, wanted, dtype).within


SHORTER: dict[str, tuple[str, Callable[[Floats, Floats, Answer], Floats]]] = {
    "TF32 inputs": ("float32", lambda x, w, a: summed(cut(x, 10), cut(w, 10), a)),
    "TF32 kernel": ("float32", lambda x, w, a: summed(x, cut(w, 10), a)),
    "bfloat16 inputs": ("float32", lambda x, w, a: summed(cut(x, 7), cut(w, 7), a)),
    "float16 inputs": ("float32", lambda x, w, a: summed(x.astype(np.float16).astype(x.dtype), w.astype(np.float16).astype(w.dtype), a)),
    "float16 sums": ("float32", lambda x, w, a: summed(x, w, a, np.float16)),
    "float16 results": ("float32", lambda x, w, a: summed(x, w, a).astype(np.float16).astype(x.dtype)),
    "TF32 inputs to a transform": ("float32", lambda x, w, a: through_fft(cut(x, 10), cut(w, 10), a, power_of_two)),
    "float32 sums of float64": ("float64", lambda x, w, a: summed(x, w, a, np.float32)),
    "a float32 transform of float64": (
        "float64",
        lambda x, w, a: through_fft(x.astype(np.float32), w.astype(np.float32), a, power_of_two).astype(x.dtype),
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("fault", SHORTER)
def test_V7_shorter_formats_are_within_neither(fault: str, name: str) -> None:
    dtype, computed = SHORTER[fault]
    for seed in range(4):
        case = Case(problem=PROBLEMS[name], dtype=dtype, data=Reals(seed))
        answer, wanted, scale = required(case)
        x, weight, _ = arrays(case)
        result = computed(x, weight, answer)
        assert not transform_errors(result, wanted, scale, dtype).within
        assert not rounding_errors(result, wanted, dtype).within


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", PROBLEMS)
def test_V7_a_lost_product_is_within_neither(name: str, dtype: str) -> None:
    """The largest that the middle sample makes in the first output channel."""
    for seed in range(4):
        case = Case(problem=PROBLEMS[name], dtype=dtype, data=Reals(seed))
        answer, wanted, scale = required(case)
        x, weight, _ = arrays(case)
        result, middle = summed(x, weight, answer), case.problem.length // 2
        products = (x[0, :, middle, None] * weight[:, 0])[: weight.shape[0] // answer.groups]
        c, k = np.unravel_index(np.argmax(abs(products)), products.shape)
        result[0, 0, middle * answer.stride + k * answer.dilation] -= products[c, k]
        assert not transform_errors(result, wanted, scale, dtype).within
        assert not rounding_errors(result, wanted, dtype).within


@pytest.mark.parametrize("dtype", DTYPES)
def test_V7_sums_that_cancel_are_spared_and_seen_through(dtype: str) -> None:
    """Two channels of opposite sign and nearly the same size: results are thousands of times smaller than the products."""
    problem = Problem(in_channels=2, out_channels=1, length=80, kernel_size=4)
    stream = np.random.default_rng(5)
    for _ in range(10):
        first, taps = stream.integers(-4000, 4000, 80), stream.integers(-4000, 4000, 4)
        second = -first + stream.integers(-1, 2, 80)
        numbers = tuple(tuple(int(each) for each in part) for part in ((*first, *second), (*taps, *taps)))
        case = Case(problem=problem, dtype=dtype, data=Literal(*numbers))
        answer, wanted, scale = required(case)
        x, weight, _ = arrays(case)
        assert transform_errors(through_fft(x, weight, answer, power_of_two), wanted, scale, dtype).within
        assert rounding_errors(summed(x, weight, answer), wanted, dtype).within
        short = summed(cut(x, 7), cut(weight, 7), answer)
        assert not transform_errors(short, wanted, scale, dtype).within
        assert not rounding_errors(short, wanted, dtype).within


@pytest.mark.parametrize("dtype", DTYPES)
def test_V7_whole_numbers_through_a_transform_settle_on_the_exact_ones(dtype: str) -> None:
    moved = 0
    for problem in PROBLEMS.values():
        for seed in range(4):
            case = Case(problem=problem, dtype=dtype, data=Integers(seed))
            answer, wanted, _ = required(case)
            x, weight, _ = arrays(case)
            result = through_fft(x, weight, answer, power_of_two)
            moved += not np.array_equal(result, wanted.values)
            assert np.array_equal(settled(result, case, answer), wanted.values)
    assert moved > 12


@pytest.mark.parametrize("off", [1, -1, 0.5, 0.2, 0.13, -0.126])
@pytest.mark.parametrize("dtype", DTYPES)
def test_V1_what_is_no_rounding_does_not_settle(dtype: str, off: float) -> None:
    """Not even under norms so large that the bound alone would allow it."""
    for problem in (*PROBLEMS.values(), Problem(in_channels=4000, length=400)):
        case = Case(problem=problem, dtype=dtype, data=Integers(1))
        answer, wanted, _ = required(case)
        wrong = wanted.values.astype(np.float64)
        wrong[0, 0, 3] += off
        assert not np.array_equal(settled(wrong, case, answer), wanted.values)


def test_V1_the_cap_is_far_below_the_smallest_fault() -> None:
    case = Case(problem=Problem(in_channels=4000, length=400), data=Integers(1))
    assert limits(required(case)[2], "float32").max() > CAP
    assert CAP <= 1 / 8


def test_V7_norms_golden() -> None:
    """x has the norms 5 and 13, the kernel 3 and 1; a bias of -7; 2 input samples and 3 taps with stride 2 make 5 samples."""
    problem = Problem(in_channels=2, length=2, kernel_size=3, stride=2, bias=True)
    case = Case(problem=problem, data=Literal((3, 4, 5, 12), (1, 2, 2, 0, 1, 0), (-7,)))
    scale = required(case)[2]
    assert scale.largest.tolist() == [[5 * 3 + 13 * 1 + 7]]
    assert scale.usual.tolist() == [[pytest.approx(((15**2 + 13**2) / 5 + 7**2) ** 0.5)]]
    assert (scale.stages, scale.channels) == (4, 2)
    assert limits(scale, "float32").tolist() == [[(20 * 4 + 2 + 3) * 35 * 2.0**-24]]


def test_V7_norms_of_groups_are_those_of_their_own_channels() -> None:
    case = Case(problem=GROUPS, data=Integers(3))
    x, weight, _ = arrays(case)
    scale = required(case)[2]
    for m in range(4):
        rows = slice(3 * (m // 2), 3 * (m // 2) + 3)
        both = np.linalg.norm(x[:, rows], axis=2) * np.linalg.norm(weight[rows, m % 2], axis=1)
        assert scale.largest[:, m] == pytest.approx(both.sum(axis=1))


@pytest.mark.parametrize("number", [np.nan, np.inf, 3e38])
def test_V7_numbers_that_are_none_are_within_no_bound(number: float) -> None:
    case = Case(problem=GROUPS, data=Reals(1))
    answer, wanted, scale = required(case)
    x, weight, _ = arrays(case)
    result = summed(x, weight, answer)
    result[1, 3, 7] = number
    errors = transform_errors(result, wanted, scale, "float32")
    assert (errors.within, errors.worst) == (False, (1, 3, 7))
    whole = Case(problem=GROUPS, data=Integers(1))
    assert not np.isfinite(settled(np.full_like(result, np.nan), whole, answer)).any()


def test_V7_results_of_another_shape_settle_too() -> None:
    case = Case(problem=GROUPS, data=Integers(1))
    answer = required(case)[0]
    assert settled(np.array([1.0000001, 2.5]), case, answer).tolist() == [1, 2.5]
    assert settled(np.full((2, 4), 1.0000001), case, answer).tolist() == [[1] * 4] * 2


def test_V7_an_empty_result_is_within_a_transform() -> None:
    case = Case(problem=Problem(batch=0, length=3))
    _, wanted, scale = required(case)
    assert transform_errors(np.zeros((0, 1, 3)), wanted, scale, "float32").within
