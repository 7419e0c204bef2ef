"""Cases over numbers with structure, or of many bits: what is drawn, and that it can tell."""

from __future__ import annotations

import numpy as np
import pytest
from in_process import in_process
from right.collection import COLLECTION
from saboteurs import conv1d_transpose, implementation

from convt_conformance.exploration import cases
from convt_conformance.judge import could_fail, mismatch
from convt_conformance.law import LAWS
from convt_conformance.laws import all_laws, test_structure
from convt_conformance.outcomes import Computed
from convt_conformance.requirements import required
from convt_conformance.session import Session
from convt_spec.case import Case
from convt_spec.data import FRACTION_BITS, arrays
from convt_spec.interpretation import Answer
from convt_spec.oracle import exact

all_laws()
SUPPORTS = in_process(conv1d_transpose, "conv1d_transpose").description.supports
NAMES = [f"test_V1_values_of_{name}" for name in ("structured_inputs", "structured_kernels", "wide_numbers")]


def some(name: str, seed: int = 1) -> list[Case]:
    return cases(LAWS[name], SUPPORTS, seed=seed, examples=100)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_sum_is_exact_in_any_order_and_half_of_the_cases_tell(name: str, seed: int) -> None:
    telling = 0
    for case in some(name, seed):
        answer = required(case, ())
        assert isinstance(answer, Answer)
        assert exact(case, answer).magnitude.max() <= 2 ** (FRACTION_BITS[case.dtype] + 1)
        telling += could_fail(case, answer)
    assert telling >= 60


@pytest.mark.parametrize("name", NAMES)
def test_cases_stay_short(name: str) -> None:
    lengths = [len(str(case)) for case in some(name)]
    assert max(lengths) < 700
    assert np.median(lengths) < 250


def test_what_special_code_looks_for_is_there() -> None:
    inputs, kernels = ([arrays(case) for case in some(name)] for name in NAMES[:2])
    assert sum(not x.any() for x, _, _ in inputs) > 2
    assert sum(x.any() and not x.any(axis=(1, 2)).all() for x, _, _ in inputs) > 2
    assert sum(bool((x == x.flat[0]).all()) and x.size > 2 for x, _, _ in inputs) > 2
    assert sum(w.shape[2] > 3 and bool((w == w[..., ::-1]).all()) for _, w, _ in kernels) > 2
    assert sum(w.shape[2] > 3 and bool((w == -w[..., ::-1]).all()) for _, w, _ in kernels) > 2
    assert sum(w.size > 3 and np.count_nonzero(w) == 1 for _, w, _ in kernels) > 2


@pytest.mark.parametrize(("dtype", "bits"), [("float32", range(10, 23)), ("float64", range(15, 51))])
def test_wide_sums_are_of_any_size(dtype: str, bits: range) -> None:
    found = set()
    for case in (each for seed in range(4) for each in some(NAMES[2], seed) if each.dtype == dtype):
        answer = required(case, ())
        assert isinstance(answer, Answer)
        found.add(int(abs(exact(case, answer).values).max(initial=0)).bit_length())
    assert len(found & set(bits)) > 0.8 * len(bits)


@pytest.mark.parametrize("form", test_structure.FORMS)
@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 3, 4), (3, 2, 5)])
def test_a_form_keeps_the_shape_and_makes_no_new_numbers(form: test_structure.Form, shape: tuple[int, ...]) -> None:
    part = np.arange(1, np.prod(shape) + 1).reshape(shape)
    for at in range(12):
        made = form(part, at)
        assert made.shape == shape
        assert set(abs(made).flat) <= {0, *part.flat}


def test_a_transform_in_the_narrow_dtype_is_spared_although_it_misses_whole_numbers() -> None:
    name = "fft-in-the-dtype"
    judged = implementation(COLLECTION[name].parts)
    missed = 0
    for case in some(NAMES[2]):
        outcome, answer = judged.run(case), required(case, ())
        assert isinstance(outcome, Computed)
        assert isinstance(answer, Answer)
        missed += mismatch(case, outcome, answer) is not None
    assert missed
    assert Session(implementation=judged, seed=1, examples=100).hold(LAWS[NAMES[2]]).verdict == "conforms"
