"""The numbers in the result."""

from __future__ import annotations

from functools import partial

from hypothesis import strategies as st

from convt_conformance.judge import DTYPE, ROUNDING
from convt_conformance.law import law
from convt_conformance.laws.literals import literal
from convt_conformance.strategies import (
    Strategy,
    Supports,
    among,
    around,
    calls,
    combined_cases,
    one_wide_side,
    ordinary_cases,
    small_cases,
    widely,
)
from convt_conformance.telling import grid, telling_cases
from convt_conformance.trial import Trial
from convt_spec.case import Case, Integers, Reals, Special
from convt_spec.data import numbers
from convt_spec.problem import OMITTED, Problem


@law("V1", ordinary_cases, every=True)
def test_V1_values(trial: Trial, case: Case) -> None:
    """Every ordinary call is accepted, and each sample is the sum that the definition gives."""
    trial.judge(case)


LONGEST = (
    Case(problem=Problem(length=8300, kernel_size=11, stride=8), data=Integers(1)),
    Case(problem=Problem(length=33000, kernel_size=2), data=Integers(1)),
)
"""More samples than 16 bits count, with a sign and without: in the output, in the input."""


@law("V1", lambda supports: ordinary_cases(supports, length=st.integers(60, 300), kernel_size=st.integers(1, 12)), first=lambda: LONGEST)
def test_V1_values_of_long_inputs(trial: Trial, case: Case) -> None:
    """The same over inputs longer than the blocks that implementations work in."""
    trial.judge(case)


LARGE = {
    "kernel_size": st.integers(21, 80),
    "stride": st.integers(6, 24),
    "dilation": st.integers(5, 24),
    "batch": st.integers(4, 12),
    "in_per_group": st.integers(4, 80),
    "out_per_group": st.integers(4, 80),
    "groups": st.integers(4, 12),
}
FEATURES = {"dilation": "dilation", "groups": "groups"}


def large_cases(supports: Supports) -> Strategy:
    """One attribute at a time beyond the sizes that the other laws draw, or many channels in each of a few groups."""
    names = [name for name in LARGE if FEATURES.get(name, supports[0]) in supports]
    small = {"length": st.integers(1, 9), "kernel_size": st.integers(2, 4), "groups": OMITTED}
    alone = st.sampled_from(names).flatmap(lambda name: ordinary_cases(supports, **{**small, name: LARGE[name]}))
    if "groups" not in supports:
        return alone
    wide = {**small, "groups": st.integers(2, 4), "length": st.integers(1, 5)}
    per_group = one_wide_side(supports, **wide)
    return st.integers(0, 3).flatmap(lambda drawn: alone if drawn else per_group)


@law("V1", large_cases)
def test_V1_values_of_large_sizes(trial: Trial, case: Case) -> None:
    """The same with many taps, channels, groups or items, or with a wide stride or dilation."""
    trial.judge(case)


BLOCKS = {
    "length": around(64, 128, 256, 512, 1000, 1024, 2048, 4096),
    "kernel_size": around(16, 32, 64, 128, 256, 1000, 1024),
    "stride": around(8, 16, 32, 64, 128),
    "dilation": around(8, 16, 32, 64, 128),
    "batch": around(8, 16, 32, 64, 128, 256),
    "in_per_group": around(16, 32, 64, 128, 256, 1000, 1024),
    "out_per_group": around(16, 32, 64, 128, 256, 1000, 1024),
    "groups": around(8, 16, 32, 64, 128, 256),
}
"""Sizes at and beside the blocks that implementations work in."""


MODERATE = {
    "batch": st.integers(4, 16),
    "length": st.integers(30, 130),
    "kernel_size": st.integers(3, 16),
    "in_per_group": st.integers(4, 16),
    "out_per_group": st.integers(4, 16),
    "groups": OMITTED,
}


