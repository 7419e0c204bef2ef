"""What a case covers: the attributes and values that the report counts among judged cases."""

from __future__ import annotations

from collections.abc import Iterator

from convt_conformance.conditions import data_of
from convt_spec.case import Case
from convt_spec.problem import Items

PARTS = ("call", "batch", "in_channels", "out_channels", "kernel_size", "layout", "has_bias", "memory", "state")


def attributes(case: Case) -> Iterator[tuple[str, str]]:
    """Names and values, lengths of 10 and more by tens."""
    problem = case.problem
    yield from ((name, str(getattr(problem, name))) for name in PARTS)
    yield from ((name, str(value.python() if isinstance(value, Items) else value)) for name, value in problem.given().items())
    tens = problem.length // 10 * 10
    yield "length", f"{tens} to {tens + 9}" if tens else str(problem.length)
    yield "dtype", case.dtype
    yield "data", data_of(case)
