"""A translation that holds for all sizes that were tried."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from convt_conformance.translation.calls import translations
from convt_conformance.translation.subjects import NoCall, Subject
from convt_spec.problem import Problem

LENGTHS = (*range(1, 13), 16, 33, 100)
KERNELS = tuple(range(1, 8))
"""Sizes that stand for all where a caller gives none."""
Size = tuple[int, int]
"""The input's length and the kernel's."""


class NeedsLength(Exception):
    """The arguments depend on the input's length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A call of the target for each kernel size, the sizes for which it `holds`, and those that it `lacks`, with what was in the way."""

    calls: Mapping[int, Problem]
    holds: tuple[Size, ...]
    lacks: Mapping[Size, NoCall]

    @property
    def alike(self) -> bool:
        """Whether the arguments are the same for every kernel size."""
        return len({arguments(call) for call in self.calls.values()}) == 1


def arguments(problem: Problem) -> tuple[Any, ...]:
    """What two calls have in common that differ in their sizes only."""
    return problem.call, problem.has_bias, *problem.given().items()


def rule(problem: Problem, source: Subject, target: Subject, lengths: Sequence[int], kernels: Sequence[int]) -> Rule:
    """The calls of `target` that mean what a call of `source` does, for all these sizes; those that `source` refuses are left out.

    Raises NoCall where there is none for any, and NeedsLength where no call serves all lengths.
    """
    found: dict[Size, list[Problem]] = {}
    lacks: dict[Size, NoCall] = {}
    refused: list[NoCall] = []
    for size in ((length, kernel) for kernel in kernels for length in lengths):
        sized = problem.with_(length=size[0], kernel_size=size[1])
        try:
            source.meaning(sized)
        except NoCall as error:
            refused.append(error)
            continue
        try:
            found[size] = translations(sized, source, target)
        except NoCall as error:
            lacks[size] = error
    if not found:
        raise next(iter(lacks.values())) if lacks else NoCall(str(refused[0]), of_source=True)
    everywhere = common(found.values())
    by_kernel = {kernel: everywhere or common(found[size] for size in found if size[1] == kernel) for _, kernel in found}
    if not all(by_kernel.values()):
        raise NeedsLength
    return Rule(calls={kernel: calls[0] for kernel, calls in by_kernel.items()}, holds=tuple(found), lacks=lacks)


def common(calls: Iterable[Sequence[Problem]]) -> list[Problem]:
    """Those whose arguments are in every list, in the order of the first."""
    return list(reduce(lambda one, other: {name: one[name] for name in one if name in other}, map(by_arguments, calls)).values())


def by_arguments(calls: Sequence[Problem]) -> dict[tuple[Any, ...], Problem]:
    return {arguments(each): each for each in calls}
