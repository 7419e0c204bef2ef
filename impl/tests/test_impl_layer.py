"""The layer: its parameters, its arguments, and its agreement with the function."""

import dataclasses
import inspect
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import convt_impl.nn
from convt_impl import Conv1DTranspose, ParamAttr, Parameter, conv1d_transpose, to_tensor

X = (np.arange(2 * 4 * 5).reshape(2, 4, 5) % 11).astype(np.float32)


def made(*arguments: Any, **attributes: Any) -> Conv1DTranspose:
    """Return a layer with integer parameters, all different."""
    layer = Conv1DTranspose(*arguments, **attributes)
    layer.weight.set_value(np.arange(np.prod(layer.weight.shape), dtype=np.float32).reshape(layer.weight.shape))
    if layer.bias is not None:
        layer.bias.set_value(100 + np.arange(layer.bias.shape[0], dtype=np.float32))
    return layer


def assert_refused(error: type[Exception], message: str, *arguments: Any, **attributes: Any) -> None:
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        Conv1DTranspose(*arguments, **attributes)


def test_signature_is_the_documented_one() -> None:
    documented = {
        "in_channels": inspect.Parameter.empty,
        "out_channels": inspect.Parameter.empty,
        "kernel_size": inspect.Parameter.empty,
        "stride": 1,
        "padding": 0,
        "output_padding": 0,
        "groups": 1,
        "dilation": 1,
        "weight_attr": None,
        "bias_attr": None,
        "data_format": "NCL",
    }
    signature = inspect.signature(Conv1DTranspose)
    assert [(name, value.default) for name, value in signature.parameters.items()] == list(documented.items())
    assert all(value.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for value in signature.parameters.values())
    assert convt_impl.nn.Conv1DTranspose is Conv1DTranspose


def test_equals_the_function_with_every_argument_by_position() -> None:
    layer = made(4, 6, (3,), [4], [2], (3,), 2, [5], None, True, "NLC")
    assert layer.bias is not None
    x = np.ascontiguousarray(X.transpose(0, 2, 1))
    expected = conv1d_transpose(
        x,
        layer.weight.numpy(),
        layer.bias.numpy(),
        stride=4,
        padding=2,
        output_padding=3,
        groups=2,
        dilation=5,
        data_format="NLC",
    )
    assert expected.shape == (2, 26, 6)
    np.testing.assert_array_equal(layer(x), expected, strict=True)


def test_defaults_are_those_of_the_function() -> None:
    layer = made(4, 3, 2)
    assert layer.bias is not None
    expected = conv1d_transpose(X, layer.weight.numpy(), layer.bias.numpy())
    np.testing.assert_array_equal(layer(X), expected, strict=True)


@pytest.mark.parametrize("padding", [1, "SAME", "VALID"])
@pytest.mark.parametrize("extra", [0, 2])
def test_output_size_belongs_to_the_call(padding: int | str, extra: int) -> None:
    layer = made(4, 3, 5, stride=2, padding=padding, bias_attr=False)
    shortest = layer(X).shape[2]
    expected = conv1d_transpose(X, layer.weight.numpy(), stride=2, padding=padding, output_padding=extra)
    np.testing.assert_array_equal(layer(X, output_size=[shortest + extra]), expected, strict=True)
    np.testing.assert_array_equal(layer(X, shortest + extra), expected, strict=True)
    with pytest.raises(ValueError, match="output_size must lie between"):
        layer(X, shortest + 3)


def test_output_size_excludes_the_output_padding_of_the_layer() -> None:
    with pytest.raises(ValueError, match="output_size and a nonzero output_padding exclude each other"):
        made(4, 3, 5, stride=2, output_padding=1)(X, output_size=14)


def test_first_values() -> None:
    layer = Conv1DTranspose(40, 60, 3, groups=2)
    weight = layer.weight.numpy()
    bound = (6 / ((20 + 30) * 3)) ** 0.5
    assert layer.weight.shape == weight.shape == (40, 30, 3)
    assert layer.weight.dtype == weight.dtype == np.float32
    # 3600 values: all within the bound after rounding, and missing the outer tenth with probability 0.9**3600.
    assert 0.9 * bound < np.abs(weight).max() <= np.float32(bound)
    assert weight.min() < 0 < weight.max()
    assert not np.array_equal(weight, Conv1DTranspose(40, 60, 3, groups=2).weight.numpy())
    assert layer.bias is not None
    np.testing.assert_array_equal(layer.bias.numpy(), np.zeros(60, dtype=np.float32), strict=True)


