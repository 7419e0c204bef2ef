"""What was asked of a framework, in the document's terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from convt_spec.case import Case
from convt_spec.data import arrays
from convt_spec.lengths import full_length
from convt_spec.problem import OMITTED, plain


def one(value: object) -> int:
    """The int, or that of a list of one."""
    (found,) = value if isinstance(value, list | tuple) else (value,)
    assert isinstance(found, int), f"{value!r} is no whole number"
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One call. `x` is (N, C_in, L), or this shape where the call gets no more of it, `weight` (C_in, C_out/groups, K), `bias` (C_out,)
    or None.

    `padding` is the crop of the full result in samples, (left, right), or a word. `output_padding` counts the samples that are added at
    the tail; `length` is the output's length where the call names one, else None, and then output_padding stands for itself.
    """

    x: npt.NDArray[Any] | tuple[int, ...]
    weight: npt.NDArray[Any]
    bias: npt.NDArray[Any] | None = None
    stride: int = 1
    padding: tuple[int, int] | str = (0, 0)
    output_padding: int = 0
    length: int | None = None
    groups: int = 1
    dilation: int = 1


def assert_sent(found: Sent, case: Case) -> None:
    """That a call asks for what the case asks for, where its numbers are plain, or held in lists of one."""
    problem = case.problem
    x, weight, bias = arrays(case)
    x = x.transpose(0, 2, 1) if problem.layout == "NLC" else x
    if isinstance(found.x, tuple):
        assert found.x == x.shape
    else:
        same(found.x, x, "x")
    same(found.weight, weight, "weight")
    if bias is None:
        assert found.bias is None or not found.bias.any()
    else:
        assert found.bias is not None, "the bias was left out"
        same(found.bias, bias, "bias")
    stride, dilation = plain(problem.stride), plain(problem.dilation)
    assert (found.stride, found.dilation, found.groups) == (stride, dilation, plain(problem.groups))
    padding = problem.padding
    crop = (plain(padding, 0),) * 2 if not isinstance(padding, str) or padding == "VALID" else padding
    assert found.padding in ({crop, "VALID"} if crop == (0, 0) else {crop}), f"padding {found.padding}, not {crop}"
    added, asked = plain(problem.output_padding, 0), problem.output_size
    if found.length is None:
        assert asked is OMITTED, f"the length {asked} was left out"
        assert found.output_padding == added
    elif asked is not OMITTED:
        assert found.length == plain(asked)
    else:
        assert isinstance(crop, tuple), "a length was made up for SAME"
        assert found.length == full_length(problem.length, problem.kernel_size, stride, dilation) - sum(crop) + added


def same(found: npt.NDArray[Any], wanted: npt.NDArray[Any], what: str) -> None:
    """That two arrays are equal in shape, dtype and numbers."""
    assert (found.shape, found.dtype) == (wanted.shape, wanted.dtype), f"{what} has {found.shape}, not {wanted.shape}"
    assert np.array_equal(found, wanted), f"{what} holds other numbers"
