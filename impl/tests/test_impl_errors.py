"""What the function refuses, with which exception, and how the message puts it."""

import re
from typing import Any

import numpy as np
import pytest

from convt_impl import conv1d_transpose

X = np.ones((2, 4, 5), dtype=np.float32)
WEIGHT = np.ones((4, 3, 2), dtype=np.float32)
BIAS = np.ones(3, dtype=np.float32)


def assert_refused(error: type[Exception], message: str, **arguments: Any) -> None:
    call = {"x": X, "weight": WEIGHT, "bias": BIAS, **arguments}
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        conv1d_transpose(**call)


ONE_INT = ("stride", "padding", "output_padding", "output_size", "dilation")


@pytest.mark.parametrize("name", ONE_INT)
@pytest.mark.parametrize("value", [1.0, True, np.True_, np.float32(1), np.array(1), np.array([1]), {1}, np.timedelta64(1), b"1", 1j])
def test_attribute_of_a_wrong_type(name: str, value: object) -> None:
    assert_refused(TypeError, f"{name} must be an int, or a list or tuple of one int, got {name}=", **{name: value})


@pytest.mark.parametrize("name", ONE_INT)
@pytest.mark.parametrize("value", [[1.0], (True,), [[1]], ["1"], (None,), ["SAME"]])
def test_sequence_of_a_wrong_type(name: str, value: object) -> None:
    assert_refused(TypeError, f"{name} must contain an int, got {name}={value!r}", **{name: value})


@pytest.mark.parametrize("name", ONE_INT)
@pytest.mark.parametrize("value", [[], (), [1, 1], (1, 1), [[0, 0], [0, 0], [1, 1]]])
def test_sequence_of_a_wrong_length(name: str, value: object) -> None:
    assert_refused(ValueError, f"{name} must contain exactly one int, got {name}={value!r}", **{name: value})


@pytest.mark.parametrize("name", ["stride", "output_padding", "dilation"])
def test_none_is_no_attribute(name: str) -> None:
    assert_refused(TypeError, f"{name} must be an int, or a list or tuple of one int, got {name}=None", **{name: None})


@pytest.mark.parametrize("value", [1.0, True, [1], (1,), "1", None, np.array(1)])
def test_groups_of_a_wrong_type(value: object) -> None:
    assert_refused(TypeError, "groups must be an int, got groups=", groups=value)


@pytest.mark.parametrize(
    ("name", "value", "minimum"),
    [
        ("stride", 0, 1),
        ("stride", [-1], 1),
        ("dilation", 0, 1),
        ("groups", 0, 1),
        ("groups", -2, 1),
        ("padding", -1, 0),
        ("padding", (-1,), 0),
        ("output_padding", np.int64(-1), 0),
        ("output_size", 0, 1),
    ],
)
def test_attribute_below_its_minimum(name: str, value: Any, minimum: int) -> None:
    number = value[0] if isinstance(value, list | tuple) else int(value)
    assert_refused(ValueError, f"{name} must be at least {minimum}, got {name}={number}", **{name: value})


@pytest.mark.parametrize("value", ["same", "Valid", "", "SAME ", "EXPLICIT"])
def test_unknown_padding(value: str) -> None:
    assert_refused(ValueError, f'padding must be "SAME" or "VALID" if it is a str, got padding={value!r}', padding=value)


@pytest.mark.parametrize("value", ["ncl", "NCHW", "", "NLC "])
def test_unknown_data_format(value: str) -> None:
    assert_refused(ValueError, f'data_format must be "NCL" or "NLC", got data_format={value!r}', data_format=value)


