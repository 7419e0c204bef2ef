"""[I16] Arrays in another arrangement hold the same numbers, and are what their name says."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest

from convt_spec.case import Case, Integers
from convt_spec.data import arrays, numbers
from convt_spec.memory import FORMS, source
from convt_spec.problem import Memory, Problem

PROBLEM = Problem(batch=2, in_channels=4, out_channels=3, length=5, kernel_size=3, bias=True)
TRAITS: dict[str, Any] = {
    "strided": lambda a: a.strides[-1] == 2 * a.itemsize,
    "reversed": lambda a: all(stride < 0 for stride in a.strides),
    "transposed": lambda a: a.flags.f_contiguous and (a.ndim == 1 or not a.flags.c_contiguous),
    "readonly": lambda a: not a.flags.writeable and a.flags.c_contiguous,
    "unaligned": lambda a: not a.flags.aligned and a.flags.writeable,
    "swapped": lambda a: not a.dtype.isnative,
    "offset": lambda a: a.flags.c_contiguous and not a.flags.owndata,
    "broadcast": lambda a: a.strides[0] == 0,
    "cropped": lambda a: a.base is not None and a.base.shape[-1] == 2 * a.shape[-1] and a.strides == a.base.strides,
    "crossed": lambda a: a.ndim == 1 or (not a.flags.c_contiguous and a.swapaxes(-1, -2).flags.c_contiguous),
}


def held(memory: str, **changes: Any) -> list[Any]:
    case = Case(problem=PROBLEM.with_(memory=memory, **changes), data=Integers(3))
    return [array for array in arrays(case) if array is not None]


def test_every_form_has_a_name_and_a_trait() -> None:
    assert {"plain", *FORMS} == set(get_args(Memory)) == {"plain", *TRAITS}


@pytest.mark.parametrize("data_format", ["NCL", "NLC"])
@pytest.mark.parametrize("memory", FORMS)
def test_the_numbers_stay_and_the_arrangement_changes(memory: str, data_format: str) -> None:
    plain = held("plain", data_format=data_format)
    assert len(plain) == 3
    for array, other in zip(held(memory, data_format=data_format), plain, strict=True):
        assert TRAITS[memory](array), memory
        assert not TRAITS[memory](other) or (memory in ("transposed", "crossed") and other.ndim == 1)
        expected = np.broadcast_to(other[:1], other.shape) if memory == "broadcast" else other
        assert array.shape == other.shape
        assert array.dtype.name == other.dtype.name
        assert (array == expected).all()


@pytest.mark.parametrize(("memory", "strides"), [("cropped", (160, 40, 4)), ("crossed", (80, 4, 16)), ("transposed", (4, 8, 32))])
def test_an_input_of_4_channels_and_5_samples_has_these_strides(memory: str, strides: tuple[int, ...]) -> None:
    assert held("plain")[0].strides == (80, 20, 4)
    assert held(memory)[0].strides == strides


def test_broadcast_numbers_are_exact_too() -> None:
    data = numbers(Case(problem=PROBLEM.with_(memory="broadcast"), data=Integers(3)))
    assert (data.x == data.x[:1]).all()
    assert data.bias is not None
    assert len(set(data.bias.tolist())) == 1


@pytest.mark.parametrize("memory", FORMS)
def test_the_lines_of_a_script_make_the_same_arrays(memory: Memory) -> None:
    names: dict[str, Any] = {"np": np, **dict(zip("xwb", held("plain"), strict=True))}
    exec("\n".join(source(memory, ["x", "w", "b"])), names)
    for name, array in zip("xwb", held(memory), strict=True):
        assert (names[name] == array).all()
        assert names[name].strides == array.strides
        assert names[name].flags.writeable == array.flags.writeable


def test_plain_arrays_need_no_line_and_empty_ones_stay_plain() -> None:
    assert source("plain", ["x"]) == []
    for memory in FORMS:
        assert held(memory, batch=0)[0].shape == (0, 4, 5)
