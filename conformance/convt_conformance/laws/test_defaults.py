"""What an argument means when it is left out: the same as when its documented default is passed."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from convt_conformance.judge import SHAPE
from convt_conformance.law import law
from convt_conformance.laws.alike import require_accepted
from convt_conformance.strategies import Strategy, Supports, also_asked, in_any_form, ordinary_cases, widely
from convt_conformance.trial import Trial
from convt_spec.case import Case
from convt_spec.problem import OMITTED


def without(name: str, supports: Supports) -> Strategy:
    """Calls that leave the argument out, half of them with an output_size, for which some implementations have another path, and half
    of them with the others in any form."""
    cases = also_asked(supports, ordinary_cases(supports, **{name: OMITTED}))
    return cases | in_any_form(cases)


def same_as_passed(trial: Trial, case: Case, name: str, default: Any) -> None:
    """Both calls give the same numbers, whether or not they are the right ones, and what is computed in one is not refused in the other."""
    other = case.with_(**{name: default})
    left_out, passed = trial.compute(case), trial.compute(other)
    if left_out is not None and passed is not None:
        trial.equal(left_out, passed, case)
    elif passed is not None:
        require_accepted(trial, case, other)


@law("A2", lambda supports: without("stride", supports))
def test_A2_default_stride(trial: Trial, case: Case) -> None:
    """Without stride, stride is 1."""
    same_as_passed(trial, case, "stride", 1)


@law("A3", lambda supports: without("padding", supports))
def test_A3_default_padding(trial: Trial, case: Case) -> None:
    """Without padding, nothing is cropped."""
    same_as_passed(trial, case, "padding", 0)


@law("A4", lambda supports: widely(supports, {"stride": st.integers(25, 64), "length": st.integers(1, 9)}, output_padding=OMITTED))
def test_A4_default_output_padding(trial: Trial, case: Case) -> None:
    """Without output_padding, nothing is added."""
    same_as_passed(trial, case, "output_padding", 0)


@law("A5", lambda supports: without("groups", supports))
def test_A5_default_groups(trial: Trial, case: Case) -> None:
    """Without groups, every input channel meets every output channel."""
    same_as_passed(trial, case, "groups", 1)


@law("A6", lambda supports: without("dilation", supports))
def test_A6_default_dilation(trial: Trial, case: Case) -> None:
    """Without dilation, the taps are neighbours."""
    same_as_passed(trial, case, "dilation", 1)


def unnamed_layout_cases(supports: Supports) -> Strategy:
    """Also inputs that a swap of their last two axes leaves alike."""
    wide = {"in_per_group": st.integers(10, 16), "length": st.integers(10, 16), "groups": OMITTED}
    return widely(supports, wide, data_format=OMITTED)


@law("A7", unnamed_layout_cases)
def test_A7_default_data_format(trial: Trial, case: Case) -> None:
    """Without data_format, the input is NCL."""
    same_as_passed(trial, case, "data_format", "NCL")


def weight_cases(supports: Supports) -> Strategy:
    """Also kernels of thousands of numbers."""
    channels = st.integers(20, 40)
    wide = {"in_per_group": channels, "out_per_group": channels, "groups": OMITTED, "length": st.integers(1, 5), "kernel_size": 3}
    return widely(supports, wide, call="layer", bias_attr=False)


@law("A8", weight_cases)
def test_A8_weight_without_weight_attr(trial: Trial, case: Case) -> None:
    """A layer made without weight_attr has a kernel that can be set and is used."""
    trial.judge(case)


def fresh_cases(supports: Supports, parameters: str) -> Strategy:
    """Layers whose own parameters are used; they are float32."""
    return ordinary_cases(supports, call="layer", bias_attr=OMITTED, parameters=parameters, dtype="float32", length=st.integers(1, 12))


@law("A8", lambda supports: fresh_cases(supports, "fresh"), aspects=SHAPE)
def test_A8_fresh_layer(trial: Trial, case: Case) -> None:
    """A layer can be called as it was made, whatever its kernel holds."""
    trial.judge(case)


@law("A9", lambda supports: fresh_cases(supports, "fresh-bias"))
def test_A9_fresh_bias(trial: Trial, case: Case) -> None:
    """A layer whose bias nobody has set adds zeros, as the documented example shows."""
    trial.judge(case)


def bias_cases(supports: Supports) -> Strategy:
    return widely(supports, {"out_per_group": st.integers(81, 200), "length": st.integers(1, 5)}, call="layer", bias_attr=OMITTED)


@law("A9", bias_cases)
def test_A9_bias_without_bias_attr(trial: Trial, case: Case) -> None:
    """A layer made without bias_attr has a bias that can be set and is added."""
    trial.added_bias(case, case.with_(bias_attr=False))
