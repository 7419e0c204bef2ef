"""What an argument means when it is left out."""

from __future__ import annotations

from convt_conformance.law import Trial, law
from convt_conformance.strategies import Strategy, Supports, ordinary_cases
from convt_spec.case import Case
from convt_spec.problem import OMITTED


def without(name: str, supports: Supports) -> Strategy:
    return ordinary_cases(supports, **{name: OMITTED})


@law("A2", lambda supports: without("stride", supports))
def test_A2_default_stride(trial: Trial, case: Case) -> None:
    """Without stride, stride is 1."""
    trial.judge(case)


@law("A3", lambda supports: without("padding", supports))
def test_A3_default_padding(trial: Trial, case: Case) -> None:
    """Without padding, nothing is cropped."""
    trial.judge(case)


@law("A4", lambda supports: without("output_padding", supports))
def test_A4_default_output_padding(trial: Trial, case: Case) -> None:
    """Without output_padding, nothing is added."""
    trial.judge(case)


@law("A5", lambda supports: without("groups", supports))
def test_A5_default_groups(trial: Trial, case: Case) -> None:
    """Without groups, every input channel meets every output channel."""
    trial.judge(case)


@law("A6", lambda supports: without("dilation", supports))
def test_A6_default_dilation(trial: Trial, case: Case) -> None:
    """Without dilation, the taps are neighbours."""
    trial.judge(case)


@law("A7", lambda supports: without("data_format", supports))
def test_A7_default_data_format(trial: Trial, case: Case) -> None:
    """Without data_format, the input is NCL."""
    trial.judge(case)


@law("A8", lambda supports: ordinary_cases(supports, call="layer", bias_attr=False))
def test_A8_weight_without_weight_attr(trial: Trial, case: Case) -> None:
    """A layer made without weight_attr has a kernel that can be set and is used."""
    trial.judge(case)


@law("A9", lambda supports: ordinary_cases(supports, call="layer", bias_attr=OMITTED))
def test_A9_bias_without_bias_attr(trial: Trial, case: Case) -> None:
    """A layer made without bias_attr has a bias that can be set and is added."""
    trial.judge(case)
