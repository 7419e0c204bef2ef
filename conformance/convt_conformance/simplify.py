"""From a failing case to the plainest one that fails the same way.

Hypothesis shrinks what it drew; this goes on where the draws end: it leaves arguments out, takes the plain call, lowers sizes. Each
step goes to a smaller case in the order of `Case.size`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from convt_conformance.judge import Mismatch
from convt_spec.case import Case, CaseError, Integers, Literal, Recipe, Special
from convt_spec.data import numbers
from convt_spec.lengths import printed_length
from convt_spec.problem import LAYER_ARGUMENTS, OMITTED, Argument, Items, Problem, plain

STEPS = 400
"""Cases tried at most."""

Fails = Callable[[Case], Mismatch | None]


def simplest(case: Case, found: Mismatch, fails: Fails) -> tuple[Case, Mismatch]:
    """The smallest case reached from `case` that `fails` in the same way, and how it fails."""
    budget = STEPS
    moved = True
    while moved:
        moved = False
        for plainer_one in neighbours(case):
            budget -= 1
            if budget < 0:
                return case, found
            miss = fails(plainer_one)
            if miss and signature(miss) == signature(found):
                case, found, moved = plainer_one, miss, True
                break
    return case, found


def signature(found: Mismatch) -> tuple[str, str, str]:
    """What must stay the same: the verdict, the kind, for a refusal the words of the error, for a missing one its clause, for a result
    whether it is empty."""
    if found.rule:
        return found.verdict, found.kind, found.rule
    if found.kind == "rejects-valid":
        return found.verdict, found.kind, re.sub(r"[-\d.]+|\(.*?\)|\[.*?\]", "", found.observed)
    return found.verdict, found.kind, "empty" if found.observed.endswith("[]") else ""


def neighbours(case: Case) -> Iterator[Case]:
    """Cases one step plainer, only those that are smaller and whose numbers fit."""
    yield from smaller(case, [Case(problem=case.problem, dtype="float32", data=case.data)])
    for problem in with_sizes(case.problem):
        yield from islice(smaller(case, (Case(problem=problem, dtype=case.dtype, data=data) for data in plainer_data(case))), 1)
    yield from smaller(case, [Case(problem=case.problem, dtype=case.dtype, data=data) for data in plainer_data(case)])


def smaller(case: Case, others: Iterable[Case]) -> Iterator[Case]:
    return (each for each in others if each.size < case.size and fits(each))


def plainer_data(case: Case) -> Iterator[Recipe]:
    """The same data first; a seed or numbers that are written out may become the seed 1, or for special numbers any up to 3."""
    yield case.data
    if isinstance(case.data, Literal) or (isinstance(case.data, Integers) and case.data.seed != 1):
        yield Integers(1)
    if isinstance(case.data, Special):
        yield from (Special(case.data.kind, seed) for seed in range(1, 4) if seed != case.data.seed)


def with_sizes(problem: Problem) -> Iterator[Problem]:
    """The plainer problems, each first with an output_size that goes down with the length."""
    for each in plainer(problem):
        if each.output_size == problem.output_size and (moved := sized(problem, each)) != each:
            yield moved
        yield each


def plainer(problem: Problem) -> Iterator[Problem]:
    """Problems with one attribute less, or one number lower."""
    try:
        if problem.call != "function" and problem.kernel_form is OMITTED:
            yield problem.with_(call="function", bias=problem.has_bias, bias_attr=OMITTED)
    except ValueError:
        pass
    for name, plainest in (("memory", "plain"), ("parameters", "set")):
        if getattr(problem, name) != plainest:
            yield problem.with_(**{name: plainest})
    for name, value in problem.given().items():
        yield problem.with_(**{name: OMITTED})
        if isinstance(value, Items) and len(value.values) == 1:
            yield problem.with_(**{name: value.values[0]})
        if name != "groups" and isinstance(value, int):
            yield from (problem.with_(**{name: lower}) for lower in lowered(value, 1 if name == "output_size" else 0))
    if problem.bias:
        yield problem.with_(bias=False)
    for name in LAYER_ARGUMENTS:
        if getattr(problem, name) is not OMITTED:
            yield problem.with_(**{name: OMITTED})
    groups = problem.group_count
    yield problem.with_(groups=OMITTED, in_channels=problem.in_channels // groups, out_channels=problem.out_channels // groups)
    for name, unit, least in (
        ("batch", 1, 1),
        ("in_channels", groups, 1),
        ("out_channels", groups, 1),
        ("length", 1, 1),
        ("kernel_size", 1, 1),
    ):
        for lower in lowered(getattr(problem, name) // unit, least):
            smaller = problem.with_(**{name: lower * unit})
            yield smaller.with_(kernel_form=same_form(problem.kernel_form, lower)) if name == "kernel_size" else smaller


def same_form(form: Argument, size: int) -> Argument:
    """A kernel size in the form in which another one was given."""
    return Items(form.kind, (size,)) if isinstance(form, Items) else size if isinstance(form, int) else form


def lowered(value: int, least: int) -> list[int]:
    """Smaller values, the smallest first."""
    return sorted({least, value // 2, *(value - value // part for part in (4, 8, 32)), value - 1} & set(range(least, value)))


def fits(case: Case) -> bool:
    try:
        numbers(case)
    except (CaseError, ValueError, ZeroDivisionError):
        return False
    return True


def sized(before: Problem, after: Problem) -> Problem:
    """The changed problem with its output_size as far above the length for its padding as before."""
    if not isinstance(before.output_size, int):
        return after
    return after.with_(output_size=max(before.output_size + length(after) - length(before), 1))


def length(problem: Problem) -> int:
    """[R1] The printed length; meaningless strides and dilations count as 1."""
    stride, dilation, padding = plain(problem.stride), plain(problem.dilation), plain(problem.padding, 0)
    return printed_length(problem.length, problem.kernel_size, max(stride, 1), max(dilation, 1), padding)
