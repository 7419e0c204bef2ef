"""The cases beside a failing one differ from it in one thing."""

from __future__ import annotations

import pytest

from convt_conformance.beside import beside
from convt_conformance.conditions import quantities
from convt_conformance.protocol import FEATURES
from convt_spec.case import Case

BASES = (
    "N1,C1,M1,L1,K4,stride=2,padding=1,float32,int:1",
    "N2,C6,M4,L57,K12,stride=4,padding=SAME,groups=2,dilation=5,data_format=NLC,bias,float32,int:65535",
    "N2,C6,M3,L20,K3,stride=tuple:2,output_size=44,groups=3,dilation=2,float64,real:1",
    "layer,N1,C2,M2,L4,K3,kernel_form=list:3,float32,int:7",
)
TOGETHER = {
    *("extent", "full_length", "output_size", "in_per_group", "out_per_group", "kernel_form", "kernel_form_form"),
    *(f"{name}_form" for name in ("stride", "padding", "output_padding", "dilation", "data_format", "groups")),
}
"""What follows from something else, or says how it is written."""
MOVED = ({"groups", "in_channels", "out_channels"}, {"data_format", "layout"})
"""What changes at once."""


@pytest.mark.parametrize("text", BASES)
def test_one_thing_differs(text: str) -> None:
    case = Case.parse(text)
    before = quantities(case)
    found = list(beside(case, FEATURES))
    assert len(found) == len(set(found)) > 50
    assert case not in found
    for each in found:
        changed = {name for name, value in quantities(each).items() if value != before[name]} - TOGETHER
        assert len(changed) <= 1 or any(changed <= together for together in MOVED), (str(each), changed)


@pytest.mark.parametrize("text", BASES)
def test_every_attribute_that_is_a_number_is_changed(text: str) -> None:
    case = Case.parse(text)
    found = [quantities(each) for each in beside(case, FEATURES)]
    before = quantities(case)
    for name in ("batch", "in_channels", "out_channels", "length", "kernel_size", "stride", "dilation", "dtype"):
        assert any(each[name] != before[name] for each in found), name


def test_an_output_size_keeps_its_distance() -> None:
    case = Case.parse("N1,C1,M1,L3,K2,stride=2,output_size=7,float32,int:1")
    lengths = {each.problem.length: each.problem.output_size for each in beside(case, FEATURES) if each.problem.length != 3}
    assert all(size == (length - 1) * 2 + 2 + 1 for length, size in lengths.items())


def test_what_is_not_supported_is_left_out() -> None:
    case = Case.parse("N1,C1,M1,L3,K2,float32,int:1")
    for each in beside(case, ("NCL", "function", "float32")):
        assert quantities(each)["dilation"] == 1
        assert (each.layout, each.dtype, each.problem.bias) == ("NCL", "float32", False)
