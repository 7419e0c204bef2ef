"""Arrays from nested lists."""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from convt_impl.operands import Array


def to_tensor(data: ArrayLike, dtype: DTypeLike | None = None) -> Array:
    """Return `data` as a fresh NumPy array, the only kind of tensor here."""
    return np.array(data, dtype=dtype)
