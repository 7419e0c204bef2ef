"""One outcome against what one reading asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from convt_conformance import special
from convt_conformance.outcomes import Computed, Crashed, Outcome, OutOfMemory, Rejected, TimedOut, numbers_text
from convt_spec.bounds import rounding_errors
from convt_spec.case import Case, Reals, Special
from convt_spec.interpretation import Answer, Refusal
from convt_spec.oracle import Exact, exact
from convt_spec.transforms import norms, settled, transform_errors

VERDICTS = ("crashes", "hangs", "exhausts-memory", "deviates", "mistrusted", "conforms", "unsupported")
"""Worst first: a failure before a success, a success before nothing to check."""
FAILURES = VERDICTS[:5]
KINDS = (
    "length",
    "value",
    "dtype",
    "layout",
    "accepts-invalid",
    "rejects-valid",
    "changes-input",
    "not-deterministic",
    "depends-on-order",
    "reading",
)
NUMBERS, SHAPE, DTYPE = frozenset({"shape", "values"}), frozenset({"shape"}), frozenset({"shape", "dtype"})
EVERYTHING = NUMBERS | DTYPE
ROUNDING = NUMBERS | {"rounding"}
"""The numbers within the bound of the answer's own reading of V7; without `rounding`, within the bound of any."""
PROCESS_VERDICTS = {Crashed: "crashes", TimedOut: "hangs", OutOfMemory: "exhausts-memory"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """How an outcome differs from what is required, both in words; `kind` is empty for crashes and the like.

    `rule` is the clause by which a call that was accepted must be refused.
    """

    verdict: str
    kind: str
    observed: str
    required: str
    rule: str = ""


def mismatch(case: Case, outcome: Outcome, required: Answer | Refusal, aspects: frozenset[str] = NUMBERS) -> Mismatch | None:
    """What is wrong with an outcome in some of the aspects shape, dtype, values and rounding, or None.

    The numbers alone are compared unless a clause says otherwise, so that each fault is charged to the clause that speaks of it.
    """
    if type(outcome) in PROCESS_VERDICTS:
        return Mismatch(verdict=PROCESS_VERDICTS[type(outcome)], kind="", observed=str(outcome), required=requirement(case, required))
    if isinstance(required, Refusal):
        if isinstance(outcome, Rejected):
            return None
        return deviation("accepts-invalid", str(outcome), requirement(case, required), required.clause)
    if isinstance(outcome, Rejected):
        return deviation("rejects-valid", str(outcome), requirement(case, required))
    assert isinstance(outcome, Computed), outcome
    return wrong_result(case, outcome, required, aspects)


def deviation(kind: str, observed: str, required: str, rule: str = "") -> Mismatch:
    return Mismatch(verdict="deviates", kind=kind, observed=observed, required=required, rule=rule)


def wrong_result(case: Case, outcome: Computed, required: Answer, aspects: frozenset[str]) -> Mismatch | None:
    """[V6] Shape first, then dtype, then the numbers."""
    array = outcome.array
    if array is None:
        return deviation("dtype", str(outcome), "an array")
    shape = required_shape(case, required)
    if array.shape != shape:
        kind = "length" if without_length(case, array.shape) == without_length(case, shape) else "layout"
        return deviation(kind, str(outcome), requirement(case, required))
    if "dtype" in aspects and array.dtype.name != case.dtype:
        return deviation("dtype", f"a result of dtype {array.dtype.name}", f"dtype {case.dtype}, as the input has")
    if "values" not in aspects or outcome.only_lengths or case.problem.parameters == "fresh":  # nobody says what a fresh kernel holds
        return None
    if array.dtype.kind == "c":
        return deviation("dtype", f"a complex result, {outcome}", "real numbers, as the input has")
    in_ncl = array.transpose(0, 2, 1) if case.layout == "NLC" else array
    if isinstance(case.data, Special):
        whole = special.settled(case, in_ncl, required)
        if isinstance(whole, tuple):
            return deviation("value", *whole)
        miss = wrong_values(case, whole, required, exact(case, required))
        return miss and deviation("value", miss.observed + special.unit(case), miss.required + special.unit(case))
    if required.left is not None:
        return wrong_values(case, in_ncl, required, exact(case, required), strict="rounding" in aspects and required.rounding == "sums")
    if any(wrong_values(case, in_ncl, required, exact(case, required, left)) is None for left in crops(case, in_ncl, required)):
        return None
    return deviation("value", str(outcome), f"{required.length} neighbouring samples of the scattered sum, whatever the crop")


def crops(case: Case, result: npt.NDArray[Any], required: Answer) -> Sequence[int]:
    """The crops of the scattered sum to which a result in NCL may belong: over whole numbers, those that begin with its first samples."""
    every = range(max((case.problem.length - 1) * required.stride + required.dilation * (case.problem.kernel_size - 1) + 1, 1))
    if isinstance(case.data, Reals) or not required.length > required.added:
        return every
    whole = exact(case, replace(required, left=0, length=len(every), added=0)).values
    alike = (whole == settled(result, case, required)[..., :1]).all(axis=(0, 1))
    return [int(left) for left in np.flatnonzero(alike)]


def required_shape(case: Case, required: Answer) -> tuple[int, ...]:
    problem = case.problem
    shape = (problem.batch, problem.out_channels, required.length)
    return (shape[0], shape[2], shape[1]) if case.layout == "NLC" else shape


def without_length(case: Case, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """The other two sizes of a 3-D shape; None for another rank."""
    if len(shape) != 3:
        return None
    return (shape[0], shape[2]) if case.layout == "NLC" else shape[:2]


def wrong_values(case: Case, result: npt.NDArray[Any], answer: Answer, required: Exact, *, strict: bool = False) -> Mismatch | None:
    """[V7] Equality for whole numbers, the derived bound for reals; unless `strict`, a transform's rounding is allowed. Both in NCL."""
    if isinstance(case.data, Reals):
        errors = rounding_errors(result, required, case.dtype)
        if errors.within or (not strict and transform_errors(result, required, norms(case, answer), case.dtype).within):
            return None
        n, c, t = errors.worst
        wanted = float(required.values[n, c, t]) * 2.0**-required.exponent
        share = f"largest error {errors.largest:.3g} of its limit, sum of squares {errors.squares:.3g} of its limit"
        return deviation(
            "value", f"y[{n},{c},{t}] = {float(result[n, c, t])!r} ({share})", f"{wanted!r} within the rounding of {case.dtype}"
        )
    wanted_numbers = required.values.astype(np.float64)
    wrong = ~((result if strict else settled(result, case, answer)) == wanted_numbers)
    if not wrong.any():
        return None
    n, c, t = (int(index) for index in np.argwhere(wrong)[0])
    if result.size <= 24:
        return deviation("value", f"{numbers_text(result)} as NCL", f"{numbers_text(wanted_numbers)} as NCL")
    observed = f"{int(wrong.sum())} of {result.size} samples differ, first y[{n},{c},{t}] = {float(result[n, c, t]):.9g}"
    return deviation("value", observed, f"{float(wanted_numbers[n, c, t]):.9g} there, as NCL")


def requirement(case: Case, required: Answer | Refusal) -> str:
    """What a reading asks for, in words."""
    if isinstance(required, Refusal):
        return f"a refusal ([{required.clause}] {required.reason})"
    numbers = required_numbers(case, required)
    if numbers is None:
        return f"{required.length} samples per channel"
    return f"shape {required_shape(case, required)} {numbers_text(numbers)}"


def required_numbers(case: Case, required: Answer | Refusal) -> npt.NDArray[np.float64] | None:
    """The result that a reading asks for, in the layout of the case; None for a refusal, and where the numbers are left open."""
    if isinstance(required, Refusal) or required.left is None or case.problem.parameters == "fresh":
        return None
    answer = exact(case, required)
    values: npt.NDArray[np.float64] = (
        special.expected(case, required) if isinstance(case.data, Special) else answer.values.astype(np.float64) * 2.0**-answer.exponent
    )
    return values.transpose(0, 2, 1) if case.layout == "NLC" else values


def nan_too(case: Case, required: Answer | Refusal) -> list[int]:
    """[V8] The samples where NaN is right as well as the required number, by their place in C order of the case's layout."""
    if isinstance(required, Refusal) or required.left is None or not isinstance(case.data, Special) or case.data.kind != "nonfinite":
        return []
    found = special.may_be_nan(case, required)
    return [int(at) for at in np.flatnonzero(found.transpose(0, 2, 1) if case.layout == "NLC" else found)]


def could_fail(case: Case, required: Answer | Refusal, aspects: frozenset[str] = NUMBERS) -> bool:
    """Whether a trivially wrong answer would be noticed: an acceptance, zeros, or the result the other way round."""
    if isinstance(required, Refusal) or required.left is None or "values" not in aspects:
        return True
    return tells(exact(case, required).values)


def tells(values: npt.NDArray[Any]) -> bool:
    """Whether numbers (N, C, L) differ from zeros and from themselves reversed in time: one tap or a symmetric sum shows little."""
    return bool(np.any(values != values[..., ::-1]))
