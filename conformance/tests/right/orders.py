"""Ways to add the same products up: orders, compensation, wider sums, blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from saboteurs.right import Arguments, Array
from saboteurs.right import scatter as whole_scatter

from right.sums import OneGroup, Scatter

WIDER = {"float32": np.float64, "float64": np.longdouble}


def products(x: Array, weight: Array, a: Arguments, length: int) -> Iterator[Array]:
    """For each channel and tap its products where they land, (N, M, length)."""
    span = (x.shape[2] - 1) * a.stride + 1
    for c, k in np.ndindex(weight.shape[0], weight.shape[2]):
        landed = np.zeros((x.shape[0], weight.shape[1], length), x.dtype)
        landed[..., k * a.dilation : k * a.dilation + span : a.stride] = x[:, None, c] * weight[c, :, None, k]
        yield landed


def added(total: Callable[[list[Array]], Array]) -> OneGroup:
    """A scatter out of a way to add a list of arrays."""

    def full(x: Array, weight: Array, a: Arguments, length: int) -> Array:
        return total(list(products(x, weight, a, length)))

    return full


def pairwise(terms: list[Array]) -> Array:
    """Half and half."""
    half = len(terms) // 2
    return pairwise(terms[:half]) + pairwise(terms[half:]) if half else terms[0]


def kahan(terms: list[Array]) -> Array:
    """What an addition loses is taken off the next term."""
    total = lost = np.zeros_like(terms[0])
    for term in terms:
        owed = term - lost
        following = total + owed
        lost, total = (following - total) - owed, following
    return total


def neumaier(terms: list[Array]) -> Array:
    """What the additions lose is summed aside, from the smaller of the two numbers each time, and added at the end."""
    total = lost = np.zeros_like(terms[0])
    for term in terms:
        following = total + term
        lost = lost + np.where(abs(total) >= abs(term), (total - following) + term, (term - following) + total)
        total = following
    return total + lost


def backwards(terms: list[Array]) -> Array:
    """The last tap of the last channel first."""
    return np.add.reduce(terms[::-1])


def shuffled() -> Callable[[list[Array]], Array]:
    """Another order in every call."""
    stream = np.random.default_rng(7)

    def total(terms: list[Array]) -> Array:
        return np.add.reduce([terms[at] for at in stream.permutation(len(terms))])

    return total


def wide(x: Array, weight: Array, a: Arguments) -> Array:
    """Products and sums in the next wider format, rounded once at the end; the bias is added afterwards."""
    broad = WIDER[x.dtype.name]
    return whole_scatter(x.astype(broad), weight.astype(broad), a).astype(x.dtype)


def blocks(size: int) -> Scatter:
    """Blocks of `size` input samples, their overlaps added."""

    def full(x: Array, weight: Array, a: Arguments) -> Array:
        found = np.zeros_like(whole_scatter(x, weight, a))
        for start in range(0, x.shape[2], size):
            part = whole_scatter(x[..., start : start + size], weight, a)
            found[..., start * a.stride : start * a.stride + part.shape[2]] += part
        return found

    return full


def overlapping(size: int) -> OneGroup:
    """Blocks of `size` output samples, each from all the inputs that reach it, of which the ends serve two blocks."""

    def full(x: Array, weight: Array, a: Arguments, length: int) -> Array:
        found = np.zeros((x.shape[0], weight.shape[1], length), x.dtype)
        reach = a.dilation * (weight.shape[2] - 1)
        for start in range(0, length, size):
            first = max(-(-(start - reach) // a.stride), 0)
            last = min((start + size - 1) // a.stride, x.shape[2] - 1)
            if first > last:
                continue
            part = whole_scatter(x[..., first : last + 1], weight, replace(a, groups=1))
            offset = first * a.stride - start
            kept = part[..., max(-offset, 0) : size - offset]
            found[..., start + max(offset, 0) : start + max(offset, 0) + kept.shape[2]] = kept
        return found

    return full
