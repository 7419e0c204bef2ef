"""A case: a problem, a dtype and a data recipe, with one text that is its identity everywhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal as OneOf
from typing import get_args

from convt_spec.problem import Problem, problem_from_tokens, problem_tokens

DTYPES = ("float32", "float64")


class CaseError(ValueError):
    """A text that is no case; the message names the part that is wrong."""


@dataclass(frozen=True, slots=True)
class Integers:
    """Small whole numbers from -9 to 9 without 0, drawn from `seed`: every partial sum is exact."""

    seed: int

    def text(self) -> str:
        return f"int:{self.seed}"


RealKind = OneOf["real", "level"]


@dataclass(frozen=True, slots=True)
class Reals:
    """Fractions two bits narrower than the dtype's significand, of mixed magnitude below 1, drawn from `seed`.

    `level`: the input has no negative number, and all taps from one channel to another are equal.
    """

    seed: int
    kind: RealKind = "real"

    def text(self) -> str:
        return f"{self.kind}:{self.seed}"


@dataclass(frozen=True, slots=True)
class Literal:
    """Whole numbers written out: the input, the kernel and the bias, each in C order of its documented axes (input as NCL)."""

    x: tuple[int, ...]
    weight: tuple[int, ...]
    bias: tuple[int, ...] = ()

    def text(self) -> str:
        parts = (self.x, self.weight, self.bias) if self.bias else (self.x, self.weight)
        return "lit:" + "/".join(":".join(map(str, part)) for part in parts)


SpecialKind = OneOf["nonfinite", "subnormal", "tiny", "large", "wide", "uneven", "zeros"]


@dataclass(frozen=True, slots=True)
class Special:
    """Small whole numbers beside the numbers of one special kind, drawn from `seed`; see `convt_spec.special`.

    `nonfinite`: a few are NaN or infinite, and as many quarters of the others 0 as the seed has beyond a multiple of 4. `subnormal`: the
    results of every other item are subnormal. `tiny`: the results are small, and not subnormal. `large`: the results are near the
    overflow. `wide`: whole numbers of up to 16 bits and one sign. `uneven`: each channel has a power of two of its own. `zeros`: about
    half are 0 of either sign.
    """

    kind: SpecialKind
    seed: int

    def text(self) -> str:
        return f"{self.kind}:{self.seed}"


Recipe = Integers | Reals | Literal | Special


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A problem with a dtype and a data recipe; `str(case)` parses back to an equal case.

    The text is shell-safe: tokens joined by commas, sizes as N, C (input channels), M (output channels), L, K, then the arguments
    that are passed, the dtype and the recipe, e.g. `N1,C2,M1,L4,K2,stride=2,float32,int:7`.
    """

    problem: Problem
    dtype: str = "float32"
    data: Recipe = Integers(0)

    def __post_init__(self) -> None:
        if self.dtype not in DTYPES:
            raise CaseError(f"dtype must be one of {', '.join(DTYPES)}, got {self.dtype!r}")

    def __str__(self) -> str:
        return ",".join([*problem_tokens(self.problem), self.dtype, self.data.text()])

    @property
    def layout(self) -> str:
        return self.problem.layout

    def with_(self, **changes: object) -> Case:
        """The same dtype and data for a problem with some attributes changed."""
        return Case(problem=self.problem.with_(**changes), dtype=self.dtype, data=self.data)

    @property
    def size(self) -> tuple[int, int, int, str]:
        """A sort key: fewer numbers first, then fewer words, then smaller sizes."""
        problem = self.problem
        numbers = problem.batch * problem.in_channels * problem.length + problem.in_channels * problem.out_channels * problem.kernel_size
        text = str(self)
        return numbers, text.count(","), sum(int(digits) for digits in re.findall(r"\d+", text.split(",float")[0])), text

    @classmethod
    def parse(cls, text: str) -> Case:
        """The case that has this text; raises CaseError."""
        *tokens, dtype, data = ["", "", *text.strip().split(",")]
        try:
            return cls(problem=problem_from_tokens(tokens[2:]), dtype=dtype, data=recipe_from_text(data))
        except ValueError as error:
            raise CaseError(f"not a case: {text!r}: {error}") from error


def recipe_from_text(text: str) -> Recipe:
    """The recipe of a text such as `int:7`, `real:7` or `lit:1:2:3/1:10`."""
    kind, _, rest = text.partition(":")
    try:
        if kind in ("int", *get_args(RealKind), *get_args(SpecialKind)) and rest.isascii() and rest.isdecimal():
            drawn = Reals if kind in get_args(RealKind) else Special
            return Integers(int(rest)) if kind == "int" else drawn(kind=kind, seed=int(rest))  # type: ignore[arg-type]
        if kind == "lit":
            x, weight, *bias = [tuple(int(number) for number in part.split(":") if number) for part in rest.split("/")]
            return Literal(x, weight, *bias)
    except (ValueError, TypeError):
        pass
    raise ValueError(f"a case ends with a data recipe such as int:7, real:7, nonfinite:7 or lit:1:2/1:10, got {text!r}")
