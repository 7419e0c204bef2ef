"""Failures of one cause, found as the simplest condition over the parameters that covers them and no case that passed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import combinations
from typing import Any

from convt_conformance.conditions import Condition, condition, quantities
from convt_spec.case import Case

NUMBERS = (
    *("batch", "in_channels", "out_channels", "in_per_group", "out_per_group", "length", "kernel_size"),
    *("stride", "padding", "output_padding", "groups", "dilation"),
)
WORDS = ("layout", "dtype", "call", "weight", "flaw", "data", "memory", "state", "parameters", "padding")
FORMS = (
    "stride_form",
    "padding_form",
    "output_padding_form",
    "output_size_form",
    "groups_form",
    "dilation_form",
    "kernel_form_form",
    "data_format",
)
PAIRS = (
    *("kernel_size < stride", "kernel_size > stride", "kernel_size > length", "kernel_size == stride"),
    *("extent > length", "extent > stride", "extent < stride"),
    *("in_per_group != out_per_group", "in_per_group < out_per_group", "in_per_group > out_per_group", "in_channels != out_channels"),
    *("gcd(stride, dilation) > 1", "gcd(stride, dilation) == 1", "dilation > stride", "dilation < stride"),
    *("stride == dilation", "output_padding >= stride", "padding > kernel_size - 1"),
    *("full_length < 0", "full_length >= 0", "full_length > 0", "full_length < 1", "padding * 2 >= full_length"),
    *("batch == length", "in_channels == length", "length == out_channels", "groups == in_channels"),
)
SPELT = ("bias", "not bias", "output_size != None", "output_size == None", 'memory != "plain"', 'state != "once"')
MODULI = (2, 3, 4, 8, 16, 32, 64)
PLAIN_DATA = ("int", "real", "lit")
"""Kinds of numbers that are a matter of how a law draws them."""
MOST_WORDS, MOST_OF_FEW, FEW_PARTS = 3, 4, 36
"""Parts that a condition may join with `and`, and that it may join of the few that keep out the most passes."""
MOST_PILED = 6
"""Parts that a condition may join where `MANY` failures bear it out."""
MOST_CAUSES = 5
LEAST_MEMBERS = 5
"""Failures that a cause beside others must have: fewer have too much in common by chance."""
FEW = 2
"""Passes are few where there is at most 1 for so many failures under the same condition, and for so many passes in all."""
MANY_MORE, MOST_SUSPECTED = 10, 150
"""A pass is suspected of chance where so many failures share its condition; and the parts of which such a condition is made."""
WORTH, MANY = 16, 64
"""A part is worth having in a near condition where it keeps out at least 1 pass for so many failures, of which these are enough."""
MOST_CASES = 4000
"""Cases of either sort that a search looks at, the smallest first; what it finds is held against all of them."""


@dataclass(frozen=True, slots=True)
class Atom:
    """One part of a condition: which failures and which passes it holds for, as bits."""

    text: str
    cost: float
    failures: int
    passes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A condition that covers all of some failures, and these passes too, which are few beside them."""

    text: str
    passing: tuple[Case, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Failures that share a condition. It is empty when all cases failed, None when none of the conditions tried fits.

    There `near` is the condition that fits all but a few passes, if there is one.
    """

    condition: Condition | None
    failing: tuple[Case, ...]
    passes: int
    near: Near | None = None


def causes(failing: Sequence[Case], passing: Sequence[Case]) -> list[Cause]:
    """The failing cases in groups of one cause each, the largest group first; what fits no simple condition is a group without one."""
    failing, passing = by_size(failing, ()), by_size(passing, failing)
    if len(failing) <= MOST_CASES and len(passing) <= MOST_CASES:
        return searched(failing, passing)
    return extended(searched(failing[:MOST_CASES], passing[:MOST_CASES]), failing, passing)


def extended(found: Sequence[Cause], failing: Sequence[Case], passing: Sequence[Case]) -> list[Cause]:
    """Causes that were found from some of the cases, over all of them: a condition that some pass shares is none."""
    kept, covered = list[Cause](), set[Case]()
    for cause in found:
        if cause.condition is not None and not any(map(cause.condition.holds, passing)):
            members = tuple(case for case in failing if case not in covered and cause.condition.holds(case))
            covered.update(members)
            kept.append(replace(cause, failing=members, passes=len(passing)))
    rest = [case for case in failing if case not in covered]
    return [*kept, together(rest, passing)] if rest else kept


def together(failing: Sequence[Case], passing: Sequence[Case]) -> Cause:
    """All of some failures as one cause, with the condition that comes nearest, if any does."""
    failing = tuple(dict.fromkeys(failing))
    almost = near(failing, passing)
    exact = condition(almost.text) if almost and not almost.passing else None
    return Cause(condition=exact, failing=failing, passes=len(passing), near=None if exact else almost)


def searched(failing: Sequence[Case], passing: Sequence[Case]) -> list[Cause]:
    """The same for cases that are few enough to try each condition on each."""
    if not passing:
        return [Cause(condition=condition(""), failing=tuple(failing), passes=0)]
    atoms = all_atoms(failing, passing)
    left, found = (1 << len(failing)) - 1, list[Cause]()
    while left and len(found) < MOST_CAUSES:
        best = widest(atoms, left)
        if best is None:
            break
        text, covered = best
        members = tuple(case for number, case in enumerate(failing) if covered >> number & 1)
        found.append(Cause(condition=condition(text), failing=members, passes=len(passing)))
        left &= ~covered
    if left:
        found.append(together([case for number, case in enumerate(failing) if left >> number & 1], passing))
    return found


def near(failing: Sequence[Case], passing: Sequence[Case]) -> Near | None:
    """A condition for all failures that few passes share: the numbers or the crop of these may have hidden the fault."""
    every, all_passing = failing, by_size(passing, failing)
    failing, passing = by_size(failing, ())[:MOST_CASES], all_passing[:MOST_CASES]
    whole = [atom for atom in all_atoms(failing, passing) if not ~atom.failures & (1 << len(failing)) - 1]
    chosen = [parts for size in range(1, MOST_WORDS + 1) for parts in combinations(whole, size)]
    if not chosen:
        return None

    def rank(parts: Sequence[Atom]) -> tuple[float, str]:
        return shared(parts, "passes").bit_count() + sum(part.cost for part in parts) * min(len(failing), MANY) / WORTH, joined(parts)

    if len(failing) >= MANY:
        chosen.append(piled(whole))
    least = min(chosen, key=rank)
    found = condition(joined(least))
    inside = tuple(filter(found.holds, all_passing))
    if len(inside) * FEW > min(len(every), len(all_passing)) or not all(map(found.holds, every)):
        return None
    return Near(text=found.text, passing=inside)


def suspects(failing: Sequence[Case], passing: Sequence[Case], cleared: set[Case]) -> tuple[Case, ...]:
    """The few passes that stand against the plain condition of most failures, as chance may have it; none where a `cleared` one does."""
    failing, passing = by_size(failing, ())[:MOST_CASES], by_size(passing, failing)[:MOST_CASES]
    known = sum(1 << number for number, case in enumerate(passing) if case in cleared)
    atoms = sorted(all_atoms(failing, passing), key=lambda atom: -atom.failures.bit_count())[:MOST_SUSPECTED]
    best, found = (0.0, ""), 0
    for parts in (*combinations(atoms, 1), *combinations(atoms, 2)):
        against, covered = shared(parts, "passes"), shared(parts, "failures").bit_count()
        rank = covered - MANY_MORE * (against.bit_count() + sum(part.cost for part in parts)), joined(parts)
        if against and not against & known and covered >= MANY_MORE * against.bit_count() and rank > best:
            best, found = rank, against
    return tuple(case for number, case in enumerate(passing) if found >> number & 1)


def by_size(cases: Sequence[Case], without: Sequence[Case]) -> list[Case]:
    """Each case once, the smallest first."""
    known = set(without)
    return sorted((each for each in dict.fromkeys(cases) if each not in known), key=lambda each: each.size)


def widest(atoms: Sequence[Atom], wanted: int) -> tuple[str, int] | None:
    """The cheapest conjunction that holds for all wanted failures and no pass; else the one that holds for most of them."""
    whole = [atom for atom in atoms if not wanted & ~atom.failures]
    for size in range(1, MOST_WORDS + 1):
        fitting = [parts for parts in combinations(whole, size) if not shared(parts, "passes")]
        if fitting:
            best = min(fitting, key=lambda parts: (sum(part.cost for part in parts), [part.text for part in parts]))
            return joined(best), wanted
    narrow = sorted(whole, key=lambda atom: (atom.passes.bit_count(), atom.cost, atom.text))[:FEW_PARTS]
    fitting = [parts for parts in combinations(narrow, MOST_OF_FEW) if not shared(parts, "passes")]
    if fitting:
        return joined(min(fitting, key=lambda parts: (sum(part.cost for part in parts), [part.text for part in parts]))), wanted
    if wanted.bit_count() >= MANY and not shared(parts := piled(whole), "passes"):
        return joined(parts), wanted
    best_part: tuple[tuple[int, float], str, int] | None = None
    ranked = sorted((atom for atom in atoms if atom.failures & wanted), key=lambda atom: -(atom.failures & wanted).bit_count())
    for parts in (*combinations(ranked, 1), *combinations(ranked[:150], 2), *combinations(ranked[:40], 3)):
        covered = shared(parts, "failures") & wanted
        if covered and not shared(parts, "passes"):
            rank = (covered.bit_count(), -sum(part.cost for part in parts))
            if best_part is None or rank > best_part[0]:
                best_part = rank, joined(parts), covered
    if best_part is None or best_part[0][0] < max(LEAST_MEMBERS, wanted.bit_count() // 10):
        return None
    return best_part[1], best_part[2]


def piled(whole: Sequence[Atom]) -> tuple[Atom, ...]:
    """At most `MOST_PILED` parts, each taken because it keeps out the most of the passes that those before it let in."""
    chosen: list[Atom] = []
    while whole and len(chosen) < MOST_PILED and shared(chosen, "passes"):
        best = min(whole, key=lambda atom: (shared((*chosen, atom), "passes").bit_count(), atom.cost, atom.text))
        if shared((*chosen, best), "passes") == shared(chosen, "passes"):
            break
        chosen.append(best)
    for part in sorted(chosen, key=lambda part: -part.cost):
        fewer = [each for each in chosen if each is not part]
        if shared(fewer, "passes") == shared(chosen, "passes"):
            chosen = fewer
    return tuple(chosen)


def shared(parts: Sequence[Atom], side: str) -> int:
    """The cases that all parts hold for."""
    found = -1
    for part in parts:
        found &= getattr(part, side)
    return found


def joined(parts: Sequence[Atom]) -> str:
    return " and ".join(sorted(part.text for part in parts))


def all_atoms(failing: Sequence[Case], passing: Sequence[Case]) -> list[Atom]:
    """Every part that tells some cases from others, the cheapest of those that hold for the same cases."""
    values = [quantities(case) for case in (*failing, *passing)]
    split = len(failing)
    every, failed = (1 << len(values)) - 1, (1 << split) - 1
    alike = cache(partial(alike_in, values))
    cheapest: dict[tuple[int, int], Atom] = {}
    for text, cost in dict(candidates(values[:split], values[split:])).items():
        test = parsed(text)
        bits = 0
        for values_of, cases in alike(test.names).items():
            bits |= cases if test.holds_for(dict(zip(test.names, values_of, strict=True))) else 0
        atom = Atom(text, cost, bits & failed, bits >> split)
        if not atom.failures or (bits == every and passing):
            continue
        key = (atom.failures, atom.passes)
        if key not in cheapest or (cost, text) < (cheapest[key].cost, cheapest[key].text):
            cheapest[key] = atom
    return sorted(cheapest.values(), key=lambda atom: (atom.cost, atom.text))


@cache
def parsed(text: str) -> Condition:
    return condition(text)


def alike_in(values: Sequence[dict[str, Any]], names: tuple[str, ...]) -> dict[tuple[Any, ...], int]:
    """The cases that have the same values of these names, as bits: a condition need be asked once for all of them."""
    found: dict[tuple[Any, ...], int] = {}
    for number, each in enumerate(values):
        key = tuple(each[name] for name in names)
        found[key] = found.get(key, 0) | 1 << number
    return found


def candidates(failing: Sequence[dict[str, Any]], passing: Sequence[dict[str, Any]]) -> Iterator[tuple[str, float]]:
    """Texts of parts with what they cost: the plainer, the less."""
    yield from ((text, 1.0) for text in SPELT)
    yield from ((text, 1.5) for text in PAIRS)
    for name in (*WORDS, *FORMS):
        seen = {value for each in (*failing, *passing) if isinstance(value := each[name], str)} - {*(PLAIN_DATA if name == "data" else ())}
        yield from ((f'{name} == "{value}"', 1.2 if name in FORMS else 1.0) for value in sorted(seen))
    for name in NUMBERS:
        yield from thresholds(name, whole(failing, name), whole(passing, name))


def whole(values: Sequence[dict[str, Any]], name: str) -> list[int]:
    return sorted({value for each in values if isinstance(value := each[name], int)})


def thresholds(name: str, failing: list[int], passing: list[int]) -> Iterator[tuple[str, float]]:
    """Bounds on a number: at 0 and 1, between the failures and the passes beyond them, and single values."""
    if not failing:
        return
    yield from ((f"{name} > {bound}", 1.0) for bound in (0, 1))
    yield from ((f"{name} == {value}", 1.0 if value in (0, 1) else 1.4) for value in failing[:12])
    below, above = [value for value in passing if value < failing[0]], [value for value in passing if value > failing[-1]]
    if below:
        yield f"{name} > {roundest(below[-1], failing[0] - 1)}", 1.3
    if above:
        yield f"{name} < {roundest(failing[-1] + 1, above[0])}", 1.3
    for value in failing[1:9]:
        yield f"{name} >= {value}", 1.4
    for modulus in MODULI if len(failing) > 1 else ():
        yield from ((f"{name} % {modulus} == {rest}", 1.6) for rest in {value % modulus for value in failing})


def roundest(least: int, most: int) -> int:
    """Of the bounds that tell the same cases apart, the one with the most zeros at its end in base 2 or 10."""

    def zeros(number: int) -> int:
        two = (number & -number).bit_length() - 1 if number else 0
        ten = len(str(abs(number))) - len(str(abs(number)).rstrip("0")) if number else 0
        return max(two, 4 * ten)

    reach = range(least, min(most, least + 4096) + 1)
    return max(reach, key=lambda number: (zeros(number), -number))