def block_cases(supports: Supports) -> Strategy:
    """One size at the end of a block, or two, the others tiny; now and then all sizes beyond those of most laws."""
    names = [name for name in BLOCKS if FEATURES.get(name, supports[0]) in supports]
    tiny = {
        "length": st.integers(1, 5),
        "kernel_size": st.integers(2, 4),
        "batch": st.integers(1, 2),
        "in_per_group": st.integers(1, 2),
        "out_per_group": st.integers(1, 2),
        "groups": OMITTED,
    }
    pair = {
        "batch": around(4, 8, 16),
        "length": around(64, 128),
        "kernel_size": around(32, 64),
        "in_per_group": around(16, 32),
        "out_per_group": around(16, 32),
    }
    alone = st.sampled_from(names).flatmap(lambda name: ordinary_cases(supports, **{**tiny, name: BLOCKS[name]}))
    pairs = st.sets(st.sampled_from(sorted(pair)), min_size=2, max_size=2)
    paired = pairs.flatmap(lambda both: ordinary_cases(supports, **{**tiny, **{name: pair[name] for name in sorted(both)}}))
    moderate = ordinary_cases(supports, **MODERATE)
    return st.integers(0, 15).flatmap(lambda drawn: (alone if drawn < 8 else paired) if drawn else moderate)


@law("V1", block_cases)
def test_V1_values_at_block_sizes(trial: Trial, case: Case) -> None:
    """The same with sizes at the ends of blocks: powers of two and of ten, one less and one more."""
    trial.judge(case)


def equal_cases(supports: Supports) -> Strategy:
    """All sizes alike, so that no shape tells the axes apart, or all of them powers of two and their neighbours."""
    same = st.integers(1, 6) | st.sampled_from([8, 16])
    equal = same.flatmap(
        lambda size: ordinary_cases(
            supports, batch=size, in_per_group=size, out_per_group=size, length=size, kernel_size=size, groups=OMITTED
        )
    )
    power = around(2, 4, 8, 16)
    names = ("batch", "in_per_group", "out_per_group", "length", "kernel_size", "stride")
    return equal | ordinary_cases(supports, groups=OMITTED, **dict.fromkeys(names, power))


@law("V1", equal_cases)
def test_V1_values_of_equal_sizes(trial: Trial, case: Case) -> None:
    """The same where all sizes are alike, or powers of two and their neighbours."""
    trial.judge(case)


@law("V1", combined_cases, free=("S3", "S4", "O3", "O5", "O7"))
def test_V1_values_of_combinations(trial: Trial, case: Case) -> None:
    """The same with SAME, VALID or an output_size together with groups, bias, layout, dilation and the layer, whichever crop SAME has."""
    trial.judge(case)


def negative(case: Case) -> Case:
    """The case with an input above 0 and a kernel below, so that no result is above 0."""
    data = numbers(case)
    return literal(case, [abs(data.x), -abs(data.weight)])


def signed_cases(supports: Supports) -> Strategy:
    """Also results that are negative throughout."""
    few = {"batch": 1, "in_per_group": 1, "groups": OMITTED, "length": st.integers(5, 9), "bias": False, "bias_attr": False}
    return ordinary_cases(supports, length=st.integers(1, 9)) | ordinary_cases(supports, **few).map(negative)


@law(
    "V3",
    signed_cases,
    first=partial(telling_cases, "V3", grid(length=(1, 2), kernel_size=(1, 2))),
)
def test_V3_no_activation(trial: Trial, case: Case) -> None:
    """Negative results stay, or an activation cuts them off."""
    trial.judge(case)


@law("V5", ordinary_cases, aspects=DTYPE)
def test_V5_dtype(trial: Trial, case: Case) -> None:
    """The result has the input's dtype."""
    trial.judge(case)


def rounded_cases(supports: Supports) -> Strategy:
    """Full-width numbers, and now and then whole ones, which leave nothing to round; a few structured ones."""
    return st.one_of([*(full_width_cases(supports) for _ in range(5)), *structured_cases(supports)])


def full_width_cases(supports: Supports) -> Strategy:
    data = st.tuples(st.sampled_from([Reals, Reals, Reals, Integers]), st.integers(0, 2**16 - 1)).map(lambda drawn: drawn[0](drawn[1]))
    return ordinary_cases(supports, data=data, length=st.integers(30, 100), in_per_group=st.integers(1, 6))


