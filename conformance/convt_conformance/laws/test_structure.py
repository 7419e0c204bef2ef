"""The numbers in the result where those of the arguments have structure, or need many bits."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from convt_conformance.judge import could_fail, required_shape
from convt_conformance.law import law
from convt_conformance.laws.literals import literal
from convt_conformance.outcomes import Computed
from convt_conformance.requirements import required
from convt_conformance.strategies import Supports, among, ordinary_cases
from convt_conformance.trial import Trial
from convt_spec.case import Case
from convt_spec.data import FRACTION_BITS
from convt_spec.interpretation import Answer
from convt_spec.oracle import exact
from convt_spec.problem import OMITTED, Problem
from convt_spec.transforms import norms, transform_errors

Whole = npt.NDArray[np.int64]
Form = Callable[[Whole, int], Whole]
"""What an array of random numbers becomes; the number says where, if the form has a place."""
SMALL = 9
"""The largest of the numbers where their structure is what counts."""


def place(part: Whole, axis: int, at: int) -> npt.NDArray[np.bool_]:
    """The numbers at one place of an axis."""
    found = np.zeros(part.shape, bool)
    np.moveaxis(found, axis, 0)[at % max(part.shape[axis], 1) :][:1] = True
    return found


def without(axis: int) -> Form:
    """Zeros at one place of an axis: an item, a channel, a sample or a tap."""
    return lambda part, at: np.where(place(part, axis, at), 0, part)


def only(axis: int) -> Form:
    """Zeros everywhere else."""
    return lambda part, at: np.where(place(part, axis, at), part, 0)


def alike(axis: int) -> Form:
    """The same numbers at each place of an axis."""
    return lambda part, at: np.repeat(np.take(part, [at % part.shape[axis]], axis), part.shape[axis], axis)


def zeros(part: Whole, at: int) -> Whole:
    return np.zeros_like(part)


def single(part: Whole, at: int) -> Whole:
    """One number, and zeros."""
    return np.where(np.arange(part.size).reshape(part.shape) == at % max(part.size, 1), part, 0)


def constant(part: Whole, at: int) -> Whole:
    return np.full_like(part, part.flat[0])


def mirrored(part: Whole, at: int) -> Whole:
    """Rows that read the same backwards."""
    steps = np.arange(part.shape[-1])
    return part[..., np.minimum(steps, steps[::-1])]


def opposed(part: Whole, at: int) -> Whole:
    """Rows that change their sign when read backwards."""
    steps = np.arange(part.shape[-1])
    return np.asarray(mirrored(part, at) * np.sign(steps - steps[::-1]))


def alternating(part: Whole, at: int) -> Whole:
    """Rows of one number whose sign changes from each to the next."""
    return np.asarray(part[..., :1] * (1 - 2 * (np.arange(part.shape[-1]) % 2)))


def pulses(part: Whole, at: int) -> Whole:
    """Rows of which every second number is 0."""
    return np.where(np.arange(part.shape[-1]) % 2 == at % 2, part, 0)


def rising(part: Whole, at: int) -> Whole:
    return np.sort(part, axis=-1)


def unstructured(part: Whole, at: int) -> Whole:
    return part


ROWS: tuple[Form, ...] = (zeros, single, constant, mirrored, opposed, alternating, pulses, rising)
BIASES: tuple[Form, ...] = (unstructured, zeros, single, constant)
FORMS: tuple[Form, ...] = (*ROWS, *(make(axis) for make in (without, only, alike) for axis in range(3)))


def sizes(supports: Supports) -> dict[str, Any]:
    """Few numbers, since a case holds them all in its text; most layers have a bias."""
    return {
        "batch": st.integers(1, 3),
        "in_per_group": st.integers(1, 2),
        "out_per_group": st.integers(1, 2),
        "groups": among(OMITTED, 1, 2) if "groups" in supports else OMITTED,
        "length": st.integers(1, 6),
        "kernel_size": st.integers(1, 3) | st.integers(4, 8),
        "bias_attr": among(OMITTED, OMITTED, OMITTED, False),
    }


def drawn(problem: Problem, seed: int, *largest: int) -> list[Whole]:
    """Numbers other than 0 for the input, the kernel and the bias, up to the largest of each."""
    stream = np.random.PCG64(seed)
    found = []
    for shape, most in zip((problem.input_shape, problem.weight_shape, problem.bias_shape), largest, strict=True):
        raw = np.asarray(stream.random_raw(int(np.prod(shape))), np.uint64).reshape(shape)
        size = (raw >> np.uint64(1)) % np.uint64(most) + np.uint64(1)
        found.append(np.where(raw % np.uint64(2), -1, 1) * size.astype(np.int64))
    return found


@st.composite
def structured_cases(draw: st.DrawFn, /, supports: Supports, inputs: st.SearchStrategy[Form], kernels: st.SearchStrategy[Form]) -> Case:
    """Calls over numbers with structure, three of four with a bias."""
    biased = st.sampled_from([True, True, True, False] if "bias" in supports else [False])
    case = draw(ordinary_cases(supports, bias=biased, **sizes(supports)))
    forms = draw(inputs), draw(kernels), draw(st.sampled_from(BIASES))
    parts = drawn(case.problem, draw(st.integers(0, 2**16 - 1)), SMALL, SMALL, SMALL)
    at = draw(st.integers(0, 11))
    return literal(case, [form(part, at) for form, part in zip(forms, parts, strict=True)])


STRUCTURED = st.sampled_from(FORMS)


@law("V1", partial(structured_cases, inputs=STRUCTURED, kernels=st.just(unstructured) | STRUCTURED))
def test_V1_values_of_structured_inputs(trial: Trial, case: Case) -> None:
    """The same where the input has structure: nothing but zeros, an item or a channel without a number, all samples alike, ..."""
    trial.judge(case)


@law("V1", partial(structured_cases, inputs=st.just(unstructured), kernels=STRUCTURED))
def test_V1_values_of_structured_kernels(trial: Trial, case: Case) -> None:
    """The same where the kernel has structure: it reads the same backwards, its taps are equal, all but one are 0, ..."""
    trial.judge(case)


BITS = {"float32": (11, 14, 17, 18, 19, 20, 22, 24), "float64": (16, 20, 24, 28, 31, 32, 33, 34, 36, 40, 44, 48, 53)}
"""How long the longest sums are, up to what the dtype holds: also beside the widths of other number formats."""


@st.composite
def wide_cases(draw: st.DrawFn, /, supports: Supports) -> Case:
    """Whole numbers of many bits whose sums are exact in any order: half of the bits in the input, or more, or fewer."""
    dtypes = [dtype for dtype in ("float32", "float64", "float64") if dtype in supports]
    few = {"batch": st.integers(1, 2), "in_per_group": 1, "length": st.integers(1, 4), "kernel_size": st.integers(1, 4)}
    case = draw(ordinary_cases(supports, dtype=st.sampled_from(dtypes), **{**sizes(supports), **few, "bias_attr": among(OMITTED, False)}))
    problem = case.problem
    products = problem.in_channels // problem.group_count * problem.kernel_size
    share = 2 ** draw(st.sampled_from(BITS[case.dtype])) // (products + 1)
    bits = share.bit_length() - 1
    width = draw(st.sampled_from([bits // 2, bits // 2, 2, bits - 2]))
    largest = 2**width - 1, share // 2**width, share
    return literal(case, drawn(problem, draw(st.integers(0, 2**16 - 1)), *largest))


@law("V1", wide_cases)
def test_V1_values_of_wide_numbers(trial: Trial, case: Case) -> None:
    """The same over whole numbers of many bits, each sum of which the dtype holds, or else with the rounding of a transform over them."""
    outcome = trial.run(case)
    if outcome is None:
        return
    answer = required(case, ())
    if isinstance(answer, Answer) and exact(case, answer).magnitude.max(initial=0) > 2 ** (1 + FRACTION_BITS[case.dtype]):
        return
    if isinstance(outcome, Computed) and isinstance(answer, Answer) and transformed(case, outcome, answer):
        trial.effective += could_fail(case, answer)
    else:
        trial.hold(case, outcome)


def transformed(case: Case, outcome: Computed, answer: Answer) -> bool:
    """Whether a result errs by no more than a transform does, in proportion to numbers of any size."""
    array = outcome.array
    if array is None or array.dtype.kind != "f" or array.shape != required_shape(case, answer):
        return False
    result = array.transpose(0, 2, 1) if case.layout == "NLC" else array
    return transform_errors(result, exact(case, answer), norms(case, answer), case.dtype).within
