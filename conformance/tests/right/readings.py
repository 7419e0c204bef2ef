"""Functions that read the ambiguous clauses otherwise than we do, many at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from saboteurs.of_lengths import Windows, for_same
from saboteurs.readings import (
    HALF_OPEN,
    UNBOUNDED,
    any_length,
    empty_too,
    filled_batch,
    forward_on_input,
    left_right,
    no_list,
    no_output_size,
    without_dilation,
)
from saboteurs.right import READERS, Arguments, Parts, Window
from saboteurs.saboteur import layered


def two_or_any_case(value: Any) -> Any:
    """[A18 A19] Two paddings, and the strings in any case."""
    return left_right(value.upper() if isinstance(value, str) else value)


def same_by(changed: Windows, parts: Parts) -> Parts:
    """A function with another window for SAME."""
    return replace(parts, window=for_same(changed).window)


def any_length_undilated(a: Arguments, length: int, taps: int) -> Window:
    """[S3 S4] Any length that conv1d maps back, without dilation."""
    without_dilation(a, length, taps)
    return any_length(a, length, taps)


NO_LISTS = {**READERS, "stride": no_list("stride"), "dilation": no_list("dilation")}
MIXED = replace(same_by(forward_on_input, HALF_OPEN), readers={**NO_LISTS, "padding": two_or_any_case}, kept=empty_too)
MIXED_FOLLOWS = {
    "A12": "refused", "A16": "refused", "A18": "left-right", "A19": "any-case", "R2": "empty", "O3": "half-open", "O5": "half-open",
    "S3": "forward-on-input",
}  # fmt: skip

WIDE = replace(same_by(any_length_undilated, UNBOUNDED), source=filled_batch)
WIDE_FOLLOWS = {"O3": "unbounded", "O5": "unbounded", "I15": "refused", "S3": "inverse-any-length", "S4": "refused"}

CAUTIOUS = replace(same_by(any_length_undilated, HALF_OPEN), readers=NO_LISTS, source=filled_batch)
"""Refuses wherever a listed reading does; its layer has no output_size."""
CAUTIOUS_LAYER = layered(replace(CAUTIOUS, readers={**NO_LISTS, "output_size": no_output_size}))
CAUTIOUS_FOLLOWS = {
    "A12": "refused", "A16": "refused", "O3": "half-open", "O5": "half-open", "I15": "refused", "S3": "inverse-any-length", "S4": "refused",
}  # fmt: skip

CAUTIOUS_LAYER_FOLLOWS = {**CAUTIOUS_FOLLOWS, "O7": "absent", "S3": "inverse-end or inverse-any-length"}

GENEROUS = replace(UNBOUNDED, readers={**READERS, "padding": two_or_any_case}, kept=empty_too)
"""Accepts wherever a listed reading does."""
GENEROUS_FOLLOWS = {"A18": "left-right", "A19": "any-case", "R2": "empty", "O3": "unbounded", "O5": "unbounded"}
