"""What an implementation says it supports against one plain call for each feature, and whether a wrong result is that of a mix-up.

The sizes of these calls are all unlike, so that no axis can stand for another. They come before any law: a framework is not blamed
where its adapter may have passed it something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from convt_conformance.adapters.catalogue import CATALOGUE
from convt_conformance.comparison import compared
from convt_conformance.deviations import Known
from convt_conformance.foreign import is_program
from convt_conformance.isolation import Implementation
from convt_conformance.judge import Mismatch
from convt_conformance.laws.literals import literal
from convt_conformance.outcomes import CannotRun, Computed, Unsupported
from convt_conformance.protocol import FEATURES
from convt_conformance.shares import Settings, isolated
from convt_conformance.strategies import natural
from convt_spec.case import Case, Integers
from convt_spec.data import numbers
from convt_spec.interpretation import Answer, Refusal
from convt_spec.lengths import full_length
from convt_spec.oracle import exact
from convt_spec.problem import OMITTED, Problem

BASE = Problem(batch=2, in_channels=3, out_channels=5, length=7, kernel_size=4)
GROUPED = {"in_channels": 4, "out_channels": 6, "groups": 2}
ATTRIBUTES: dict[str, dict[str, Any]] = {
    "stride": {"stride": 2},
    "bias": {"bias": True},
    "groups": GROUPED,
    "dilation": {"dilation": 3, "stride": 2},
    "padding": {"padding": 1, "stride": 3},
    "VALID": {"padding": "VALID", "stride": 2},
    "SAME": {"padding": "SAME", "stride": 2},
    "output_padding": {"output_padding": 1, "stride": 3},
    "output_size": {"output_size": 17, "stride": 2},
    "NCL": {"data_format": "NCL"},
    "NLC": {"data_format": "NLC"},
}
"""What a call has that asks for a feature; every implementation has a stride."""

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One feature: whether it is `claimed`, and whether the call `works`, None where the result is wrong; `observed` in words.

    `mixed_up` says of what the result would be right.
    """

    feature: str
    case: Case
    claimed: bool
    works: bool | None
    observed: str
    miss: Mismatch | None = None
    mixed_up: str = ""

    @property
    def holds(self) -> bool:
        """Whether it is so; what is not claimed may give anything but a right result."""
        return (self.works is True) == self.claimed

    def as_line(self) -> dict[str, Any]:
        """The record's line."""
        plain = {name: getattr(self, name) for name in ("feature", "claimed", "works", "observed", "mixed_up")}
        return {"line": "claim", **plain, "case": str(self.case)}


def claims(implementation: Implementation) -> list[Claim]:
    """Each feature, asked for once."""
    supports = implementation.description.supports
    return [claim(implementation, feature, case) for feature, case in probes(supports)]


def probes(supports: Sequence[str]) -> Iterator[tuple[str, Case]]:
    """A case for each feature; what the feature is not about is as the implementation likes it best."""
    for feature in ("stride", *FEATURES):
        attributes = ATTRIBUTES.get(feature, {})
        case = natural(Case(problem=BASE.with_(**attributes), dtype="float32" if "float32" in supports else "float64"), supports)
        if feature in ("function", "layer"):
            case = case.with_(call=feature, bias=False, bias_attr=OMITTED if feature == "function" else False)
        yield feature, replace(case, dtype=feature if feature in ("float32", "float64") else case.dtype, data=Integers(1))


def asked(name: str, settings: Settings, known: Sequence[Known]) -> list[Claim]:
    """The claims of a framework or a program; raises CannotRun where a framework's result is that of a mix-up, and no deviation is listed.

    A callable claims nothing: it has the document's call.
    """
    ours = name in CATALOGUE and CATALOGUE[name].environment
    if not ours and not is_program(name):
        return []
    with isolated(name, settings) as implementation:
        found = claims(implementation)
    for each in found if ours else ():
        if each.mixed_up and each.miss and not any(entry.condition.holds(each.case) and each.miss.kind in entry.kinds for entry in known):
            what = f"the adapter of {name} is suspected: over {each.case} the result is that of {each.mixed_up}"
            raise CannotRun("broken", f"{what}; mend the adapter, or list the deviation where the framework alone does the same")
    return found


def claim(implementation: Implementation, feature: str, case: Case) -> Claim:
    """What became of a feature's call; one that is not claimed may be refused in any words."""
    outcome = implementation.run(case)
    claimed = feature == "stride" or feature in implementation.description.supports
    found = Claim(feature=feature, case=case, claimed=claimed, works=False, observed=str(outcome))
    if isinstance(outcome, Unsupported):
        return found
    comparison = compared(case, outcome, {})
    if not isinstance(outcome, Computed):
        return replace(found, miss=comparison.found if claimed else None)
    if comparison.fits:
        return replace(found, works=True)
    return replace(found, works=None, miss=comparison.found, mixed_up=mixed_up(case, outcome, comparison.ours))


def mixed_up(case: Case, outcome: Computed, answer: Answer | Refusal) -> str:
    """Of which other call the result would be right; empty where none of those tried fits."""
    if outcome.array is None or outcome.only_lengths or isinstance(answer, Refusal):
        return ""
    result = outcome.array.transpose(0, 2, 1) if case.layout == "NLC" and outcome.array.ndim == 3 else outcome.array
    return next((told for told, expected in mix_ups(case, answer) if np.array_equal(result, expected)), "")


def mix_ups(case: Case, answer: Answer) -> Iterator[tuple[str, Array]]:
    """Results, as (N, C_out, L_out), of calls that an adapter may make in place of the one that is meant."""
    data, right = numbers(case), exact(case, answer).values
    groups = answer.groups

    def turned(part: Array, axis: int) -> Array:
        """The groups' channels in turn."""
        split = part.reshape(*part.shape[:axis], groups, -1, *part.shape[axis + 1 :])
        return split.swapaxes(axis, axis + 1).reshape(part.shape)

    def over(x: Array = data.x, weight: Array = data.weight, bias: Array | None = data.bias, other: Answer = answer) -> Array:
        return exact(literal(case, [x, weight, bias]), other).values

    yield "a kernel whose taps come in reverse", over(weight=data.weight[:, :, ::-1])
    yield "an input whose samples come in reverse", over(x=data.x[:, :, ::-1])
    yield "input channels in reverse", over(x=data.x[:, ::-1])
    yield "kernels whose output channels come in reverse", over(weight=data.weight[:, ::-1])
    if groups > 1:
        yield "kernels whose groups come in turn", over(weight=turned(data.weight, 0))
        yield "input channels whose groups come in turn", over(x=turned(data.x, 1))
        yield "output channels whose groups come in turn", turned(right, 1)
    if data.bias is not None:
        yield "a call without the bias", right - data.bias[:, None]
    left, stride, dilation = answer.left or 0, answer.stride, answer.dilation
    for by in (-2, -1, 1, 2):
        if left + by >= 0:
            yield f"a crop of {abs(by)} {'more' if by > 0 else 'fewer'} at the start", over(other=replace(answer, left=left + by))
    for other_stride, other_dilation in ((dilation, stride), (stride, dilation - 1), (stride, dilation + 1)):
        if other_dilation > 0:
            length = full_length(case.problem.length, case.problem.kernel_size, other_stride, other_dilation)
            other = replace(answer, stride=other_stride, dilation=other_dilation, length=length)
            yield f"a call with stride={other_stride} and dilation={other_dilation}", over(other=other)
