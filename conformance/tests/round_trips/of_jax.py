"""JAX: lax.conv_transpose(lhs, rhs, strides, padding, rhs_dilation, dimension_numbers, transpose_kernel, use_consistent_padding) and
lax.conv_general_dilated(lhs, rhs, window_strides, padding, lhs_dilation, rhs_dilation, dimension_numbers, feature_group_count).

dimension_numbers name the axes of lhs, rhs and result. With transpose_kernel and use_consistent_padding the former is the gradient of a
convolution with this kernel and this padding. The latter correlates the input, spread by lhs_dilation and padded, with the kernel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from convt_conformance.adapters.jax import JaxAdapter
from round_trips.recording import Call, Fake, Log, array
from round_trips.sent import Sent, one


class Jax(Fake):
    """jit gives a function that does what the given one does."""

    def jit(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return function


LOG = Log()
VARIANTS = {"jax": "", "jax:jit": "jit", "jax:general": "general", "jax:general-jit": "general-jit", "jax:gpu": "gpu"}
ADAPTERS = {name: JaxAdapter(Jax(LOG, "jax"), variant) for name, variant in VARIANTS.items()}


def read(log: Log) -> Sent:
    transposed = [call for call in log.calls if call.path == "jax.lax.conv_transpose"]
    return of_transpose(*transposed) if transposed else of_general(log.only("lax.conv_general_dilated"))


def of_transpose(call: Call) -> Sent:
    given = dict(call.kwargs)
    lhs, rhs, strides, padding = call.args
    x, kernel = axes(lhs, rhs, given.pop("dimension_numbers"))
    assert given.pop("transpose_kernel") is given.pop("use_consistent_padding") is True
    dilation = one(given.pop("rhs_dilation", 1))
    assert not given
    added = 0
    if not isinstance(padding, str):
        ((left, right),) = padding
        padding, added = (left, left), left - right
    return Sent(x=x, weight=kernel, stride=one(strides), dilation=dilation, padding=padding, output_padding=added)


def of_general(call: Call) -> Sent:
    given = dict(call.kwargs)
    lhs, rhs, window_strides, ((before, after),) = call.args
    x, kernel = axes(lhs, rhs, given.pop("dimension_numbers"))
    assert one(window_strides) == 1
    stride, dilation, groups = one(given.pop("lhs_dilation")), one(given.pop("rhs_dilation", 1)), given.pop("feature_group_count", 1)
    assert not given
    reach = dilation * (kernel.shape[2] - 1)
    # rhs has the output channels of one group after those of another, each with the input channels of its group
    weight = np.concatenate([part.transpose(1, 0, 2) for part in np.split(kernel, groups)])[:, :, ::-1]
    crop = (reach - before,) * 2
    return Sent(x=x, weight=weight, stride=stride, dilation=dilation, groups=groups, padding=crop, output_padding=after - before)


def axes(lhs: Any, rhs: Any, names: tuple[str, str, str]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """The input as (N, C, L) and the kernel as (O, I, L)."""
    of_input, of_kernel, of_output = names
    assert of_input == of_output
    return array(lhs).transpose([of_input.index(axis) for axis in "NCL"]), array(rhs).transpose([of_kernel.index(axis) for axis in "OIL"])
