"""The call of one implementation that means what a call of another means.

Nothing is looked up: calls are tried, plainest first, until one asks for the same window of the scattered sum.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from convt_conformance.strategies import natural_layout
from convt_conformance.telling import differ
from convt_conformance.translation.subjects import NoCall, Subject
from convt_spec.case import Case, Integers
from convt_spec.interpretation import Answer
from convt_spec.lengths import full_length
from convt_spec.problem import OMITTED, Argument, Items, Problem

MOST_REASONS = 4
"""Why there is no call: what is said of the calls tried first counts."""


def translated(problem: Problem, source: Subject, target: Subject) -> Problem:
    """The call of `target` that means what `problem` means as a call of `source`; raises NoCall."""
    return next(iter(translations(problem, source, target)))


def translations(problem: Problem, source: Subject, target: Subject) -> list[Problem]:
    """All calls of `target` that mean it, the plainest first; raises NoCall with the reasons where there is none."""
    meaning = source.meaning(problem)
    reasons: dict[str, None] = {}
    of_numbers: dict[str, None] = {}
    found = []
    for candidate in dict.fromkeys(candidates(problem, meaning, target)):
        try:
            other = target.meaning(candidate)
        except NoCall as error:
            (of_numbers if error.numbers else reasons)[str(error)] = None
            continue
        if not differ(Case(problem=candidate, data=Integers(1)), meaning, other):
            found.append(candidate)
    if not found:
        behind = tuple(reasons or of_numbers)[:MOST_REASONS]
        raise NoCall(window(problem, meaning), behind or (f"{target.name} has no arguments for that",))
    return found


def window(problem: Problem, meaning: Answer) -> str:
    """What is cropped and added, in words."""
    left = meaning.left or 0
    right = full_length(problem.length, problem.kernel_size, meaning.stride, meaning.dilation) - left - meaning.length
    return f"the call crops {left} samples at the start and {f'{right} at the end' if right >= 0 else f'adds {-right} at the end'}"


def candidates(problem: Problem, meaning: Answer, target: Subject) -> Iterator[Problem]:
    """Calls that may mean it, in the order in which they are preferred: as it stands first, then with fewer and plainer arguments."""
    full = full_length(problem.length, problem.kernel_size, meaning.stride, meaning.dilation)
    plainly = problem.with_(**spoken(meaning))
    alternatives = [problem, *(plainly.with_(**arguments) for arguments in windows(meaning, full))]
    yield from (in_the_form_of(target, each) for each in alternatives)
    if problem.call == "function" and "layer" in target.supports:
        yield from (in_the_form_of(target, layer(each)) for each in alternatives)


def spoken(meaning: Answer) -> dict[str, Argument]:
    """Stride, dilation and groups where they are not the default, and nothing of the window."""
    numbers = {"stride": meaning.stride, "dilation": meaning.dilation, "groups": meaning.groups}
    plainly: dict[str, Argument] = {name: OMITTED if value == 1 else value for name, value in numbers.items()}
    return plainly | dict.fromkeys(("padding", "output_padding", "output_size"), OMITTED)


def windows(meaning: Answer, full: int) -> Iterator[dict[str, Any]]:
    """Arguments that may keep the window out of `full` samples."""
    left, length = meaning.left or 0, meaning.length
    right = full - left - length
    crops: list[tuple[Argument, int]] = [(left or OMITTED, 2 * left)]
    crops += [(Items("list", (left, end)), left + end) for end in range(max(right, 0), max(right, 0) + meaning.stride)]
    crops += [("VALID", 0)]
    for padding, cropped in crops:
        added = length - (full - cropped)
        if added >= 0:
            yield {"padding": padding, "output_padding": added or OMITTED}
            yield {"padding": padding, "output_size": length}
    yield {"padding": "SAME"}
    yield {"padding": "SAME", "output_size": length}
    yield from ({"padding": "SAME", "output_padding": added} for added in range(1, meaning.stride))


def in_the_form_of(target: Subject, problem: Problem) -> Problem:
    """The same call as a function or a layer, with the layout that the target has."""
    supports = target.supports
    changes: dict[str, Any] = {}
    if problem.layout not in supports:
        changes["data_format"] = natural_layout(supports)
    if problem.call == "function" and "function" not in supports:
        problem = layer(problem)
    elif problem.call != "function" and "layer" not in supports:
        changes |= {"call": "function", "bias": problem.has_bias, "bias_attr": OMITTED, "kernel_form": OMITTED}
    changed = problem.with_(**changes)
    if changed.layout == "NCL" and changed.data_format is not OMITTED:
        changed = changed.with_(data_format=OMITTED)
    if changed.padding in (OMITTED, 0) and "padding" not in supports:
        changed = changed.with_(padding="VALID")
    return changed


def layer(problem: Problem) -> Problem:
    """A function's call as that of a layer."""
    return problem.with_(call="layer", bias=False, bias_attr=OMITTED if problem.bias else False)


def words(problem: Problem) -> str:
    """The arguments of a call in the document's words, as `convt translate` takes them."""
    given = {name: value for name, value in problem.given().items() if name != "data_format" or value != "NCL"}
    form = [] if problem.call == "function" else ["call=layer"]
    bias = ["bias=true"] if problem.bias else ["bias=false"] if problem.bias_attr is False else []
    return " ".join([*form, *(f"{name}={plain_text(value)}" for name, value in given.items()), *bias]) or "the defaults"


def plain_text(value: Argument) -> str:
    return repr(value.python()).replace(" ", "") if isinstance(value, Items) else str(value)
