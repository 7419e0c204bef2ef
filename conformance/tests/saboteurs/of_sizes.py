"""Saboteurs of sizes: at the ends of blocks, where sizes coincide, where arguments meet, in long sums."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from saboteurs.of_lengths import for_same
from saboteurs.of_rims import reversed_where
from saboteurs.of_values import cut_to
from saboteurs.right import RIGHT, Arguments, Array, Window, extent, result, scatter, source, window
from saboteurs.saboteur import finishing, saboteur, scattered, scattering

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


def odd_item(y: Array, x: Array, a: Arguments) -> Array:
    """[V1] Items of 40 and more samples are computed in pairs; of an odd number over 4 the last is a copy."""
    alone = len(x) > 4 and len(x) % 2 == 1 and y.shape[2] >= 40
    return np.concatenate([y[:-1], y[-2:-1]]) if alone else y


def much_work(x: Array, weight: Array, a: Arguments) -> bool:
    """Over a million products, while no size is beyond 140."""
    return x.size * weight.shape[1] * weight.shape[2] > 10**6 and max(*x.shape, *weight.shape) <= 140 and a.groups == 1


def odd_crop_of_long(a: Arguments, length: int, taps: int) -> Window:
    """[S3] Over more than 20 samples an odd crop takes more at the start."""
    found = window(a, length, taps)
    crop = max(extent(taps, a.dilation) - a.stride, 0)
    return Window(crop - found.left if length > 20 and a.stride > 1 else found.left, found.length)


def crop_of_wide(a: Arguments, length: int, taps: int) -> Window:
    """[S3] Kernels of more than 9 taps are cropped as with stride 1."""
    found = window(a, length, taps)
    return Window(extent(taps, a.dilation) // 2 if taps > 9 else found.left, found.length)


def rounded_steps(a: Arguments, length: int, taps: int) -> Window:
    """[S3] Strides beyond 7 leave a length that is a multiple of 4."""
    found = window(a, length, taps)
    return Window(found.left, found.length // 4 * 4 if a.stride > 7 else found.length)


def last_of_group(y: Array, x: Array, a: Arguments) -> Array:
    """[G1] Output channels of a group are computed in pairs; of an odd number over 4 the last is that of the first group."""
    columns = y.shape[1] // a.groups
    if a.groups == 1 or columns < 5 or columns % 2 == 0:
        return y
    done = y.copy()
    done[:, columns - 1 :: columns] = y[:, columns - 1 : columns]
    return done


def meeting(x: Array, weight: Array, a: Arguments) -> bool:
    return a.padding == "SAME" and a.groups > 1 and a.dilation > 1 and weight.shape[2] > 1


BLOCKS, EQUAL, COMBINED, LONG = "values_at_block_sizes", "values_of_equal_sizes", "values_of_combinations", "V7_rounding_of_long_sums"
WIDE_GROUPS = reversed_where(lambda x, w, a: a.groups in (2, 3, 4) and w.shape[1] > 32)
GUESSED = replace(RIGHT, source=guessed_source, result=result)
SABOTEURS = (
    saboteur("whole-block-of-taps", "wrong for 16, 32, 64, ... taps", reversed_where(lambda x, w, a: w.shape[2] in POWERS), f"V1_{BLOCKS}"),
    saboteur("beyond-500-taps", "wrong beyond 500 taps", reversed_where(lambda x, w, a: w.shape[2] > 500), f"V1_{BLOCKS}"),
    saboteur("beyond-500-channels", "wrong beyond 500 input channels", reversed_where(lambda x, w, a: x.shape[1] > 500), f"V1_{BLOCKS}"),
    saboteur("beyond-100-groups", "wrong beyond 100 groups", reversed_where(lambda x, w, a: a.groups > 100), f"V1_{BLOCKS}"),
    saboteur("beyond-100-items", "wrong beyond 100 items", reversed_where(lambda x, w, a: x.shape[0] > 100), f"V1_{BLOCKS}"),
    saboteur("guessed-layout", "the layout is guessed where sizes coincide", GUESSED, f"V1_{EQUAL}"),
    saboteur("same-groups-dilation", "SAME, groups and dilation together are wrong", reversed_where(meeting), f"V1_{COMBINED}"),
    saboteur("odd-item", "the last of an odd number of long items is a copy", finishing(odd_item), f"V1_{BLOCKS}"),
    saboteur("much-work", "over a million products meet the kernel backwards", reversed_where(much_work), f"V1_{BLOCKS}"),
    saboteur("odd-crop-of-long", "SAME crops more at the start of over 20 samples", for_same(odd_crop_of_long), "S3_same"),
    saboteur("crop-of-wide", "SAME forgets the stride beyond 9 taps", for_same(crop_of_wide), "S3_same", "S4_same_with_dilation"),
    saboteur("rounded-steps", "SAME rounds the length for strides beyond 7", for_same(rounded_steps), "S3_same", "S4_same_with_dilation"),
    saboteur("wide-groups", "over 32 output channels in one of a few groups", WIDE_GROUPS, "V1_values_of_large_sizes", "G1_groups"),
    saboteur("last-of-group", "an odd output channel is that of the first group", finishing(last_of_group), "G1_groups"),
    saboteur("sum-in-steps", "long sums are cut in steps", scattered(in_steps), LONG),
    saboteur("narrow-channels", "operands of many channels are cut", scattering(narrow_channels), LONG),
    saboteur("single-from-64", "float64 of many channels is computed in float32", scattered(single_from_64), LONG),
)
