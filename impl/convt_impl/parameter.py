"""Parameters of a layer, and how a caller chooses their first values."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from convt_impl.operands import DTYPES, Array, array

Initializer = Callable[[tuple[int, ...]], ArrayLike]


@dataclass(frozen=True, slots=True)
class ParamAttr:
    """How a layer makes one of its parameters: a name, and a callable that returns the first values for a shape."""

    name: str | None = None
    initializer: Initializer | None = None

    def __post_init__(self) -> None:
        if self.name is not None and not isinstance(self.name, str):
            raise TypeError(f"name must be a str or None, got name={self.name!r}")
        if self.initializer is not None and not callable(self.initializer):
            raise TypeError(f"initializer must be a callable or None, got initializer={self.initializer!r}")


class Parameter:
    """An array of fixed shape that a layer owns; NumPy functions take it, and read it without a copy."""

    __slots__ = ("_value", "name")

    def __init__(self, value: ArrayLike, *, name: str | None = None) -> None:
        """Hold a copy of `value` in float32, the dtype that every parameter starts with."""
        self.name = name
        self._value = _frozen(array("value", value), np.dtype(np.float32))

    @property
    def shape(self) -> tuple[int, ...]:
        return self._value.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self._value.dtype

    def numpy(self) -> Array:
        """Return a copy of the values."""
        return self._value.copy()

    def set_value(self, value: ArrayLike) -> None:
        """Replace the values by a copy of `value`, which must have the same shape.

        A value with a dtype of its own (an array, a parameter) that the operator supports brings that dtype along: a float64 layer is one
        whose parameters were all set to float64 arrays. Anything else, lists above all, is cast to the current dtype.
        """
        new = array("value", value)
        if new.shape != self.shape:
            raise ValueError(f"value must have the shape of the parameter, got value.shape={new.shape} and parameter.shape={self.shape}")
        adopts = hasattr(value, "dtype") and new.dtype.name in DTYPES
        self._value = _frozen(new, new.dtype.newbyteorder("=") if adopts else self.dtype)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Array:
        # The held array is read-only, so sharing it cannot change the parameter behind the layer's back.
        return np.array(self._value, dtype=dtype, copy=copy)

    def __repr__(self) -> str:
        return f"Parameter(name={self.name!r}, shape={self.shape}, dtype={self.dtype}, value=\n{self._value})"


def created(shape: tuple[int, ...], attribute: ParamAttr | None, default: Initializer) -> Parameter:
    """Return a float32 parameter of `shape`, filled as `attribute` says or else by `default`."""
    attribute = attribute or ParamAttr()
    value = array("initializer", (attribute.initializer or default)(shape))
    if value.shape != shape:
        raise ValueError(f"initializer must return an array of the shape it is given, got shape={value.shape} for {shape}")
    return Parameter(value, name=attribute.name)


def _frozen(value: Array, dtype: np.dtype[Any]) -> Array:
    if not np.can_cast(value.dtype, dtype, casting="same_kind"):
        raise TypeError(f"value must be castable to the dtype of the parameter, got value.dtype={value.dtype} and dtype={dtype}")
    copy = np.array(value, dtype=dtype)
    copy.setflags(write=False)
    return copy
