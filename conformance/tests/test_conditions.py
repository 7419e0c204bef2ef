"""Conditions say what they mean of a case, and refuse what they cannot mean."""

from __future__ import annotations

import pytest

from convt_conformance.conditions import ConditionError, condition
from convt_spec.case import Case

CASE = Case.parse(
    "layer,N2,C4,M6,L5,K3,stride=4,padding=list:1:2,output_size=none,groups=2,dilation=tuple:6,data_format=NLC,bias_attr=false,float64,real:1"
)
TRUE = (
    *("", "batch == 2 and in_channels == 4 and out_channels == 6", "length == 5", "kernel_size < length", "stride > 1"),
    *("in_per_group == 2 and out_per_group == 3", "gcd(stride, dilation) == 2", "max(stride, dilation) == 6", "dilation_form == 'tuple'"),
    *("padding == 'list:1:2'", "output_size == None", "output_size_form == 'none'", "output_padding == 0", "stride_form == 'number'"),
    *("extent == 13", "full_length == 29", "layout == 'NLC'", "dtype == 'float64'", "data == 'real'", "call in ('layer', 'positional')"),
    *("not bias", "bias_attr_form == 'flag'", "kernel_form_form == 'omitted'", "flaw == 'none'", "length % 2 == 1", "-stride < 0"),
)
FALSE = (
    *("batch == 3", "bias", "bias or stride == 3", "padding > 0", "padding < 'SAME' and padding > 1", "output_size > 3", "length % 0 == 1"),
    *("gcd(padding, 2) == 1", "not length", "layout == 'NCL'"),
)


@pytest.mark.parametrize("text", TRUE)
def test_it_holds(text: str) -> None:
    assert condition(text).holds(CASE)


@pytest.mark.parametrize("text", FALSE)
def test_it_does_not_hold(text: str) -> None:
    assert not condition(text).holds(CASE)


def test_arguments_that_are_left_out_stand_at_their_defaults() -> None:
    plain = Case.parse("N1,C1,M1,L1,K1,float32,int:1")
    text = "stride == dilation == groups == 1 and padding == output_padding == 0 and output_size == None and stride_form == 'omitted'"
    assert condition(text).holds(plain)


@pytest.mark.parametrize("text", ["padding == 1.5", "padding_form == 'list'", "stride == 'tuple:1:0.5'", "output_padding == 'list'"])
def test_fractions_and_other_counts_in_lists(text: str) -> None:
    case = Case.parse("N1,C1,M1,L1,K1,stride=tuple:1:0.5,padding=list:1.5,output_padding=list,float32,int:1")
    assert condition(text).holds(case)


REFUSED = {
    "stride =": "not a condition",
    "stride = 2": "not a condition",
    "strides > 1": "unknown name 'strides'",
    "stride.real": "cannot hold 'stride.real'",
    "__import__('os')": "may call gcd, min, max only",
    "gcd(a=1)": "may call gcd, min, max only",
    "(lambda: 1)()": "may call",
    "[stride]": "cannot hold '[stride]'",
    "stride ** 2": "cannot hold 'stride ** 2'",
    "1 + stride / 2": "cannot hold 'stride / 2'",
    "not " * 5000 + "bias": "not a condition",
    "stride == b'1'": "cannot hold",
    "stride[0]": "cannot hold",
    "(" * 5000: "not a condition",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ConditionError) as found:
        condition(text)
    assert REFUSED[text] in str(found.value)


@pytest.mark.parametrize("text", ["max(()) > 1", "'%q' % stride", "'%s' % (1, 2) == 'a'"])
def test_what_cannot_be_worked_out_does_not_hold(text: str) -> None:
    assert not condition(text).holds(Case.parse("N1,C1,M1,L2,K2,float32,int:1"))
