"""Cases whose numbers are written out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy.typing as npt

from convt_spec.case import Case, Literal


def literal(case: Case, parts: Sequence[npt.NDArray[Any] | None], **changes: object) -> Case:
    """The case over these numbers for the input, the kernel and the bias, for a problem with some attributes changed."""
    problem = case.problem.with_(**changes)
    texts = [tuple(int(number) for number in part.reshape(-1)) for part in parts[: 3 if problem.has_bias else 2] if part is not None]
    return Case(problem=problem, dtype=case.dtype, data=Literal(*texts))