def test_attributes_of_the_parameters() -> None:
    weight_attr = ParamAttr("kernel", initializer=lambda shape: np.arange(24.0).reshape(shape))
    layer = Conv1DTranspose(4, 3, 2, weight_attr=weight_attr, bias_attr=ParamAttr(initializer=np.ones))
    np.testing.assert_array_equal(layer.weight.numpy(), np.arange(24, dtype=np.float32).reshape(4, 3, 2), strict=True)
    assert layer.weight.name == "kernel"
    assert layer.bias is not None
    np.testing.assert_array_equal(layer.bias.numpy(), np.ones(3, dtype=np.float32), strict=True)
    assert (layer.bias.name, ParamAttr()) == (None, ParamAttr(None, None))
    with pytest.raises(dataclasses.FrozenInstanceError):
        weight_attr.name = "other"  # type: ignore[misc]


def test_bias_can_be_left_out() -> None:
    assert Conv1DTranspose(4, 3, 2, bias_attr=False).bias is None
    assert Conv1DTranspose(4, 3, 2, bias_attr=True).bias is not None


@pytest.mark.parametrize("name", ["in_channels", "out_channels", "groups"])
@pytest.mark.parametrize("value", [[2], (2,), 2.0, True, None])
def test_counts_are_plain_ints(name: str, value: object) -> None:
    arguments = {"in_channels": 4, "out_channels": 6, "kernel_size": 3, name: value}
    assert_refused(TypeError, f"{name} must be an int, got {name}={value!r}", **arguments)


@pytest.mark.parametrize(
    ("attributes", "error", "message"),
    [
        ({"in_channels": 0}, ValueError, "in_channels must be at least 1, got in_channels=0"),
        ({"out_channels": -1}, ValueError, "out_channels must be at least 1, got out_channels=-1"),
        ({"kernel_size": [0]}, ValueError, "kernel_size must be at least 1, got kernel_size=0"),
        ({"kernel_size": (2, 2)}, ValueError, "kernel_size must contain exactly one int, got kernel_size=(2, 2)"),
        ({"kernel_size": 2.5}, TypeError, "kernel_size must be an int, or a list or tuple of one int, got kernel_size=2.5"),
        ({"groups": 3}, ValueError, "groups must divide in_channels, got groups=3 and in_channels=4"),
        ({"groups": 4}, ValueError, "groups must divide out_channels, got groups=4 and out_channels=6"),
        ({"stride": 0}, ValueError, "stride must be at least 1, got stride=0"),
        ({"padding": [1, 1]}, ValueError, "padding must contain exactly one int, got padding=[1, 1]"),
        ({"padding": "same"}, ValueError, 'padding must be "SAME" or "VALID" if it is a str, got padding='),
        ({"output_padding": 2}, ValueError, "output_padding must not exceed stride, got output_padding=2 and stride=1"),
        ({"data_format": "NCHW"}, ValueError, 'data_format must be "NCL" or "NLC", got data_format='),
        ({"weight_attr": False}, TypeError, "weight_attr must be a ParamAttr or None, got weight_attr=False"),
        ({"bias_attr": 0}, TypeError, "bias_attr must be a ParamAttr, a bool or None, got bias_attr=0"),
        (
            {"bias_attr": ParamAttr(initializer=lambda _: [1.0])},
            ValueError,
            "initializer must return an array of the shape it is given, got shape=(1,) for (6,)",
        ),
    ],
)
def test_wrong_argument(attributes: dict[str, Any], error: type[Exception], message: str) -> None:
    assert_refused(error, message, **{"in_channels": 4, "out_channels": 6, "kernel_size": 3, **attributes})


