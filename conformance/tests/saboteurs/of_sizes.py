"""Saboteurs of sizes: at the ends of blocks, where sizes coincide, where arguments meet, in long sums."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from saboteurs.of_rims import reversed_where
from saboteurs.of_values import cut_to
from saboteurs.right import RIGHT, Arguments, Array, result, scatter, source
from saboteurs.saboteur import saboteur, scattered, scattering

POWERS = {2**k for k in range(4, 13)}


def guessed_source(x: Array, layout: str) -> Array:
    """[L2] An input whose last two axes are alike is taken as NCL."""
    return source(x, "NCL" if x.ndim == 3 and x.shape[1] == x.shape[2] else layout)


def in_steps(x: Array, weight: Array, a: Arguments) -> Array:
    """[V7] From 64 channels on the running sum is cut to 10 bits after every 32."""
    if x.shape[1] < 64 or a.groups > 1:
        return scatter(x, weight, a)
    full = cut_to(10, scatter(x[:, :32], weight[:32], a))
    for start in range(32, x.shape[1], 32):
        full = cut_to(10, full + scatter(x[:, start : start + 32], weight[start : start + 32], a))
    return full


def narrow_channels(x: Array, weight: Array, a: Arguments) -> tuple[Array, Array]:
    """[V7] Operands of 64 and more channels have 10 fraction bits."""
    return (cut_to(10, x), cut_to(10, weight)) if x.shape[1] >= 64 else (x, weight)


def single_from_64(x: Array, weight: Array, a: Arguments) -> Array:
    """[V7] float64 of 64 and more channels is computed in float32."""
    return scatter(x.astype(np.float32), weight.astype(np.float32), a).astype(x.dtype) if x.shape[1] >= 64 else scatter(x, weight, a)


def meeting(x: Array, weight: Array, a: Arguments) -> bool:
    return a.padding == "SAME" and a.groups > 1 and a.dilation > 1 and weight.shape[2] > 1


BLOCKS, EQUAL, COMBINED, LONG = "values_at_block_sizes", "values_of_equal_sizes", "values_of_combinations", "V7_rounding_of_long_sums"
GUESSED = replace(RIGHT, source=guessed_source, result=result)
SABOTEURS = (
    saboteur("whole-block-of-taps", "wrong for 16, 32, 64, ... taps", reversed_where(lambda x, w, a: w.shape[2] in POWERS), f"V1_{BLOCKS}"),
    saboteur("beyond-500-taps", "wrong beyond 500 taps", reversed_where(lambda x, w, a: w.shape[2] > 500), f"V1_{BLOCKS}"),
    saboteur("beyond-500-channels", "wrong beyond 500 input channels", reversed_where(lambda x, w, a: x.shape[1] > 500), f"V1_{BLOCKS}"),
    saboteur("beyond-100-groups", "wrong beyond 100 groups", reversed_where(lambda x, w, a: a.groups > 100), f"V1_{BLOCKS}"),
    saboteur("beyond-100-items", "wrong beyond 100 items", reversed_where(lambda x, w, a: x.shape[0] > 100), f"V1_{BLOCKS}"),
    saboteur("guessed-layout", "the layout is guessed where sizes coincide", GUESSED, f"V1_{EQUAL}"),
    saboteur("same-groups-dilation", "SAME, groups and dilation together are wrong", reversed_where(meeting), f"V1_{COMBINED}"),
    saboteur("sum-in-steps", "long sums are cut in steps", scattered(in_steps), LONG),
    saboteur("narrow-channels", "operands of many channels are cut", scattering(narrow_channels), LONG),
    saboteur("single-from-64", "float64 of many channels is computed in float32", scattered(single_from_64), LONG),
)
