"""What `convt repro --script` writes for a function, a layer or a framework: a program that shows a case without convt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from convt.commands import foreign_script

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from convt_spec.case import Case

LONGEST = 1000
"""Samples of a required result that a script writes out."""
OBSERVED = """if issubclass(type(y), np.ndarray):
    found = np.asarray(y)
    print("observed:", type(y).__name__, found.dtype, found.shape, found.reshape(-1).tolist())
{difference}else:
    print("observed:", type(y).__name__, y)"""
REQUIRED = 'print("required: shape", required.shape, required.reshape(-1).tolist())'
DIFFERENCE = """    if found.shape == required.shape and found.dtype.kind in "fciub":
        wrong = np.argwhere({unlike}).tolist()
        if wrong:
            at = tuple(wrong[0])
            print(f"{len(wrong)} of {found.size} samples differ, first y{list(at)} = {found[at]}, required {required[at]}")
"""
LARGEST = """    if found.shape == required.shape and found.dtype.kind in "fciub":
        off = abs(found - required)
        at = tuple(map(int, np.unravel_index(off.argmax(), off.shape)))
        print(f"largest difference {off[at]:.3g} at y{list(at)} = {found[at]}, required {required[at]}")
"""

GIVEN, CHANGED = "bytes_given = [{bytes}]", 'if bytes_given != [{bytes}]:\n    print("changed: an argument was written to")'


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Our answer in words, and as the numbers that a script holds, if any; in the samples `nan_too` NaN is right as well."""

    words: str
    numbers: npt.NDArray[np.float64] | None
    nan_too: list[int]


def script(title: str, case: Case, parts: Sequence[dict[str, Any]], ours: Wanted) -> str:
    """A stand-alone program: the arrays written out, the implementation's own calls, the last result, ours and where they differ.

    The calls before the last one may fail.
    """
    from convt_conformance.sequence import tolerant

    required, difference = [f"print({'required: ' + ours.words!r})"], ""
    if ours.numbers is not None:
        required, difference = [array_line("required", ours.numbers), REQUIRED], comparison(case, ours.nan_too)
    given, changed = watching(case, parts[-1])
    lists = [*(tolerant(tuple(call_lines(each))) for each in parts[:-1]), call_lines(parts[-1], given)]
    calls = [line for each in lists for line in ("", *each)]
    imports = dict.fromkeys(line for each in parts for line in each["imports"])
    lines = [f"# {title}", f"# {case}", "import numpy as np", *imports, *calls, *required]
    return "\n".join([*lines, OBSERVED.replace("{difference}", difference), *changed])


def watching(case: Case, part: dict[str, Any]) -> tuple[list[str], list[str]]:
    """[I13] The lines before a call and at the end that tell whether it wrote to its arrays; none where the call's own lines do so."""
    if (case.problem.memory, case.problem.state) not in (("plain", "once"), ("plain", "watched")):
        return [], []
    held = ", ".join(f"{name}.tobytes()" for name in part["arrays"])
    return [GIVEN.replace("{bytes}", held)], [CHANGED.replace("{bytes}", held)]


def call_lines(part: dict[str, Any], given: Sequence[str] = ()) -> list[str]:
    """The arrays of a call, the lines `given` about them, and the call."""
    from convt_conformance.protocol import array_from_message

    return [*(array_line(name, array_from_message(array)) for name, array in part["arrays"].items()), *given, *part["lines"]]


def comparison(case: Case, nan_too: list[int]) -> str:
    """The lines that print where an array of the required shape differs first; for reals, where it differs most."""
    from convt_spec.case import Reals

    if isinstance(case.data, Reals):
        return LARGEST
    at = "np.arange(required.size).reshape(required.shape)"
    unlike = f"(found != required) & ~(np.isnan(found) & np.isin({at}, {nan_too}))" if nan_too else "found != required"
    return DIFFERENCE.replace("{unlike}", unlike)


def array_line(name: str, array: npt.NDArray[Any]) -> str:
    return f'{name} = np.array({foreign_script.written(array)}, dtype="{array.dtype.name}").reshape({array.shape})'


def wanted(case: Case, rulings: Mapping[str, str]) -> Wanted:
    """Our answer under these rulings; without numbers where there are none or more than `LONGEST`."""
    from convt_conformance.judge import nan_too, required_numbers, requirement
    from convt_spec import clauses
    from convt_spec.interpretation import interpret

    ours = interpret(case.problem, {**clauses.rulings(), **rulings})
    numbers = required_numbers(case, ours)
    held = numbers if numbers is not None and 0 < numbers.size <= LONGEST else None
    return Wanted(words=requirement(case, ours), numbers=held, nan_too=nan_too(case, ours))
