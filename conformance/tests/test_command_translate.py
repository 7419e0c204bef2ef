"""`convt translate`: what it prints, and its errors."""

from __future__ import annotations

import pytest
from runs import assert_error, convt


def test_both_calls_are_shown() -> None:
    ran = convt("translate", "bundled", "torch", "stride=2", "padding=SAME", "kernel_size=4")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("bundled ")
    assert "convt_impl.conv1d_transpose(x, w, stride=2, padding='SAME')" in ran.out
    assert "torch.nn.functional.conv_transpose1d(torch.from_numpy(x), torch.from_numpy(w), stride=2, padding=1)" in ran.out
    assert ran.out.endswith("length 1 to 12, 16, 33, 100 and kernel_size 4\n")


def test_what_depends_on_the_kernel_is_told_for_each() -> None:
    out = convt("translate", "bundled", "torch", "stride=2", "padding=SAME").out
    assert "kernel_size=4 length 1 to 12, 16, 33, 100: stride=2 padding=1\n" in out
    assert "kernel_size=3 length 1 to 12, 16, 33, 100: not expressible, the call crops 0 samples at the start and 1 at the end\n" in out
    assert out.count("torch takes no padding of two ints") == 1


def test_other_words_for_the_same_argument() -> None:
    plain = convt("translate", "torch", "paddle", "stride=2", "dilation=3", "padding=1", "kernel_size=3")
    assert plain.code == 0
    assert convt("translate", "torch", "paddle", "strides=2", "dilation_rate=3", "pads=1", "K=3") == plain


def test_lists_are_written_as_in_python() -> None:
    ran = convt("translate", "paddle", "torch", "padding=[2,1]", "stride=2", "kernel_size=3")
    assert "stride=2 padding=[2,1]\n" in ran.out
    assert "stride=2 padding=2 output_padding=1\n" in ran.out
    assert convt("translate", "paddle", "torch", "padding=list:2:1", "stride=2", "kernel_size=3") == ran


def test_a_change_of_layout_is_said() -> None:
    ran = convt("translate", "paddle", "torch", "data_format=NLC", "stride=2")
    assert "x and y have the axes NLC in paddle, and NCL in torch\n" in ran.out


def test_not_expressible() -> None:
    ran = convt("translate", "torch", "tensorflow", "stride=2", "bias=true")
    assert ran.code == 1
    assert ran.out.startswith("not expressible in tensorflow ")
    assert ran.out.endswith("tf.nn.conv1d_transpose has no bias\n")


USAGE = {
    "unknown implementation": (("torhc", "paddle"), ("'torhc'", "did you mean torch?")),
    "unknown argument": (("torch", "paddle", "sride=2"), ("'sride=2'", "stride")),
    "no value": (("torch", "paddle", "stride"), ("'stride'", "KEY=VALUE")),
    "no argument": (("torch", "paddle", "stride=2.x"), ("'2.x'", "whole number")),
    "no size": (("torch", "paddle", "length=0"), ("'0'", "whole number from 1")),
    "no bias": (("torch", "paddle", "bias=2"), ("'2'", "true or false")),
    "no call": (("torch", "paddle", "call=class"), ("'class'", "function or layer")),
    "no call of its own": (("torch", "paddle", "padding=SAME"), ("no call of torch", "no string padding")),
    "depends on the length": (("torch", "tensorflow", "stride=2", "padding=1"), ("length=",)),
    "given twice": (("torch", "paddle", "stride=2", "strides=3"), ("stride", "twice")),
}


@pytest.mark.parametrize("name", USAGE)
def test_wrong_usage_gets_one_sentence(name: str) -> None:
    line, told = USAGE[name]
    assert_error(convt("translate", *line), 2, *told)
