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
    """Products of polynomials by three products of half the length instead of four, over blocks of the input as long as the kernel."""
    inputs, taps = spread(x, a.stride), spread(weight, a.dilation)
    size = max(power_of_two(taps.shape[2]), 64)
    count = -(-inputs.shape[2] // size)
    padded = np.pad(inputs, ((0, 0), (0, 0), (0, count * size - inputs.shape[2])))
    blocks = np.concatenate(np.split(padded, count, axis=2))
    products = polynomial_product(blocks, np.pad(taps, ((0, 0), (0, 0), (0, size - taps.shape[2]))))
    parts = np.concatenate(np.split(products, count), axis=2).reshape(len(x), -1, count, 2, size)
    full = np.zeros((len(x), weight.shape[1], count + 1, size), x.dtype)
    full[:, :, :-1] += parts[..., 0, :]
    full[:, :, 1:] += parts[..., 1, :]
    return full.reshape(*full.shape[:2], -1)[..., :length]


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
