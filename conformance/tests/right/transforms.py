"""Ways that go through a transform, and round in the norm of their operands."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from saboteurs.right import Arguments, Array

from right.sums import OneGroup, spread


def power_of_two(samples: int) -> int:
    return 1 << (samples - 1).bit_length()


def fft(precision: type | None, size: Callable[[int], int] = power_of_two) -> OneGroup:
    """A product of spectra, of at least the scatter's samples, in `precision` or else in the dtype of the input."""

    def full(x: Array, weight: Array, a: Arguments, length: int) -> Array:
        inputs, taps = (spread(part.astype(precision or x.dtype), step) for part, step in ((x, a.stride), (weight, a.dilation)))
        spectra = np.fft.rfft(inputs, size(length)), np.fft.rfft(taps, size(length))
        product = np.einsum("ncf,cmf->nmf", *spectra)
        return np.fft.irfft(product, size(length))[..., :length].astype(x.dtype)

    return full


def karatsuba(x: Array, weight: Array, a: Arguments, length: int) -> Array:
    """Products of polynomials by three products of half the length instead of four."""
    inputs, taps = spread(x, a.stride), spread(weight, a.dilation)
    size = power_of_two(max(inputs.shape[2], taps.shape[2]))
    one, other = (np.pad(part, ((0, 0), (0, 0), (0, size - part.shape[2]))) for part in (inputs, taps))
    return polynomial_product(one, other)[..., :length]


def polynomial_product(one: Array, other: Array) -> Array:
    """The products (N, M, 2 P) of polynomials (N, C, P) and (C, M, P), summed over C."""
    half = one.shape[2] // 2
    if half < 32:
        full = np.zeros((one.shape[0], other.shape[1], 2 * one.shape[2]), one.dtype)
        for k in range(one.shape[2]):
            full[..., k : k + one.shape[2]] += np.einsum("ncl,cm->nml", one, other[..., k])
        return full
    low, high = polynomial_product(one[..., :half], other[..., :half]), polynomial_product(one[..., half:], other[..., half:])
    both = polynomial_product(one[..., :half] + one[..., half:], other[..., :half] + other[..., half:])
    full = np.concatenate([low, high], axis=2)
    full[..., half : 3 * half] += both - low - high
    return full
