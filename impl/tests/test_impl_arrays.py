"""Dtypes, memory layouts, accepted forms of attributes, and what happens to the caller's arrays."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convt_impl import conv1d_transpose

Array = NDArray[Any]

DTYPES = ("float16", "float32", "float64", "complex64", "complex128")


def operands(dtype: str = "float32") -> tuple[Array, Array, Array]:
    x = np.arange(2 * 4 * 5).reshape(2, 4, 5) % 11
    weight = np.arange(4 * 3 * 2).reshape(4, 3, 2) % 7
    return x.astype(dtype), weight.astype(dtype), np.arange(10, 16).astype(dtype)


def assert_same(actual: Array, expected: Array) -> None:
    np.testing.assert_array_equal(actual, expected, strict=True)
    assert actual.flags.c_contiguous
    assert actual.flags.writeable
    assert actual.dtype.isnative


def unaligned(array: Array) -> Array:
    copy = np.frombuffer(b"\0" + array.tobytes(), dtype=np.uint8)[1:].view(array.dtype).reshape(array.shape)
    assert not copy.flags.aligned
    return copy


def spread(array: Array) -> Array:
    """Return the same values with gaps in memory along every axis, stored backwards."""
    room = np.zeros([2 * size for size in array.shape], dtype=array.dtype)
    gaps = room[tuple(slice(None, None, -2) for _ in array.shape)]
    gaps[...] = array
    return gaps


FORMS: dict[str, Callable[[Array], Array]] = {
    "fortran": np.asfortranarray,
    "spread": spread,
    "unaligned": unaligned,
    "swapped": lambda array: array.astype(array.dtype.newbyteorder()),
}


@pytest.mark.parametrize("data_format", ["NCL", "NLC"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("form", FORMS)
def test_memory_form_changes_nothing(form: str, dtype: str, data_format: str) -> None:
    x, weight, bias = operands(dtype)
    if data_format == "NLC":
        x = x.transpose(0, 2, 1)
    attributes: dict[str, Any] = {"stride": 2, "padding": 1, "groups": 2, "data_format": data_format}
    expected = conv1d_transpose(x.copy(), weight.copy(), bias.copy(), **attributes)
    formed = [FORMS[form](array) for array in (x, weight, bias)]
    before = [array.tobytes() for array in formed]
    for array in formed:
        array.flags.writeable = False
    assert_same(conv1d_transpose(*formed, **attributes), expected)
    assert [array.tobytes() for array in formed] == before


@pytest.mark.parametrize("dtype", DTYPES)
def test_result_aliases_no_input(dtype: str) -> None:
    # The kernel 1 returns the input's own values, which must still be a copy of them.
    x = np.arange(6).reshape(1, 1, 6).astype(dtype)
    weight = np.ones((1, 1, 1), dtype=dtype)
    actual = conv1d_transpose(x, weight)
    assert_same(actual, x.copy())
    assert not np.shares_memory(actual, x)
    actual[...] = -1
    np.testing.assert_array_equal(x.ravel(), np.arange(6).astype(dtype), strict=True)


@pytest.mark.parametrize("data_format", ["NCL", "NLC"])
def test_layouts_are_transposes_of_each_other(data_format: str) -> None:
    x, weight, bias = operands()
    expected = conv1d_transpose(x, weight, bias, groups=2, stride=3, output_padding=2)
    given = x if data_format == "NCL" else np.ascontiguousarray(x.transpose(0, 2, 1))
    actual = conv1d_transpose(given, weight, bias, groups=2, stride=3, output_padding=2, data_format=data_format)
    assert_same(actual, expected if data_format == "NCL" else np.ascontiguousarray(expected.transpose(0, 2, 1)))


@pytest.mark.parametrize("data_format", ["NCL", "NLC"])
def test_empty_batch_gives_an_empty_result(data_format: str) -> None:
    shape, expected = ((0, 4, 5), (0, 6, 10)) if data_format == "NCL" else ((0, 5, 4), (0, 10, 6))
    _, weight, bias = operands()
    actual = conv1d_transpose(np.zeros(shape, dtype=np.float32), weight, bias, groups=2, stride=2, data_format=data_format)
    assert_same(actual, np.zeros(expected, dtype=np.float32))


@pytest.mark.parametrize("form", [int, np.int8, np.uint64, lambda n: [n], lambda n: (np.int32(n),)])
def test_forms_of_one_int(form: Any) -> None:
    x, weight, bias = operands()
    expected = conv1d_transpose(x, weight, bias, stride=3, padding=2, output_padding=1, dilation=4, groups=2)
    plain = {"stride": 3, "padding": 2, "output_padding": 1, "dilation": 4}
    attributes = {name: form(value) for name, value in plain.items()}
    assert_same(conv1d_transpose(x, weight, bias, groups=np.int64(2), **attributes), expected)  # type: ignore[arg-type]
    attributes["output_size"] = form(expected.shape[2])
    attributes["output_padding"] = form(0)
    assert_same(conv1d_transpose(x, weight, bias, groups=2, **attributes), expected)


def test_nested_lists_are_float64() -> None:
    assert_same(conv1d_transpose([[[1.0, 2.0]]], [[[3.0, 4.0]]], [0.5]), np.array([[[3.5, 10.5, 8.5]]]))


@pytest.mark.parametrize("padding", [0, 1])
def test_half_precision_is_rounded_once(padding: int) -> None:
    # float16 rounds 2048 + 1 back to 2048; a second channel, a second tap and the bias each lose their 1 unless the sum is wider.
    x = np.array([[[0, 2048, 0], [1, 1, 0]]], dtype=np.float16)
    weight = np.ones((2, 1, 2), dtype=np.float16)
    actual = conv1d_transpose(x, weight, np.ones(1, dtype=np.float16), padding=padding)
    # 2051 lies between the float16 neighbours 2050 and 2052, of which the second is even.
    full = np.array([[[2, 2052, 2050, 1]]], dtype=np.float16)
    assert_same(actual, np.ascontiguousarray(full[:, :, padding : 4 - padding]))


def test_complex_values_are_not_conjugated() -> None:
    x = np.array([[[1 + 2j, 3 - 1j]]], dtype=np.complex64)
    weight = np.array([[[2 - 3j, 1j]]], dtype=np.complex64)
    bias = np.array([5 - 4j], dtype=np.complex64)
    full = [(1 + 2j) * (2 - 3j), (3 - 1j) * (2 - 3j) + (1 + 2j) * 1j, (3 - 1j) * 1j]
    assert_same(conv1d_transpose(x, weight, bias), np.array([[full]], dtype=np.complex64) + bias)


@pytest.mark.parametrize("poison", [np.nan, np.inf])
def test_nan_and_infinity_reach_only_their_own_samples(poison: float) -> None:
    x, weight, bias = operands()
    weight += 1
    attributes: dict[str, Any] = {"stride": 3, "groups": 2, "padding": 1}
    expected = conv1d_transpose(x, weight, bias, **attributes)
    x[1, 3, 2] = poison
    expected[1, 3:, 5:7] = poison
    assert_same(conv1d_transpose(x, weight, bias, **attributes), expected)


@pytest.mark.parametrize(("dtype", "large"), [("float16", 6e4), ("float32", 3e38)])
def test_overflow_is_infinity_whatever_the_error_state(dtype: str, large: float) -> None:
    x = np.full((1, 2, 1), large, dtype=dtype)
    with np.errstate(all="raise"):
        actual = conv1d_transpose(x, np.ones((2, 1, 1), dtype=dtype))
    assert_same(actual, np.full((1, 1, 1), np.inf, dtype=dtype))


def test_call_takes_little_memory_besides_the_result() -> None:
    # One sample and one tap, spread over 2**20 samples of four bytes: nothing else that the call makes is as long.
    one = np.ones((1, 1, 1), dtype=np.float32)
    tracemalloc.start()
    actual = conv1d_transpose(one, one, stride=2**20, output_padding=2**20 - 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert actual.nbytes == 4 * 2**20
    assert peak < 1.5 * actual.nbytes


def test_bias_none_is_the_default() -> None:
    x, weight, _ = operands()
    assert_same(conv1d_transpose(x, weight, None, groups=2), conv1d_transpose(x, weight, groups=2))
