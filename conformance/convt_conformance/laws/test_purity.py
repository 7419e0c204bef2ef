"""What a call does beside returning a result: nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy.typing as npt
from hypothesis import strategies as st

from convt_conformance.judge import EVERYTHING, ROUNDING, mismatch
from convt_conformance.law import law
from convt_conformance.laws.alike import judge_like
from convt_conformance.laws.literals import literal
from convt_conformance.outcomes import Computed, Outcome, Rejected
from convt_conformance.requirements import required
from convt_conformance.sequence import CHANGED
from convt_conformance.strategies import SEEDS, Strategy, Supports, among, asked, ordinary_cases
from convt_conformance.trial import Trial
from convt_spec.case import Case, Integers, Reals
from convt_spec.data import numbers
from convt_spec.problem import OMITTED, Items, plain

Whole = npt.NDArray[Any]
SHORT = {"length": st.integers(2, 12), "kernel_size": st.integers(1, 5)}
LISTS = ("stride", "padding", "output_padding", "dilation")
"""Arguments that may hold their number in a list, or refuse it."""


@st.composite
def listed_cases(draw: st.DrawFn, /, supports: Supports) -> Case:
    """Calls with one of their numbers in a list."""
    case = draw(ordinary_cases(supports, state="watched", **SHORT))
    problem = case.problem
    given = {name: value for name, value in problem.given().items() if name in LISTS and isinstance(value, int)}
    if problem.call != "function":
        given["kernel_form"] = problem.kernel_size
    name = draw(among(*given)) if given else "stride"
    return case.with_(**{name: Items("list", (given.get(name, 1),))})


def untouched_cases(supports: Supports) -> Strategy:
    return ordinary_cases(supports) | listed_cases(supports) if "state" in supports else ordinary_cases(supports)


@law("I13", untouched_cases)
def test_I13_inputs_unchanged(trial: Trial, case: Case) -> None:
    """Input, kernel and bias hold the same bytes after the call, and a list the same number."""
    outcome = trial.run(case)
    if isinstance(outcome, Rejected):
        trial.require(case, CHANGED not in outcome.message, outcome.message, "untouched arguments", kind="changes-input")
    if isinstance(outcome, Computed):
        trial.effective += 1
        trial.require(case, not outcome.changed_input, "an argument was written to", "untouched arguments", kind="changes-input")


def nearby(case: Case) -> list[Case]:
    """Calls that differ from a case in one thing; most have arrays of the same shapes.

    Those with nearly the same numbers come first, where whoever keeps what came first meets them, and last, after other numbers, for
    whoever keeps what came last.
    """
    parts = numbers_of(case)
    near = [NEAR[case.data.seed % len(NEAR) if isinstance(case.data, Integers) else 0](part) for part in parts]
    others = [literal(case, [*parts[:at], near[at], *parts[at + 1 :]]) for at in range(len(parts))]
    closest, far = literal(case, near), literal(case, [part + 1 for part in parts])
    return [closest, *others, *other_arguments(case), far, closest]


def other_arguments(case: Case) -> list[Case]:
    """The same numbers with another attribute, or others of another dtype."""
    problem = case.problem
    groups = problem.group_count
    padding = plain(problem.padding, 0)
    changes: list[dict[str, object]] = [
        {"stride": plain(problem.stride) + 1},
        {"dilation": plain(problem.dilation) + 1},
        {"padding": padding - 1 if padding else "VALID" if problem.padding is OMITTED else OMITTED},
        {"groups": OMITTED, "out_channels": problem.out_channels // groups},
        {"data_format": "NLC" if problem.layout == "NCL" else "NCL", "in_channels": problem.in_channels, "length": problem.length},
        {"bias": not problem.bias} if problem.call == "function" else {"bias_attr": OMITTED if problem.bias_attr is False else False},
        {"output_padding": 1 if problem.output_padding in (OMITTED, 0) else OMITTED},
        {"output_size": plain(asked(case).problem.output_size) + 1, "output_padding": OMITTED},
    ]
    other = {"float32": "float64", "float64": "float32"}[case.dtype]
    return [Case(problem=problem, dtype=other, data=case.data), *(case.with_(**each) for each in changes)]


def numbers_of(case: Case) -> list[Whole]:
    """The input, the kernel, and the bias if there is one."""
    data = numbers(case)
    return [data.x, data.weight, *([] if data.bias is None else [data.bias])]


def raised(part: Whole, at: int) -> Whole:
    """The numbers with one of them greater by 1."""
    found = part.copy()
    found.reshape(-1)[at : at + 1] += 1
    return found


NEAR: tuple[Callable[[Whole], Whole], ...] = (
    lambda part: part.reshape(-1)[::-1].reshape(part.shape),
    lambda part: raised(part, part.size - 1),
    lambda part: raised(part, part.size // 2),
)
"""Nearly the same numbers: in another order, all but the last, all but one in the middle."""


@law("I14", lambda supports: ordinary_cases(supports, **SHORT))
def test_I14_after_other_calls(trial: Trial, case: Case) -> None:
    """Calls with other numbers or other arguments before it leave no trace in a call."""
    for each in nearby(case):
        trial.disturb(each)
    trial.judge(case)


def surrounded_cases(supports: Supports, *states: str) -> Strategy:
    """Short calls with other calls before, after or beside them."""
    return ordinary_cases(supports, state=st.sampled_from(states), **SHORT)


@law("I14", lambda supports: surrounded_cases(supports, "rewritten", "freed"))
def test_I14_same_arrays_again(trial: Trial, case: Case) -> None:
    """Numbers count, not the arrays that hold them: these had others in the call before, or take the place of arrays that are gone."""
    judge_like(trial, case, case.with_(state="once"))


@law("I17", lambda supports: surrounded_cases(supports, "kept"))
def test_I17_result_kept(trial: Trial, case: Case) -> None:
    """A result holds its numbers when another call has been made."""
    judge_like(trial, case, case.with_(state="once"))


@law("I18", lambda supports: surrounded_cases(supports, "threads"))
def test_I18_threads(trial: Trial, case: Case) -> None:
    """Calls from several threads at the same time give what they give alone."""
    judge_like(trial, case, case.with_(state="once"))


@law("I14", lambda supports: ordinary_cases(supports, data=SEEDS | st.integers(0, 2**16 - 1).map(Reals)))
def test_I14_same_again(trial: Trial, case: Case) -> None:
    """The same call a second time, with another between, gives the same bytes, or where it rounds another rounding of the same sums."""
    first, _, second = trial.run(case), trial.run(case.with_(length=case.problem.length + 1)), trial.run(case)
    if not isinstance(first, Computed) or first.array is None:
        return
    trial.effective += 1
    same = isinstance(second, Computed) and second.array is not None and first.array.tobytes() == second.array.tobytes()
    holds = same or (second is not None and merely_rounded(case, first, second))
    trial.require(case, holds, f"{second} the second time", str(first), kind="not-deterministic")


def merely_rounded(case: Case, *outcomes: Outcome) -> bool:
    """Whether all are within the bound of V7, and none has the exact whole numbers."""
    answer = required(case, ())
    whole = not isinstance(case.data, Reals)
    if whole and any(mismatch(case, each, answer, ROUNDING) is None for each in outcomes):
        return False
    return all(mismatch(case, each, answer, EVERYTHING) is None for each in outcomes)