def test_wrong_param_attr() -> None:
    with pytest.raises(TypeError, match=r"^initializer must be a callable or None, got initializer=1$"):
        ParamAttr(initializer=1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^name must be a str or None, got name=1$"):
        ParamAttr(1)  # type: ignore[arg-type]


def test_wrong_input() -> None:
    with pytest.raises(ValueError, match=re.escape("x must have in_channels channels, got 4 in x.shape=(2, 4, 5) (NCL) and in_channels=5")):
        Conv1DTranspose(5, 3, 2)(X)
    with pytest.raises(ValueError, match=re.escape("x must have rank 3, got x.shape=(4, 5)")):
        Conv1DTranspose(4, 3, 2)(X[0])
    with pytest.raises(TypeError, match=re.escape("must have the same dtype, got x.dtype=float64, weight.dtype=float32")):
        Conv1DTranspose(4, 3, 2)(X.astype(np.float64))


RAGGED: Any = ([[1.0, 2.0], [3.0]],)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        pytest.param("x", lambda: Conv1DTranspose(1, 3, 2)(RAGGED), id="call"),
        pytest.param(
            "initializer", lambda: Conv1DTranspose(1, 3, 2, weight_attr=ParamAttr(initializer=lambda _: RAGGED)), id="initializer"
        ),
        pytest.param("value", lambda: Parameter(RAGGED), id="parameter"),
        pytest.param("value", lambda: Parameter([1.0]).set_value(RAGGED), id="set_value"),
    ],
)
def test_ragged_values_are_named(name: str, call: Callable[[], object]) -> None:
    message = f"{name} must be an array or nested sequences of equal lengths, got {name} of <class 'tuple'>"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        call()


@pytest.mark.parametrize("dtype", ["float16", "float64", "complex64", ">f8"])
def test_set_value_adopts_the_dtype_of_an_array(dtype: str) -> None:
    layer = made(4, 3, 2)
    expected = layer(X)
    assert layer.bias is not None
    for parameter in (layer.weight, layer.bias):
        parameter.set_value(parameter.numpy().astype(dtype))
        assert parameter.dtype == np.dtype(dtype).newbyteorder("=")
    np.testing.assert_array_equal(layer(X.astype(dtype)), expected.astype(np.dtype(dtype).newbyteorder("=")), strict=True)


@pytest.mark.parametrize("value", [[[[1, 2]]], [[[1.0, 2.0]]], np.array([[[1, 2]]])])
def test_set_value_casts_what_has_no_supported_dtype(value: Any) -> None:
    parameter = Parameter([[[0.0, 0.0]]])
    parameter.set_value(value)
    np.testing.assert_array_equal(parameter.numpy(), np.array([[[1, 2]]], dtype=np.float32), strict=True)


def test_set_value_takes_a_parameter_with_its_dtype() -> None:
    source, target = Parameter([1, 2]), Parameter([0, 0])
    source.set_value(np.array([3.0, 4.0]))
    target.set_value(source)
    np.testing.assert_array_equal(target.numpy(), np.array([3.0, 4.0]), strict=True)


def test_set_value_refuses() -> None:
    parameter = Parameter([[1.0, 2.0]])
    with pytest.raises(ValueError, match=re.escape("got value.shape=(2,) and parameter.shape=(1, 2)")):
        parameter.set_value([3, 4])
    with pytest.raises(TypeError, match=re.escape("got value.dtype=complex128 and dtype=float32")):
        parameter.set_value([[3j, 4]])
    with pytest.raises(TypeError, match=r"^value must be castable to the dtype of the parameter"):
        parameter.set_value([["3", "4"]])
    np.testing.assert_array_equal(parameter.numpy(), np.array([[1, 2]], dtype=np.float32), strict=True)


def test_parameter_is_not_an_alias() -> None:
    source = np.array([1, 2], dtype=np.float32)
    parameter = Parameter(source)
    source[0] = 9
    parameter.numpy()[0] = 9
    np.array(parameter)[0] = 9
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(parameter)[0] = 9
    parameter.set_value(source)
    source[1] = 7
    np.testing.assert_array_equal(np.asarray(parameter), np.array([9, 2], dtype=np.float32), strict=True)
    np.testing.assert_array_equal(np.asarray(parameter, dtype=np.float64), np.array([9.0, 2.0]), strict=True)
    np.testing.assert_array_equal(parameter.__array__(np.dtype(np.float64)), np.array([9.0, 2.0]), strict=True)
    assert repr(parameter) == "Parameter(name=None, shape=(2,), dtype=float32, value=\n[9. 2.])"


def test_to_tensor_copies() -> None:
    source = np.array([1.5, 2.0])
    tensor = to_tensor(source, dtype="float32")
    np.testing.assert_array_equal(tensor, np.array([1.5, 2.0], dtype=np.float32), strict=True)
    assert not np.shares_memory(source, to_tensor(source))
