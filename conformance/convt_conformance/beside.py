"""The cases beside a failing one: with one attribute changed each, to tell what the failure depends on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from convt_conformance.simplify import fits, same_form, sized
from convt_spec.case import DTYPES, Case
from convt_spec.problem import OMITTED, Items, Problem, plain

SIZES = ("batch", "length", "kernel_size")
MOST_NUMBERS = 4_000_000
"""Multiply-adds of a case that is worth its time."""


def beside(case: Case, supports: Sequence[str]) -> Iterator[Case]:
    """Cases that differ from `case` in one attribute; an output_size keeps its distance from the length it had."""
    seen = {case}
    for problem in (*sizes(case.problem), *arguments(case.problem, supports), *circumstances(case.problem, supports)):
        changed = Case(problem=problem, dtype=case.dtype, data=case.data)
        if changed not in seen and products(problem) <= MOST_NUMBERS and fits(changed):
            seen.add(changed)
            yield changed
    for dtype in DTYPES:
        if dtype in supports and dtype != case.dtype:
            yield Case(problem=case.problem, dtype=dtype, data=case.data)


def products(problem: Problem) -> int:
    return problem.batch * problem.in_channels * problem.out_channels * problem.length * problem.kernel_size // problem.group_count


def around(value: int, least: int = 1) -> list[int]:
    """The small numbers, and those near `value`, twice it, or a few steps of 8 away."""
    near = {value - 1, value + 1, value + 2, value + 4, value + 8, value + 16, 2 * value, 2 * value + 1, value // 2}
    return sorted(each for each in near | set(range(least, 9)) if each >= least and each != value)


def sizes(problem: Problem) -> Iterator[Problem]:
    for name in SIZES:
        for value in around(getattr(problem, name)):
            changed = problem.with_(**{name: value})
            yield sized(problem, changed.with_(kernel_form=same_form(problem.kernel_form, value)) if name == "kernel_size" else changed)
    groups = problem.group_count
    for name in ("in_channels", "out_channels"):
        for value in around(getattr(problem, name) // groups):
            yield problem.with_(**{name: value * groups})
    if isinstance(problem.groups, int) and problem.groups > 0:
        per_in, per_out = problem.in_channels // groups, problem.out_channels // groups
        for value in (1, 2, 3, 4, groups + 1):
            yield problem.with_(groups=value, in_channels=per_in * value, out_channels=per_out * value)
            if problem.in_channels % value == problem.out_channels % value == 0:
                yield problem.with_(groups=value)


def arguments(problem: Problem, supports: Sequence[str]) -> Iterator[Problem]:
    for name, value in problem.given().items():
        if name not in ("groups", "output_size"):
            yield sized(problem, problem.with_(**{name: OMITTED}))
        if isinstance(value, Items) and len(value.values) == 1:
            yield problem.with_(**{name: value.values[0]})
    numbers = {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1}
    for name, least in numbers.items():
        value = getattr(problem, name)
        if isinstance(value, str) or (name not in ("stride", *supports)):
            continue
        number = plain(value, least)
        meaningless = range(-2, least) if number < least else ()  # a second reason for a refusal tells nothing of the first
        for other in (*meaningless, *around(number, least)[:10]):
            yield sized(problem, problem.with_(**{name: Items(value.kind, (other,)) if isinstance(value, Items) else other}))


def circumstances(problem: Problem, supports: Sequence[str]) -> Iterator[Problem]:
    for layout in ("NCL", "NLC"):
        if layout in supports:
            yield problem.with_(data_format=layout)
    if problem.call == "function" and "bias" in supports:
        yield problem.with_(bias=not problem.bias)
    for name, plainest in (("memory", "plain"), ("state", "once")):
        yield problem.with_(**{name: plainest})
