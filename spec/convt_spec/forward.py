"""The forward convolution that the operator is the adjoint of, on exact numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[Any]


def conv1d(y: Whole, weight: Whole, *, length: int, stride: int, dilation: int, left: int, groups: int) -> Whole:
    """[N1] `length` samples of the forward convolution of y (N, C_out, L_out) with weight (C_in, C_out/groups, K), as (N, C_in, length).

    Sample i of channel c is the sum of y[i*stride + k*dilation - left] * weight[c, m, k] over the group's channels m and the taps k;
    y counts as 0 outside its ends. `left` is the padding at the start, in samples.
    """
    batch, _, out_length = y.shape
    channels, per_group, kernel = weight.shape
    grouped = y.reshape(batch, groups, per_group, out_length)
    rows = weight.reshape(groups, channels // groups, per_group, kernel)
    x = np.zeros((batch, groups, channels // groups, length), y.dtype)
    for tap in range(kernel):
        at = np.arange(length) * stride + tap * dilation - left
        inside = (at >= 0) & (at < out_length)
        x[..., inside] += np.matmul(rows[..., tap], grouped[..., at[inside]])
    return x.reshape(batch, channels, length)
