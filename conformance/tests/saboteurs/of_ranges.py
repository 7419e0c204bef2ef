"""Saboteurs that refuse, accept or ignore an argument in a corner of its range."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from saboteurs.right import (
    RIGHT,
    Arguments,
    Array,
    Parts,
    Window,
    added,
    biased,
    kernel,
    require,
    window,
)
from saboteurs.saboteur import biasing, family, layered, saboteur, scattering, windowed


def open_range(size: bool, limit: Callable[[Arguments, int], float]) -> Parts:
    """[O3 O5] Another end of the range, of output_size or of output_padding."""

    def more(a: Arguments, plain: int) -> int:
        if (a.output_size is not None) != size or a.padding == "SAME":
            return added(a, plain)
        found = a.output_padding if a.output_size is None else a.output_size - plain
        require(0 <= found <= limit(a, plain), "the length is out of range", plain=plain)
        return found

    return replace(RIGHT, added=more)


def shortening(a: Arguments, plain: int) -> int:
    """[O6] Without SAME, an output_size below L' cuts the result."""
    short = a.output_size is not None and a.output_size < plain and a.padding != "SAME"
    return a.output_size - plain if short and a.output_size is not None else added(a, plain)


def useless_size(a: Arguments, length: int, taps: int) -> Window:
    """[O7] For up to two samples, an output_size that adds nothing is refused."""
    found = window(a, length, taps)
    useful = a.output_size != found.length or a.padding == "SAME" or length > 2
    require(useful, "output_size must add something", output_size=a.output_size)
    return found


def even_channels(weight: Array, channels: int, groups: int) -> Array:
    """[I6] A kernel that was filled up to an even number of input channels is cut."""
    return kernel(weight[:channels] if channels % 2 and weight.shape[0] == channels + 1 else weight, channels, groups)


def no_zero_tap(x: Array, weight: Array, a: Arguments) -> tuple[Array, Array]:
    """[E1] A kernel of two channels and two taps that holds a 0 is refused, if one of the input's 4 samples is 0 as well."""
    zeros = weight.shape == (2, 1, 2) and x.shape[2] == 4 and not weight.all() and not x.all()
    require(not zeros, "the kernel must not hold a 0")
    return x, weight


def narrow_dilation(x: Array, weight: Array, a: Arguments) -> tuple[Array, Array]:
    """[D1] Dilations beyond 32 are refused."""
    require(a.dilation <= 32, "dilation must be at most 32", dilation=a.dilation)
    return x, weight


def no_bias_in_groups(y: Array, bias: Array, plain: int) -> Array:
    """[V1] A bias on more than two items of a batch is refused."""
    require(y.shape[0] < 3, "a bias is for batches of at most 2", batch=y.shape[0])
    return biased(y, bias, plain)


def one_stride_more(a: Arguments, plain: int) -> int:
    """[N3] Without padding, an output_size beside more than 90 samples gives a stride more."""
    return added(a, plain) + (a.stride if a.output_size is not None and a.padding == (0, 0) and plain > 90 else 0)


USELESS_SIZE = layered(windowed(useless_size))
OPEN_TAIL, OPEN_SIZE = (open_range(size, lambda a, plain: a.stride - plain % 2) for size in (False, True))
SABOTEURS = (
    *family(
        "arguments",
        saboteur(
            "zero-taps-refused",
            "2 channels and 2 taps that hold a 0 are refused, if one of 4 samples is 0",
            scattering(no_zero_tap),
            "E1_documented_numbers",
        ),
        saboteur("narrow-dilation", "dilations beyond 32 are refused", scattering(narrow_dilation), "D1_dilation_accepted"),
        saboteur("bias-for-two", "a bias is refused for three items", biasing(no_bias_in_groups), "V1_values"),
        saboteur(
            "even-channels",
            "a kernel with one channel more than an odd number is cut",
            replace(RIGHT, kernel=even_channels),
            "I6_channels_match",
        ),
        saboteur("useless-size", "the layer refuses an output_size of L'", USELESS_SIZE, "O7_output_size_in_the_call"),
        saboteur("open-tail", "the range of output_padding ends at the stride, or before", OPEN_TAIL, "O3_output_padding_range"),
        saboteur("open-size", "the range of output_size ends at the stride, or before", OPEN_SIZE, "O5_output_size_range"),
        saboteur(
            "shortening-size", "without SAME an output_size below L' cuts", replace(RIGHT, added=shortening), "O6_output_size_too_small"
        ),
    ),
    *family(
        "tail",
        saboteur(
            "long-size",
            "without padding an output_size beyond 90 gives a stride more",
            replace(RIGHT, added=one_stride_more),
            "N3_conv1d_maps_back",
        ),
    ),
)
