"""The two padding strings."""

from __future__ import annotations

from functools import partial

from hypothesis import strategies as st

from convt_conformance.law import Trial, law
from convt_conformance.strategies import Strategy, Supports, calls, ordinary_cases, small_cases
from convt_conformance.telling import grid, telling_cases
from convt_spec.case import Case
from convt_spec.lengths import SAME_READINGS
from convt_spec.problem import OMITTED


@law("S1", lambda supports: ordinary_cases(supports, padding="VALID", output_padding=OMITTED))
def test_S1_valid_length(trial: Trial, case: Case) -> None:
    """VALID keeps the whole scattered sum, and nothing more."""
    trial.judge(case)


@law("S2", lambda supports: ordinary_cases(supports, padding="VALID"))
def test_S2_valid_is_no_padding(trial: Trial, case: Case) -> None:
    """VALID gives what padding 0 gives."""
    other = case.with_(padding=0)
    valid, unpadded = trial.compute(case), trial.compute(other)
    if valid is not None and unpadded is not None:
        trial.equal(valid, unpadded, case, other)


def same_cases(supports: Supports, dilations: st.SearchStrategy[int] | None = None) -> Strategy:
    """SAME without a length, and with the length that some reading gives, for implementations that want it from the caller."""
    sizes = st.tuples(st.integers(1, 9), st.integers(1, 7), st.integers(1, 5), st.just(1) if dilations is None else dilations)
    return sizes.flatmap(
        lambda s: small_cases(
            supports,
            call=calls(supports),
            length=s[0], kernel_size=s[1], stride=s[2], dilation=s[3] if s[3] > 1 else OMITTED, padding="SAME",
            output_size=st.sampled_from([OMITTED, *sorted({reading(*s).length for reading in SAME_READINGS.values()})]),
        )
    )  # fmt: skip


SAME_GRID = {"length": (1, 2, 3, 4, 5), "kernel_size": (1, 2, 3, 4), "stride": (1, 2, 3), "padding": ("SAME",)}


def first_same_cases(clause: str, **more: tuple[int, ...]) -> tuple[Case, ...]:
    """The smallest telling cases without a length, and with one."""
    lengths = tuple(range(1, 13))
    without = telling_cases(clause, grid(**SAME_GRID, **more))
    return without + telling_cases(clause, grid(**SAME_GRID, **more, output_size=lengths, data_format=(OMITTED, "NLC")))


@law("S3", same_cases, first=partial(first_same_cases, "S3"), free=("O5",))
def test_S3_same(trial: Trial, case: Case) -> None:
    """SAME has the length and the crop of one reading."""
    trial.judge(case)


@law("S4", partial(same_cases, dilations=st.integers(2, 4)), first=partial(first_same_cases, "S4", dilation=(2, 3)), free=("S3", "O5"))
def test_S4_same_with_dilation(trial: Trial, case: Case) -> None:
    """SAME counts dilation, or resets it to 1, or refuses it."""
    trial.judge(case)


@law(
    "S5",
    lambda supports: st.integers(1, 9).flatmap(
        lambda length: small_cases(
            supports, call=calls(supports), length=length, padding="SAME", stride=1, output_size=st.sampled_from([OMITTED, length])
        )
    ),
    free=("S3",),
)
def test_S5_same_with_stride_one(trial: Trial, case: Case) -> None:
    """SAME with stride 1 keeps the input's length."""
    trial.judge(case)
