"""Ways to pair the products of one group: each takes x (N, C, L), the kernel (C, M, K), the arguments and the length of the full scatter.

The result is the full scatter, (N, M, length), in the dtype of the input.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from saboteurs.right import Arguments, Array, extent

OneGroup = Callable[[Array, Array, Arguments, int], Array]
Scatter = Callable[[Array, Array, Arguments], Array]


def by_groups(one_group: OneGroup) -> Scatter:
    """A scatter of all groups out of one for a single group."""

    def full(x: Array, weight: Array, a: Arguments) -> Array:
        length = (x.shape[2] - 1) * a.stride + extent(weight.shape[2], a.dilation)
        pairs = zip(np.split(x, a.groups, axis=1), np.split(weight, a.groups), strict=True)
        return np.concatenate([one_group(*pair, a, length) for pair in pairs], axis=1)

    return full


def scatter(x: Array, weight: Array, a: Arguments, length: int) -> Array:
    """Each input sample adds its multiple of the kernel."""
    full = np.zeros((x.shape[0], weight.shape[1], length), x.dtype)
    reach = extent(weight.shape[2], a.dilation)
    for i in range(x.shape[2]):
        full[..., i * a.stride : i * a.stride + reach : a.dilation] += np.einsum("nc,cmk->nmk", x[..., i], weight)
    return full


def gather(x: Array, weight: Array, a: Arguments, length: int) -> Array:
    """Each output sample looks up the inputs that reach it, one tap after the other."""
    full = np.zeros((x.shape[0], weight.shape[1], length), x.dtype)
    for k in range(weight.shape[2]):
        i, rest = np.divmod(np.arange(length) - k * a.dilation, a.stride)
        reached = (rest == 0) & (i >= 0) & (i < x.shape[2])
        full[..., reached] += np.matmul(weight[..., k].T, x[..., i[reached]])
    return full


def matrix(x: Array, weight: Array, a: Arguments, length: int) -> Array:
    """One Toeplitz matrix from all input samples to all output samples."""
    operator = np.zeros((*x.shape[1:], weight.shape[1], length), x.dtype)
    reach = extent(weight.shape[2], a.dilation)
    for i in range(x.shape[2]):
        operator[:, i, :, i * a.stride : i * a.stride + reach : a.dilation] = weight
    rows, columns = x.shape[1] * x.shape[2], weight.shape[1] * length
    return (x.reshape(x.shape[0], rows) @ operator.reshape(rows, columns)).reshape(x.shape[0], weight.shape[1], length)


def polyphase(x: Array, weight: Array, a: Arguments, length: int) -> Array:
    """Output samples t = r, r + stride, ... are an ordinary convolution of the input with the taps that land on phase r."""
    full = np.zeros((x.shape[0], weight.shape[1], length), x.dtype)
    for phase in range(min(a.stride, length)):
        part = full[..., phase :: a.stride]
        for k in range(weight.shape[2]):
            shift, rest = divmod(k * a.dilation - phase, a.stride)
            if rest == 0 and shift < part.shape[2]:
                part[..., shift : shift + x.shape[2]] += np.einsum("cm,ncl->nml", weight[..., k], x)
    return full


def spread(values: Array, step: int) -> Array:
    """The last axis with step - 1 zeros between neighbours."""
    wide = np.zeros((*values.shape[:-1], (values.shape[-1] - 1) * step + 1), values.dtype)
    wide[..., ::step] = values
    return wide


def windows(x: Array, weight: Array, a: Arguments) -> tuple[Array, Array]:
    """Zeros between the inputs, and around them, seen through a sliding window; and the kernel with holes, backwards."""
    reach = extent(weight.shape[2], a.dilation)
    stuffed = np.pad(spread(x, a.stride), ((0, 0), (0, 0), (reach - 1, reach - 1)))
    return sliding_window_view(stuffed, reach, axis=2), spread(weight, a.dilation)[..., ::-1]


def zero_insertion(x: Array, weight: Array, a: Arguments, length: int) -> Array:
    """An ordinary convolution with the flipped kernel over an input with zeros between its samples, one tap at a time."""
    seen, flipped = windows(x, weight, a)
    full = np.zeros((x.shape[0], weight.shape[1], length), x.dtype)
    for k in range(flipped.shape[2]):
        for c in range(x.shape[1]):
            full += seen[:, c, None, :, k] * flipped[c, :, k, None]
    return full


def einsum(x: Array, weight: Array, a: Arguments, length: int) -> Array:
    """The same as one contraction."""
    return np.einsum("nctk,cmk->nmt", *windows(x, weight, a), optimize=True)


def tensordot(x: Array, weight: Array, a: Arguments, length: int) -> Array:
    """All products of samples and taps from one matrix product (BLAS), laid down tap by tap."""
    columns = np.tensordot(x, weight, axes=(1, 0))
    full = np.zeros((x.shape[0], weight.shape[1], length), x.dtype)
    span = (x.shape[2] - 1) * a.stride + 1
    for k in range(weight.shape[2]):
        full[..., k * a.dilation : k * a.dilation + span : a.stride] += columns[..., k].transpose(0, 2, 1)
    return full
