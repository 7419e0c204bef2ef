"""The numbers in the result."""

from __future__ import annotations

from functools import partial

from hypothesis import strategies as st

from convt_conformance.judge import DTYPE
from convt_conformance.law import Trial, law
from convt_conformance.strategies import Strategy, Supports, calls, ordinary_cases, small_cases
from convt_conformance.telling import grid, telling_cases
from convt_spec.case import Case, Reals
from convt_spec.problem import OMITTED


@law("V1", ordinary_cases, every=True)
def test_V1_values(trial: Trial, case: Case) -> None:
    """Every ordinary call is accepted, and each sample is the sum that the definition gives."""
    trial.judge(case)


@law("V1", lambda supports: ordinary_cases(supports, length=st.integers(60, 300), kernel_size=st.integers(1, 12)))
def test_V1_values_of_long_inputs(trial: Trial, case: Case) -> None:
    """The same over inputs longer than the blocks that implementations work in."""
    trial.judge(case)


LARGE = {
    "kernel_size": st.integers(21, 80),
    "stride": st.integers(6, 24),
    "dilation": st.integers(5, 24),
    "batch": st.integers(4, 12),
    "in_per_group": st.integers(4, 80),
    "out_per_group": st.integers(4, 80),
    "groups": st.integers(4, 12),
}
FEATURES = {"dilation": "dilation", "groups": "groups"}


def large_cases(supports: Supports) -> Strategy:
    """One attribute at a time beyond the sizes that the other laws draw."""
    names = [name for name in LARGE if FEATURES.get(name, supports[0]) in supports]
    small = {"length": st.integers(1, 9), "kernel_size": st.integers(1, 4), "groups": OMITTED}
    return st.sampled_from(names).flatmap(lambda name: ordinary_cases(supports, **{**small, name: LARGE[name]}))


@law("V1", large_cases)
def test_V1_values_of_large_sizes(trial: Trial, case: Case) -> None:
    """The same with many taps, channels, groups or items, or with a wide stride or dilation."""
    trial.judge(case)


@law(
    "V3",
    lambda supports: ordinary_cases(supports, length=st.integers(1, 9)),
    first=partial(telling_cases, "V3", grid(length=(1, 2), kernel_size=(1, 2))),
)
def test_V3_no_activation(trial: Trial, case: Case) -> None:
    """Negative results stay, or an activation cuts them off."""
    trial.judge(case)


@law("V5", ordinary_cases, aspects=DTYPE)
def test_V5_dtype(trial: Trial, case: Case) -> None:
    """The result has the input's dtype."""
    trial.judge(case)


def real_cases(supports: Supports) -> Strategy:
    data = st.integers(0, 2**16 - 1).map(Reals)
    return ordinary_cases(supports, data=data, length=st.integers(30, 100), in_per_group=st.integers(1, 6))


@law("V7", real_cases)
def test_V7_rounding(trial: Trial, case: Case) -> None:
    """Full-width numbers come out within the rounding that the dtype's own arithmetic causes."""
    trial.judge(case)


@law("D1", lambda supports: ordinary_cases(supports, dilation=st.integers(2, 5), kernel_size=st.integers(2, 6)))
def test_D1_dilation(trial: Trial, case: Case) -> None:
    """Taps stand dilation samples apart."""
    trial.judge(case)


@law(
    "D1",
    lambda supports: small_cases(supports, call=calls(supports), dilation=st.integers(1, 4), dtype=st.sampled_from(["float32", "float64"])),
    every=True,
)
def test_D1_dilation_accepted(trial: Trial, case: Case) -> None:
    """A dilation of any size is accepted, in either dtype."""
    trial.judge(case)


def padded_cases(supports: Supports) -> Strategy:
    return ordinary_cases(supports, padding=st.integers(1, 4), kernel_size=st.integers(9, 14))


@law("P1", padded_cases, first=partial(telling_cases, "P1", grid(length=(1, 2), kernel_size=(1, 2, 3), padding=(1,))))
def test_P1_padding(trial: Trial, case: Case) -> None:
    """padding crops both ends of the result, or adds zeros to both ends of the input."""
    trial.judge(case)


@law("N2", lambda supports: ordinary_cases(supports, stride=st.integers(2, 5), dilation=OMITTED))
def test_N2_one_to_many(trial: Trial, case: Case) -> None:
    """With a stride above 1 each input sample reaches K outputs, stride apart from its neighbour's."""
    trial.judge(case)
