"""The definition, to be checked by eye: loops over exact numbers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

Exact = int | Fraction
Nested = Sequence[Sequence[Sequence[Exact]]]


def conv1d_transpose(
    x: Nested, w: Nested, b: Sequence[Exact] | None, *, s: int, d: int, g: int, left: int, length: int
) -> list[list[list[Exact]]]:
    """[V1] y[n][m][t] = b[m] + the sum of x[n][c][i] * w[c][m'][k] over all c, i, k with i*s + k*d - left = t.

    x is N by C by L, w is C by M/g by K, b has M numbers, y is N by M by `length`. Input channel c belongs to group c // (C/g), and m'
    is output channel m counted inside that group. s, d and left are stride, dilation and the crop at the start, in samples.
    """
    C, per_group = len(w), len(w[0])
    M = per_group * g
    y: list[list[list[Exact]]] = [[[b[m] if b else 0 for t in range(length)] for m in range(M)] for n in range(len(x))]
    for n in range(len(x)):
        for c in range(C):
            group = c // (C // g)
            for m_in_group in range(per_group):
                m = group * per_group + m_in_group
                for i, x_value in enumerate(x[n][c]):
                    for k, w_value in enumerate(w[c][m_in_group]):
                        t = i * s + k * d - left
                        if 0 <= t < length:
                            y[n][m][t] += x_value * w_value
    return y