def structured_cases(supports: Supports) -> list[Strategy]:
    """Channels in multiples of 8, as matrix units have them; equal taps, as running sums have them; a power of two for each channel."""
    seeds, eights, fours = st.integers(0, 2**16 - 1), st.sampled_from([8, 16, 24, 32]), st.sampled_from([4, 5, 6, 8])
    short = {"stride": OMITTED, "dilation": OMITTED, "padding": among(OMITTED, 1) if "padding" in supports else "VALID"}
    short |= {"groups": among(OMITTED, 2) if "groups" in supports else OMITTED}
    aligned = {"in_per_group": eights, "out_per_group": eights, "length": st.integers(16, 24), "kernel_size": st.integers(1, 4), "batch": 1}
    level = {"length": st.integers(150, 250), "kernel_size": st.integers(3, 5), "in_per_group": 1, "out_per_group": 1, "batch": 1}
    uneven = {"length": st.integers(3, 9), "kernel_size": st.integers(2, 3), "in_per_group": fours, "out_per_group": fours}
    dtype = "float32" if "float32" in supports else "float64"
    return [
        ordinary_cases(supports, data=seeds.map(Reals), dtype=dtype, **short, **aligned),
        ordinary_cases(supports, data=seeds.map(lambda seed: Reals(seed, "level")), **short, **level),
        ordinary_cases(supports, data=seeds.map(lambda seed: Special("uneven", seed)), **short, **uneven),
    ]


@law("V7", rounded_cases, aspects=ROUNDING, nested=True)
def test_V7_rounding(trial: Trial, case: Case) -> None:
    """Numbers come out within the rounding that the dtype's own arithmetic causes, in sums or in transforms."""
    trial.judge(case)


def long_sum_cases(supports: Supports) -> Strategy:
    """Sums of up to ten thousand products, in enough samples for statistics: float64, whose exact sums are slow, in fewer channels."""
    data = st.integers(0, 2**16 - 1).map(Reals)
    sizes = {"batch": 1, "groups": OMITTED, "out_per_group": st.integers(1, 2), "stride": OMITTED, "dilation": OMITTED, "padding": OMITTED}
    if "padding" not in supports:
        sizes["padding"] = "VALID"

    def calls_in(dtype: str) -> Strategy:
        most, kernels = (900, st.integers(1, 12)) if dtype == "float32" else (150, st.integers(1, 3))
        channels = st.integers(60, most)
        return ordinary_cases(supports, data=data, dtype=dtype, length=70, in_per_group=channels, kernel_size=kernels, **sizes)

    return st.one_of([calls_in(dtype) for dtype in ("float32", "float32", "float64") if dtype in supports])


LONGEST_SUMS = (
    Case(problem=Problem(in_channels=1100, length=20, kernel_size=4), dtype="float64", data=Reals(1)),
    Case(problem=Problem(in_channels=1100, length=70, kernel_size=8), dtype="float32", data=Reals(1)),
)
"""Sums of 4400 and of 8800 products."""


@law("V7", long_sum_cases, first=lambda: LONGEST_SUMS, aspects=ROUNDING, nested=True)
def test_V7_rounding_of_long_sums(trial: Trial, case: Case) -> None:
    """The same over many channels: neither the operands nor the running sum is narrower than the dtype."""
    trial.judge(case)


def dilated_cases(supports: Supports) -> Strategy:
    wide = {"dilation": st.integers(6, 24), "kernel_size": st.integers(7, 12)}
    return widely(supports, wide, dilation=st.integers(2, 5), kernel_size=st.integers(2, 6))


@law("D1", dilated_cases)
def test_D1_dilation(trial: Trial, case: Case) -> None:
    """Taps stand dilation samples apart."""
    trial.judge(case)


@law(
    "D1",
    lambda supports: small_cases(
        supports, call=calls(supports), dilation=st.integers(2, 4) | st.integers(5, 64), dtype=st.sampled_from(["float32", "float64"])
    ),
    every=True,
)
def test_D1_dilation_accepted(trial: Trial, case: Case) -> None:
    """A dilation of any size is accepted, in either dtype."""
    trial.judge(case)


def padded_cases(supports: Supports) -> Strategy:
    wide = {"padding": st.integers(9, 16), "kernel_size": st.integers(33, 40)}
    return widely(supports, wide, padding=st.integers(1, 4), kernel_size=st.integers(9, 14))


@law("P1", padded_cases, first=partial(telling_cases, "P1", grid(length=(1, 2), kernel_size=(1, 2, 3), padding=(1,))))
def test_P1_padding(trial: Trial, case: Case) -> None:
    """padding crops both ends of the result, or adds zeros to both ends of the input."""
    trial.judge(case)


def strided_cases(supports: Supports) -> Strategy:
    wide = {"stride": st.integers(6, 24), "length": st.integers(17, 60), "output_padding": OMITTED}
    return widely(supports, wide, stride=st.integers(2, 5), dilation=OMITTED)


@law("N2", strided_cases)
def test_N2_one_to_many(trial: Trial, case: Case) -> None:
    """With a stride above 1 each input sample reaches K outputs, stride apart from its neighbour's."""
    trial.judge(case)
