"""The two padding strings."""

from __future__ import annotations

from functools import partial
from typing import Any

from hypothesis import strategies as st

from convt_conformance.judge import SHAPE
from convt_conformance.law import law
from convt_conformance.strategies import LONG, Strategy, Supports, calls, small_cases, varied, widely
from convt_conformance.telling import all_cases, grid
from convt_conformance.trial import Trial
from convt_spec.case import Case
from convt_spec.lengths import SAME_READINGS
from convt_spec.problem import OMITTED


@law("S1", lambda supports: widely(supports, {**LONG, "groups": OMITTED}, padding="VALID", output_padding=OMITTED), aspects=SHAPE)
def test_S1_valid_length(trial: Trial, case: Case) -> None:
    """VALID keeps the whole scattered sum, and nothing more."""
    trial.judge(case)


def valid_cases(supports: Supports) -> Strategy:
    return widely(supports, {"kernel_size": st.integers(21, 60), "length": st.integers(17, 60)}, padding="VALID")


@law("S2", valid_cases)
def test_S2_valid_is_no_padding(trial: Trial, case: Case) -> None:
    """VALID gives what padding 0 gives."""
    other = case.with_(padding=0)
    valid, unpadded = trial.compute(case), trial.compute(other)
    if valid is not None and unpadded is not None:
        trial.equal(valid, unpadded, case, other)


def same_cases(supports: Supports, dilations: st.SearchStrategy[int] | None = None) -> Strategy:
    """SAME without a length, and with the length that some reading gives, for implementations that want it from the caller.

    A third have sizes beyond those of most laws.
    """
    dilated = st.just(1) if dilations is None else dilations
    small = st.tuples(st.integers(1, 9), st.integers(1, 7), st.integers(1, 5), dilated)
    wide = st.tuples(st.integers(10, 140), st.integers(8, 20), st.integers(2, 5) | st.integers(6, 16), dilated)
    return (small | small | wide).flatmap(
        lambda s: small_cases(
            supports,
            call=calls(supports),
            length=s[0], kernel_size=s[1], stride=s[2], dilation=s[3] if s[3] > 1 else OMITTED, padding="SAME",
            output_size=st.sampled_from([OMITTED, *sorted({reading(*s).length for reading in SAME_READINGS.values()})]),
            **varied(supports),
        )
    )  # fmt: skip


SAME = {"padding": ("SAME",), "length": (1, 2, 3, 4, 5), "kernel_size": (1, 2, 3, 4), "stride": (1, 2, 3)}
DILATED = {"padding": ("SAME",), "length": (1, 2, 3, 4), "kernel_size": (2, 3), "stride": (1, 2, 3), "dilation": (2, 3)}


def same_borders(attributes: dict[str, tuple[Any, ...]]) -> tuple[Case, ...]:
    """Every small case without a length, then those with one."""
    asked = {**attributes, "length": (1, 2, 3), "kernel_size": (2, 3), "output_size": tuple(range(1, 10))}
    if "dilation" in attributes:
        asked["dilation"] = attributes["dilation"][:1]
    return all_cases(grid(**attributes)) + all_cases(grid(**asked))


@law("S3", same_cases, first=partial(same_borders, SAME), free=("O5",))
def test_S3_same(trial: Trial, case: Case) -> None:
    """SAME has the length and the crop of one reading."""
    trial.judge(case)


@law("S4", partial(same_cases, dilations=st.integers(2, 4)), first=partial(same_borders, DILATED), free=("S3", "O5"))
def test_S4_same_with_dilation(trial: Trial, case: Case) -> None:
    """SAME counts dilation, or resets it to 1, or refuses it."""
    trial.judge(case)


def unstrided_cases(supports: Supports) -> Strategy:
    pins = {"kernel_size": st.integers(1, 4) | st.integers(8, 20), "padding": "SAME", "stride": 1}
    return (st.integers(1, 60) | st.integers(61, 140)).flatmap(
        lambda length: small_cases(
            supports, call=calls(supports), length=length, output_size=st.sampled_from([OMITTED, length]), **varied(supports), **pins
        )
    )


@law("S5", unstrided_cases, free=("S3",))
def test_S5_same_with_stride_one(trial: Trial, case: Case) -> None:
    """SAME with stride 1 keeps the input's length."""
    trial.judge(case)
