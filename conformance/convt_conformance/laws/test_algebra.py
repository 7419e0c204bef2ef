"""Identities between results of several calls; they need no oracle."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from convt_conformance.law import law
from convt_conformance.laws.literals import literal
from convt_conformance.strategies import Strategy, Supports, one_wide_side, ordinary_cases, widely
from convt_conformance.trial import Trial
from convt_spec.case import Case, Integers
from convt_spec.data import numbers
from convt_spec.forward import conv1d
from convt_spec.problem import OMITTED, plain

Whole = npt.NDArray[Any]
UNBIASED = {"bias": False, "bias_attr": False}
SHORT = st.integers(1, 8)
"""Lengths for identities whose cases are written out as literals."""


def joined(parts: list[npt.NDArray[Any] | None], axis: int) -> npt.NDArray[Any]:
    """The parts side by side, or nothing where their other sizes differ, so that no result equals it."""
    there = [part for part in parts if part is not None]
    others = {tuple(size for number, size in enumerate(part.shape) if number != axis) for part in there}
    return np.concatenate(there, axis=axis) if len(others) == 1 else np.empty(0)


def combined(one: npt.NDArray[Any], two: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Twice the one less three times the other, or nothing where their shapes differ."""
    return 2 * one - 3 * two if one.shape == two.shape else np.empty(0)


def other_data(case: Case) -> Case:
    """The same problem with other numbers."""
    seed = case.data.seed if isinstance(case.data, Integers) else 0
    return Case(problem=case.problem, dtype=case.dtype, data=Integers(seed + 1_000_003))


@law("V2", lambda supports: ordinary_cases(supports, length=SHORT, **UNBIASED))
def test_V2_linear_in_the_input(trial: Trial, case: Case) -> None:
    """f(2x - 3y) = 2 f(x) - 3 f(y)."""
    first, second = numbers(case), numbers(other_data(case))
    cases = [case, literal(case, [second.x, first.weight]), literal(case, [2 * first.x - 3 * second.x, first.weight])]
    one, two, both = (trial.compute(each) for each in cases)
    if one is not None and two is not None and both is not None:
        trial.equal(both, combined(one, two), *cases)


@law("V2", lambda supports: ordinary_cases(supports, length=SHORT, **UNBIASED))
def test_V2_linear_in_the_kernel(trial: Trial, case: Case) -> None:
    """f(x, 2w - 3v) = 2 f(x, w) - 3 f(x, v)."""
    first, second = numbers(case), numbers(other_data(case))
    cases = [case, literal(case, [first.x, second.weight]), literal(case, [first.x, 2 * first.weight - 3 * second.weight])]
    one, two, both = (trial.compute(each) for each in cases)
    if one is not None and two is not None and both is not None:
        trial.equal(both, combined(one, two), *cases)


@law("V4", lambda supports: ordinary_cases(supports, batch=st.integers(2, 3), length=SHORT))
def test_V4_batch_does_not_mix(trial: Trial, case: Case) -> None:
    """Each item of a batch gives what it gives alone."""
    data = numbers(case)
    alone = [literal(case, [data.x[n], data.weight, data.bias], batch=1) for n in range(case.problem.batch)]
    together, parts = trial.compute(case), [trial.compute(each) for each in alone]
    if together is not None and all(part is not None for part in parts):
        trial.equal(together, joined(parts, 0), case, *alone)


def grouped_cases(supports: Supports) -> Strategy:
    many = widely(supports, {"groups": st.integers(4, 12), "length": st.integers(17, 60)}, groups=st.integers(2, 3))
    sizes = {"groups": st.integers(2, 3), "length": SHORT, "kernel_size": st.integers(1, 9)}
    return many | many | one_wide_side(supports, **sizes)


@law("G1", grouped_cases)
def test_G1_groups(trial: Trial, case: Case) -> None:
    """Each group of the kernels meets its own group of the input channels."""
    trial.judge(case)


@law("G1", lambda supports: ordinary_cases(supports, groups=st.integers(2, 3), length=SHORT))
def test_G1_group_by_group(trial: Trial, case: Case) -> None:
    """A call with groups is the calls of its groups side by side."""
    problem, data = case.problem, numbers(case)
    groups = problem.group_count
    rows, columns = problem.in_channels // groups, problem.out_channels // groups
    alone = []
    for j in range(groups):
        bias = None if data.bias is None else data.bias[j * columns : (j + 1) * columns]
        here = slice(j * rows, (j + 1) * rows)
        alone.append(literal(case, [data.x[:, here], data.weight[here], bias], groups=OMITTED, in_channels=rows, out_channels=columns))
    together, parts = trial.compute(case), [trial.compute(each) for each in alone]
    if together is not None and all(part is not None for part in parts):
        trial.equal(together, joined(parts, 1), case, *alone)


@law("D1", lambda supports: ordinary_cases(supports, dilation=st.integers(2, 4), kernel_size=st.integers(2, 5), length=SHORT))
def test_D1_kernel_with_holes(trial: Trial, case: Case) -> None:
    """A dilated kernel is the kernel with zeros between its taps."""
    data, dilation = numbers(case), plain(case.problem.dilation)
    holes = np.zeros((*data.weight.shape[:2], dilation * (data.weight.shape[2] - 1) + 1), np.int64)
    holes[..., ::dilation] = data.weight
    other = literal(case, [data.x, holes, data.bias], dilation=OMITTED, kernel_size=holes.shape[2])
    dilated, written = trial.compute(case), trial.compute(other)
    if dilated is not None and written is not None:
        trial.equal(dilated, written, case, other)


@law("N2", lambda supports: ordinary_cases(supports, stride=st.integers(2, 4), length=SHORT, output_padding=OMITTED))
def test_N2_input_with_zeros(trial: Trial, case: Case) -> None:
    """A stride is an input with zeros between its samples, at stride 1."""
    data, stride = numbers(case), plain(case.problem.stride)
    stuffed = np.zeros((*data.x.shape[:2], (data.x.shape[2] - 1) * stride + 1), np.int64)
    stuffed[..., ::stride] = data.x
    other = literal(case, [stuffed, data.weight, data.bias], stride=OMITTED, length=stuffed.shape[2])
    strided, written = trial.compute(case), trial.compute(other)
    if strided is not None and written is not None:
        trial.equal(strided, written, case, other)


def summed_cases(supports: Supports) -> Strategy:
    """Also sums of hundreds of products."""
    wide = {"in_per_group": st.integers(8, 16), "kernel_size": st.integers(21, 40), "length": st.integers(1, 12)}
    return widely(supports, wide, **UNBIASED)


@law("N1", summed_cases)
def test_N1_adjoint_of_conv1d(trial: Trial, case: Case) -> None:
    """The inner product of f(x) with any y is that of x with conv1d(y)."""
    result = trial.compute(case)
    if result is None:
        return
    problem, data = case.problem, numbers(case)
    y = np.arange(1, result.size + 1).reshape(result.shape) % 17 - 5
    shape = {"stride": plain(problem.stride), "dilation": plain(problem.dilation), "left": plain(problem.padding, 0)}
    sizes = (problem.batch, problem.out_channels)
    trial.require(case, result.shape[:2] == sizes, f"{result.shape[:2]} items and channels", f"{sizes}", kind="layout")
    back = conv1d(y, data.weight, length=problem.length, groups=problem.group_count, **shape)
    trial.equal(np.array((result * y).sum()), np.array(float((data.x * back).sum())), case)
