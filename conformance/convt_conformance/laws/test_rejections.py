"""Calls that mean nothing, or do not fit their arrays, are refused."""

from __future__ import annotations

from functools import partial
from typing import Any

from hypothesis import strategies as st

from convt_conformance.law import law
from convt_conformance.strategies import Strategy, Supports, any_form, calls, forms, in_company, small_cases, varied
from convt_conformance.telling import all_cases, grid
from convt_conformance.trial import Trial
from convt_spec.case import Case
from convt_spec.problem import OMITTED


@law("I1", lambda supports: in_company(supports, stride=any_form(-2, 0)))
def test_I1_stride_below_one(trial: Trial, case: Case) -> None:
    """stride is at least 1."""
    trial.judge(case)


UNDILATED = {"batch": (1, 2), "kernel_size": (1, 2), "length": (1, 4), "dilation": (0, -1)}


@law(
    "I2",
    lambda supports: in_company(supports, dilation=any_form(-2, 0), kernel_size=st.integers(1, 4)),
    first=partial(all_cases, grid(**UNDILATED)),
)
def test_I2_dilation_below_one(trial: Trial, case: Case) -> None:
    """dilation is at least 1."""
    trial.judge(case)


@law("I3", lambda supports: in_company(supports, kernel_size=0, length=st.integers(2, 5)))
def test_I3_no_kernel(trial: Trial, case: Case) -> None:
    """kernel_size is at least 1."""
    trial.judge(case)


@law("I4", lambda supports: in_company(supports, groups=st.integers(-2, 0)))
def test_I4_groups_below_one(trial: Trial, case: Case) -> None:
    """groups is at least 1."""
    trial.judge(case)


def undivided_cases(supports: Supports) -> Strategy:
    """Input channels that the groups do not divide, or in a layer output channels; a function sees those through the kernel only."""

    def one_more(case: Case, name: str) -> Case:
        return case.with_(**{name: getattr(case.problem, name) + 1})

    inputs = in_company(supports, groups=st.integers(2, 3)).map(lambda case: one_more(case, "in_channels"))
    outputs = in_company(supports, call="layer", groups=st.integers(2, 3)).map(lambda case: one_more(case, "out_channels"))
    return inputs | outputs if "layer" in supports else inputs


@law("I5", undivided_cases)
def test_I5_groups_divide(trial: Trial, case: Case) -> None:
    """groups divides the channels."""
    trial.judge(case)


def other_channels_cases(supports: Supports) -> Strategy:
    counted = in_company(supports, flaw=st.sampled_from(["kernel-channels", "fewer-kernel-channels"]), in_per_group=st.integers(2, 3))
    if "groups" not in supports:
        return counted
    flaws = st.sampled_from(["kernel-per-group", "kernel-times-groups"])
    return counted | in_company(supports, flaw=flaws, groups=st.integers(2, 3))


@law("I6", other_channels_cases)
def test_I6_channels_match(trial: Trial, case: Case) -> None:
    """The kernel has as many input channels as the input."""
    trial.judge(case)


def wrong_rank_cases(supports: Supports) -> Strategy:
    flaws = st.sampled_from(["input-rank-2", "input-rank-4", "input-rank-4-at-1", "input-rank-4-at-2", "input-rank-4-at-3"])
    return in_company(supports, flaw=flaws, in_per_group=st.integers(2, 3), length=st.integers(4, 6))


@law("I7", wrong_rank_cases)
def test_I7_input_rank(trial: Trial, case: Case) -> None:
    """The input has three axes."""
    trial.judge(case)


KERNEL_RANKS = ["kernel-rank-2", "kernel-rank-4", "kernel-rank-4-at-1", "kernel-rank-4-at-2", "kernel-rank-4-at-3"]


@law("I8", lambda supports: in_company(supports, flaw=st.sampled_from(KERNEL_RANKS)))
def test_I8_kernel_rank(trial: Trial, case: Case) -> None:
    """The kernel has three axes."""
    trial.judge(case)


def other_bias_cases(supports: Supports) -> Strategy:
    flaws = ["bias-length", "bias-shorter", "bias-of-one", "bias-rank-0", "bias-rank-2", "bias-rank-2-at-1"]
    pins = {"bias": True, "bias_attr": OMITTED, "out_per_group": st.integers(2, 3)}
    counted = in_company(supports, flaw=st.sampled_from(flaws), **pins)
    if "groups" not in supports:
        return counted
    shared = in_company(supports, flaw="bias-per-group", groups=st.integers(2, 3), **pins)
    return st.integers(0, 3).flatmap(lambda drawn: counted if drawn else shared)


@law("I9", other_bias_cases)
def test_I9_bias_length(trial: Trial, case: Case) -> None:
    """The bias has one axis with one number per output channel, also where one number, or those of a group, would do for all."""
    trial.judge(case)


def negative_cases(supports: Supports) -> Strategy:
    """A negative padding, also one that an output_padding outweighs."""
    padding = any_form(-3, -1)
    outweighed = small_cases(supports, call=calls(supports), padding=padding, stride=st.integers(2, 4), output_padding=1)
    return in_company(supports, padding=padding) | outweighed if "output_padding" in supports else in_company(supports, padding=padding)


@law("I10", negative_cases)
def test_I10_negative_padding(trial: Trial, case: Case) -> None:
    """padding is not negative."""
    trial.judge(case)


@law("I11", lambda supports: in_company(supports, output_padding=any_form(-3, -1), stride=4, length=st.integers(2, 5), kernel_size=4))
def test_I11_negative_output_padding(trial: Trial, case: Case) -> None:
    """output_padding is not negative."""
    trial.judge(case)


def fractions(*values: float) -> st.SearchStrategy[Any]:
    """Fractions, as themselves, in a list or in a tuple."""
    return st.sampled_from([form for value in values for form in forms(value)])


def fractional_cases(supports: Supports) -> Strategy:
    sizes = {"kernel_size": 5, "length": st.integers(2, 5)}
    drawn = {
        "stride": fractions(1.5, 2.5),
        "padding": fractions(1.5, 2.5, 0.5),
        "dilation": fractions(1.5, 2.5),
        "output_padding": fractions(1.5, 2.5, 0.5),
        "output_size": fractions(17.5),
        "groups": st.sampled_from([1.5, 2.5]),
    }
    by_name = st.sampled_from(list(drawn)).flatmap(lambda name: in_company(supports, **sizes, **{"stride": 3, name: drawn[name]}))
    kernels = in_company(supports, call="layer", kernel_size=2, kernel_form=fractions(2.5))
    return by_name | kernels if "layer" in supports else by_name


@law("I12", fractional_cases)
def test_I12_whole_numbers(trial: Trial, case: Case) -> None:
    """A fraction of a sample is refused, alone, in a list or in a tuple."""
    trial.judge(case)


def itemless_cases(supports: Supports) -> Strategy:
    return small_cases(supports, **{**varied(supports), "call": calls(supports), "batch": 0, "stride": st.integers(1, 3)})


@law("I15", itemless_cases)
def test_I15_empty_batch(trial: Trial, case: Case) -> None:
    """An empty batch gives an empty result, or is refused."""
    trial.judge(case)