@pytest.mark.parametrize("value", [None, 1, ["NCL"]])
def test_data_format_of_a_wrong_type(value: object) -> None:
    assert_refused(TypeError, f"data_format must be a str, got data_format={value!r}", data_format=value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"groups": 3}, "groups must divide in_channels, got groups=3 and in_channels=4"),
        ({"output_padding": 1, "output_size": 6}, "output_size and a nonzero output_padding exclude each other, got output_size=6 and"),
        ({"output_padding": 2}, "output_padding must not exceed stride, got output_padding=2 and stride=1"),
        ({"output_size": 5}, "output_size must lie between the shortest length and stride more, got output_size=5, shortest length=6"),
        ({"output_size": 8}, "output_size must lie between the shortest length and stride more, got output_size=8, shortest length=6"),
        ({"padding": "SAME", "output_size": 4}, "output_size must lie between the shortest length and stride more, got output_size=4"),
        ({"padding": 3}, "the output must have at least one sample, got an output length of 0 from input_length=5"),
        ({"padding": 4, "output_padding": 1}, "the output must have at least one sample, got an output length of -1"),
        ({"x": X[0]}, "x must have rank 3, got x.shape=(4, 5)"),
        ({"weight": WEIGHT[None]}, "weight must have rank 3, got weight.shape=(1, 4, 3, 2)"),
        ({"bias": BIAS[None]}, "bias must have rank 1, got bias.shape=(1, 3)"),
        ({"bias": BIAS[:2]}, "bias must have one element per output channel, got bias.shape=(2,) and out_channels=3"),
        ({"bias": BIAS, "groups": 2}, "bias must have one element per output channel, got bias.shape=(3,) and out_channels=6"),
        ({"weight": WEIGHT[:3]}, "the channels of x must equal weight.shape[0], got 4 channels in x.shape=(2, 4, 5) (NCL)"),
        ({"data_format": "NLC"}, "the channels of x must equal weight.shape[0], got 5 channels in x.shape=(2, 4, 5) (NLC)"),
        ({"x": X[:, :, :0]}, "x must have at least one sample, got x.shape=(2, 4, 0) (NCL)"),
        ({"weight": WEIGHT[:, :, :0]}, "every axis of weight must have at least one element, got weight.shape[2]=0"),
        ({"weight": WEIGHT[:, :0]}, "every axis of weight must have at least one element, got weight.shape[1]=0"),
        ({"x": X[:, :0], "weight": WEIGHT[:0]}, "every axis of weight must have at least one element, got weight.shape[0]=0"),
    ],
)
def test_wrong_value(arguments: dict[str, Any], message: str) -> None:
    assert_refused(ValueError, message, **arguments)


@pytest.mark.parametrize("dtype", ["int32", "bool", "object", "longdouble", "U1"])
def test_unsupported_dtype(dtype: str) -> None:
    message = "the dtype of x must be one of float16, float32, float64, complex64, complex128, got x.dtype="
    assert_refused(TypeError, message, x=X.astype(dtype))


@pytest.mark.parametrize(
    ("arguments", "seen"),
    [
        ({"x": X.astype("f8")}, "x.dtype=float64, weight.dtype=float32, bias.dtype=float32"),
        ({"weight": WEIGHT.astype("f2")}, "x.dtype=float32, weight.dtype=float16, bias.dtype=float32"),
        ({"bias": BIAS.astype("c8")}, "x.dtype=float32, weight.dtype=float32, bias.dtype=complex64"),
    ],
)
def test_mixed_dtypes(arguments: dict[str, Any], seen: str) -> None:
    assert_refused(TypeError, f"x, weight, bias must have the same dtype, got {seen}", **arguments)


@pytest.mark.parametrize("name", ["x", "weight", "bias"])
def test_ragged_operand_is_named(name: str) -> None:
    message = f"{name} must be an array or nested sequences of equal lengths, got {name} of <class 'tuple'>"
    assert_refused(ValueError, message, **{name: ([[1.0, 2.0], [3.0]],)})


def test_attributes_are_keyword_only() -> None:
    with pytest.raises(TypeError, match="positional"):
        conv1d_transpose(X, WEIGHT, BIAS, 2)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("batch", "stride", "dtype", "bytes_needed"),
    # 4 steps of a stride, one extent of 2, three channels; float16 is summed in the four bytes of float32.
    [
        (2, 2**70, "float32", 2 * 3 * (2**72 + 2) * 4),
        (1, 2**60, "float32", 3 * (2**62 + 2) * 4),
        (0, 2**60, "float32", 3 * (2**62 + 2) * 4),
        (1, 2**61, "float16", 3 * (2**63 + 2) * 4),
        (1, 2**60, "complex128", 3 * (2**62 + 2) * 16),
    ],
)
def test_impossible_size_names_its_bytes(batch: int, stride: int, dtype: str, bytes_needed: int) -> None:
    message = f"the result must fit in memory, got shape=({batch}, 3, {4 * stride + 2}), which takes {bytes_needed} bytes to compute"
    x = np.ones((batch, 4, 5), dtype=dtype)
    assert_refused(MemoryError, message, x=x, weight=WEIGHT.astype(dtype), bias=None, stride=stride)


def test_failed_allocation_names_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(np, "zeros", refuse)
    assert_refused(MemoryError, "the result must fit in memory, got shape=(2, 3, 6), which takes 144 bytes to compute")


@pytest.mark.parametrize("arguments", [{"padding": 9}, {"output_size": 99}, {"groups": 3}, {"bias": BIAS[:1]}])
def test_refusal_comes_before_any_allocation(arguments: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("allocated before everything was checked")

    for name in ("zeros", "empty", "ascontiguousarray", "matmul"):
        monkeypatch.setattr(np, name, refuse)
    with pytest.raises(ValueError, match="got"):
        conv1d_transpose(X, WEIGHT, **arguments)
