"""The findings in plain sentences: each says what the tables say, about whatever implementations they speak of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from convt_reports.tables import Frames
from convt_spec import clauses

DOES = {
    "length": ("gives another number of samples", "give another number of samples"),
    "value": ("gives other numbers", "give other numbers"),
    "dtype": ("gives another dtype", "give another dtype"),
    "layout": ("orders the axes in another way", "order the axes in another way"),
    "accepts-invalid": ("accepts what must be refused", "accept what must be refused"),
    "rejects-valid": ("refuses what must be computed", "refuse what must be computed"),
    "changes-input": ("changes its input", "change their input"),
    "depends-on-order": ("gives other results after other calls", "give other results after other calls"),
    "not-deterministic": ("does not give the same result again", "do not give the same result again"),
    "reading": ("follows no single reading in all cases", "follow no single reading in all cases"),
    "crashes": ("crashes", "crash"),
    "hangs": ("hangs", "hang"),
    "exhausts-memory": ("runs out of memory", "run out of memory"),
    "deviates": ("deviates", "deviate"),
    "mistrusted": ("could not be judged, since a wrong answer would pass too", "could not be judged, since a wrong answer would pass too"),
}
"""A kind of deviation, or a verdict without one, as a verb: for one implementation and for several."""


MOST_PAIRS = 20
"""Pairs of implementations that a sentence can be given to each."""


class Code(str):
    """A part of a sentence that stands as it is: a case, a reading, a command."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One sentence, in parts: `head` comes first and stands out, then `clause`, if it speaks of one.

    `fatal` marks a warning for which `convt check` does not exit with 0.
    """

    head: str
    parts: tuple[str, ...]
    clause: str = ""
    fatal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What to say at the top: warnings come first and loudest."""

    warnings: list[Finding] = field(default_factory=list)
    summary: list[Finding] = field(default_factory=list)
    readings: list[Finding] = field(default_factory=list)
    deviations: list[Finding] = field(default_factory=list)
    agreement: list[Finding] = field(default_factory=list)


def findings(tables: Frames) -> Findings:
    """All sentences of a report."""
    return Findings(
        warnings=[*warnings(tables["runs"]), *uneven(tables["runs"])],
        summary=[summary(run, tables["deviations"]) for run in rows(tables["runs"])],
        readings=list(readings(tables["readings"])),
        deviations=[deviation(group, list(tables["runs"]["implementation"])) for _, group in grouped(tables["deviations"])],
        agreement=list(agreement(tables["agreement"])),
    )


def rows(table: pd.DataFrame) -> list[dict[Any, Any]]:
    return table.to_dict("records")


def listing(words: Iterable[str], last: str = "and") -> str:
    *most, end = [*words]
    return f"{', '.join(most)} {last} {end}" if most else end


def named(names: Iterable[str], everyone: Iterable[str]) -> str:
    """The names in a sentence; all variants of a framework that the report has stand as one, such as `name (all 4)`."""
    held, families = list(names), members(everyone)
    whole = {family for family, those in families.items() if len(those) > 1 and set(those) <= set(held)}
    words: dict[str, None] = {}
    for name in held:
        family = name.partition(":")[0]
        words[f"{family} (all {len(families[family])})" if family in whole else name] = None
    return listing(words)


def members(everyone: Iterable[str]) -> dict[str, list[str]]:
    """The implementations of each framework, by what their names begin with."""
    found: dict[str, list[str]] = {}
    for name in dict.fromkeys(everyone):
        found.setdefault(name.partition(":")[0], []).append(name)
    return found


def who(run: dict[Any, Any]) -> str:
    return str(run["implementation"]) if run["implementation"].endswith(run["version"]) else f"{run['implementation']} {run['version']}"


def several(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def warnings(runs: pd.DataFrame) -> Iterable[Finding]:
    """What makes a record worth less than it seems."""
    for run in rows(runs):
        if run["complete"] == "no":
            said = f"Only {several(run['laws'], 'law')} had a result by then, so what is not deviating here may still deviate."
            yield Finding(head=f"{who(run)}: the run was interrupted.", parts=(said,), fatal=True)
        if run["conforms"] == 0:
            said = "No law holds, so this record says nothing good of the implementation: it may not have run at all."
            yield Finding(head=f"{who(run)}: nothing was checked.", parts=(said,), fatal=True)
        if run["stale"]:
            said = f"Listed, but they did not occur: {run['stale']}. Take the entries out, or limit their versions."
            yield Finding(head=f"{who(run)}: known deviations are gone.", parts=(said,), fatal=True)
        if run["rulings"]:
            parts = ("The run was told to enforce ", Code(run["rulings"]), "; for these clauses no other reading was tried.")
            yield Finding(head=f"{who(run)}: rulings.", parts=parts)


def uneven(runs: pd.DataFrame) -> Iterable[Finding]:
    """A warning for each respect in which the records were not made alike."""
    for name, noun in (("level", "levels"), ("convt", "versions of convt")):
        if runs[name].nunique() > 1:
            said = ", ".join(f"{run['implementation']} {run[name]}" for run in rows(runs))
            yield Finding(head=f"The records were made with different {noun}.", parts=(f"{said}.",))


def summary(run: dict[Any, Any], deviations: pd.DataFrame) -> Finding:
    """One implementation in a line: how many laws hold, and the clauses where it deviates."""
    own = deviations[deviations["implementation"] == run["implementation"]]
    new, old = (list(dict.fromkeys(own.loc[own["listed"] == listed, "clause"])) for listed in ("no", "yes"))
    parts = [f"{run['conforms']} of {several(run['laws'], 'law')} hold"]
    parts += [f"{run['fails'] - run['listed']} fail, on {listing(new)}"] if new else []
    parts += [f"{run['listed']} fail as listed, on {listing(old)}"] if old else []
    parts += [f"{run['unsupported']} could not be asked"] if run["unsupported"] else []
    effects = f" Its calls left changed: {run['effects']}." if run["effects"] else ""
    return Finding(head=f"{who(run)}:", parts=(f"{', '.join(parts)}; {several(run['judged'], 'case')} judged.{effects}",))


def readings(table: pd.DataFrame) -> Iterable[Finding]:
    """A sentence for each clause that is read in different ways, then one for all that are read alike."""
    alike: list[str] = []
    for clause, group in table.groupby("clause", sort=False):
        said = group[~group["follows"].isin(["unsupported", "not judged"])]
        if said.empty:
            continue
        if said["follows"].nunique() == 1 and said["follows"].iloc[0] in clauses.find(str(clause)).readings:
            alike += [", " if alike else "", f"{clause} ", Code(said["follows"].iloc[0])]
        else:
            yield differing(str(clause), group, said)
    if alike:
        names = list(table["implementation"].unique())
        head = f"{names[0]} follows:" if len(names) == 1 else "Read alike by all that can be asked:"
        yield Finding(head=head, parts=(*alike, "."))


def differing(clause: str, group: pd.DataFrame, said: pd.DataFrame) -> Finding:
    """Who follows which reading of a clause, who cannot be asked, and what nobody follows."""
    known, everyone = clauses.find(clause), list(group["implementation"])
    parts: list[str] = []
    for follows, same in said.groupby("follows", sort=False):
        parts += ["; " if parts else "", *following(str(follows), list(same["implementation"]), known.readings, everyone)]
    for note, same in group[group["follows"] == "unsupported"].groupby("note", sort=False):
        parts.append(f"; {named(same['implementation'], everyone)} cannot be asked ({note})")
    return Finding(clause=clause, head=known.title, parts=(*parts, *ignored(set(said["follows"]), known.readings), "."))


def ignored(followed: set[str], known: Sequence[str]) -> list[str]:
    """`; nobody follows x or y`; nothing when somebody's reading is not known."""
    words = {word for follows in followed for word in follows.removeprefix("not told apart: ").split(" or ")}
    left = [Code(reading) for reading in known if reading not in words]
    if not left or not words <= {*known, "none"}:
        return []
    between = ["; nobody follows ", *[", "] * (len(left) - 2), " or "][: len(left)]
    return [part for pair in zip(between, left, strict=True) for part in pair]


def following(follows: str, names: Sequence[str], known: Sequence[str], everyone: Sequence[str]) -> list[str]:
    """`a and b follow x`, or what else became of the question."""
    they, does = named(names, everyone), "follows" if len(names) == 1 else "follow"
    if follows in known:
        return [f"{they} {does} ", Code(follows)]
    if follows == "none":
        return [f"{they} {does} none of the readings"]
    return [f"{they}: {follows}"]


def grouped(deviations: pd.DataFrame) -> list[tuple[int, pd.DataFrame]]:
    """The deviations that are alike: same clause, verdict, kind and listing, in the order of the specification."""
    order = list(clauses.inventory())
    groups = deviations.groupby(["clause", "verdict", "kind", "listed", "listed_reason"], sort=True)
    found = [(order.index(group["clause"].iloc[0]), group) for _, group in groups]
    return sorted(found, key=lambda pair: pair[0])


def deviation(group: pd.DataFrame, everyone: Sequence[str]) -> Finding:
    """Who deviates from a clause in the same way, with the smallest case of all."""
    names = list(dict.fromkeys(group["implementation"]))
    first = group.iloc[0]
    does = DOES[first["kind"] or first["verdict"]][len(names) > 1]
    shown = group[group["case"] != ""]
    cases = sorted(zip(shown["case"], shown["implementation"], strict=True), key=lambda pair: (len(pair[0]), pair))
    example = [", for instance ", Code(cases[0][0]), f" ({cases[0][1]})" if len(names) > 1 else ""] if cases else []
    listed = f". This is listed: {first['listed_reason']}" if first["listed"] == "yes" else ""
    return Finding(clause=first["clause"], head=first["title"], parts=(f"{named(names, everyone)} {does}", *example, f"{listed}."))


def agreement(table: pd.DataFrame) -> Iterable[Finding]:
    """A sentence for each pair that differs, then one for those that agree, and one for those that could not be compared.

    Of more than `MOST_PAIRS` only the implementations are named, with how many others each differs from.
    """
    if len(table) > MOST_PAIRS:
        yield in_short(table)
        return
    for row in rows(table[table["different"] > 0]):
        parts = (f"of {several(row['both_computed'], 'case')} that both computed, {row['different']} differ, the shortest being ",)
        yield Finding(head=f"{row['first']} and {row['second']}:", parts=(*parts, Code(row["smallest_difference"]), "."))
    same = rows(table[(table["different"] == 0) & (table["both_computed"] > 0)])
    if same:
        said = [f"{row['first']} and {row['second']} ({several(row['both_computed'], 'case')})" for row in same]
        yield Finding(head="Equal wherever both computed:", parts=(f"{', '.join(said)}.",))
    apart = rows(table[table["both_computed"] == 0])
    if apart:
        said = [f"{row['first']} and {row['second']}" for row in apart]
        yield Finding(head="Not compared, as no case was computed by both:", parts=(f"{', '.join(said)}.",))


def in_short(table: pd.DataFrame) -> Finding:
    """How many of the others each implementation differs from somewhere, the one first that differs from most."""
    compared, different = Counter[str](), Counter[str]()
    for row in rows(table[table["both_computed"] > 0]):
        both = (row["first"], row["second"])
        compared.update(both)
        different.update(both if row["different"] else ())
    said = [f"{name} from {different[name]} of {compared[name]}" for name in sorted(compared, key=lambda name: (-different[name], name))]
    return Finding(head="Differing somewhere from others that computed the same cases:", parts=(f"{', '.join(said) or 'nobody'}.",))
