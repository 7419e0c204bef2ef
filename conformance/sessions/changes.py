"""What changed between two releases of a framework: where their records, made on the same cases, differ, each confirmed on one case.

A record shows that a law found something else. A change is reported where both releases, asked again in fresh processes, differ on one and
the same case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from releases import Key, Release, Sight

from convt_conformance.judge import FAILURES, VERDICTS
from convt_conformance.laws import all_laws
from convt_conformance.records import Line, Record
from convt_spec import clauses
from convt_spec.case import Case

LAWS = {law.name: law for law in all_laws()}
MOST_CASES, MOST_REPLAYS = 12, 4
"""Cases of a law that are asked again by their one call, and those held under the law where none of these tells."""
NO_SUCH_CALL = re.compile(
    r"^(AttributeError: .*has no attribute|TypeError: .*(unexpected keyword argument|incompatible function arguments))"
)
"""What Python says where an interface does not have what is asked of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A law on which two releases differ, with the case that shows it, by its one call or `held` under the law."""

    law: str
    key: Key
    before: Sight
    after: Sight
    held: bool = False

    @property
    def size(self) -> Any:
        return Case.parse(self.key[0]).size

    @property
    def change(self) -> str:
        """One of the words that `convt_reports.history.CHANGES` explains."""
        if NO_SUCH_CALL.match(self.before.observed):
            return "offered"
        if NO_SUCH_CALL.match(self.after.observed):
            return "withdrawn"
        right = self.before.verdict == "conforms", self.after.verdict == "conforms"
        return {(True, True): "reading", (False, True): "mended", (True, False): "broken", (False, False): "otherwise"}[right]


def lines(record: Record) -> dict[str, Line]:
    """The results by law."""
    return {line["law"]: line for line in record.results}


def suspected(before: Record, after: Record) -> list[str]:
    """The laws that found something else."""
    old, new = lines(before), lines(after)
    told = ("verdict", "kind", "follows", "failures", "refuted", "evidence")
    return [law for law in old if law in new and any(old[law][name] != new[law][name] for name in told)]


def cases(law: str, *records: Record) -> list[Key]:
    """The cases that records show of a law, and of the causes that it fails by: the smallest first."""
    shown: list[Line] = []
    for record in records:
        line = lines(record)[law]
        shown += [each for each in (line["evidence"], *line["refuted"].values()) if each]
        shown += [each["evidence"] for each in record.causes if law in (each["law"], *each["laws"])]
    return sorted({(each["case"], tuple(each["after"])) for each in shown}, key=lambda key: (Case.parse(key[0]).size, key))


def differences(law: str, releases: Sequence[Release]) -> Iterator[tuple[int, Difference]]:
    """The cases of a law on which the first and the last of these releases differ, told at each release that answers otherwise than the
    one before it: by the one call, and where no case tells by that, under the law.
    """
    keys = cases(law, *(each.record for each in releases if each.record))
    found = [step for key in keys[:MOST_CASES] for step in steps(law, key, releases, held=False)]
    yield from found or (step for key in keys[:MOST_REPLAYS] for step in steps(law, key, releases, held=True))


def steps(law: str, key: Key, releases: Sequence[Release], *, held: bool) -> list[tuple[int, Difference]]:
    """Where the answers to a case change, by the place of the later release; nowhere where they are the same at both ends."""

    def seen(release: Release) -> Sight:
        return release.held(LAWS[law], key) if held else release.sight(LAWS[law], key)

    try:
        first, last = seen(releases[0]), seen(releases[-1])
        if not differ(first, last):
            return []
        sights = [first, *map(seen, releases[1:-1]), last]
    except (ValueError, AssertionError, ZeroDivisionError):
        return []  # the law is not about this case
    told = [Difference(law=law, key=key, before=one, after=two, held=held) for one, two in pairwise(sights)]
    return [(at, each) for at, each in enumerate(told, 1) if differ(each.before, each.after)]


def confirmed(found: Difference, before: Release, after: Release) -> bool:
    """Whether both releases give the same again in fresh processes."""
    law = LAWS[found.law]
    if found.held:
        return (before.held(law, found.key), after.held(law, found.key)) == (found.before, found.after)
    return (before.sight(law, found.key, fresh=True), after.sight(law, found.key, fresh=True)) == (found.before, found.after)


def differ(one: Sight, two: Sight) -> bool:
    return one != two and "unsupported" not in (one.verdict, two.verdict)


def standing(record: Record, clause: str) -> Line:
    """What a record says of a clause: the worst verdict of its laws, how they deviate, and the readings followed."""
    of = [line for line in record.results if line["clause"] == clause]
    worst = min((line["verdict"] for line in of), key=VERDICTS.index)
    kinds = sorted({line["kind"] for line in of if line["verdict"] in FAILURES and line["kind"]})
    return {"verdict": worst, "kinds": kinds, "follows": list(dict.fromkeys(reading for line in of for reading in line["follows"]))}


def changes(before: Release, after: Release, between: Sequence[Release] = ()) -> tuple[list[Line], list[Line]]:
    """What changed, a line for each clause and release with its smallest case, and the clauses whose standing changed without such a case.

    Releases `between` are asked the cases alone on which the two differ, so that each change stands where it came.
    """
    assert before.record and after.record
    releases = (before, *between, after)
    found: dict[tuple[int, str], list[Difference]] = {}
    for law in suspected(before.record, after.record):
        for at, each in differences(law, releases):
            found.setdefault((at, LAWS[law].clause), []).append(each)
    stood = {clause: (standing(before.record, clause), standing(after.record, clause)) for clause in shared(before.record, after.record)}
    told = list[Line]()
    for at, clause in sorted(found, key=lambda key: (key[0], list(stood).index(key[1]))):
        by_size = sorted(found[at, clause], key=lambda each: (each.size, each.key))
        least = next((each for each in by_size if confirmed(each, releases[at - 1], releases[at])), None)
        if least:
            stands = stood[clause][0] if at == 1 else alone(least.before), stood[clause][1] if releases[at] is after else alone(least.after)
            told.append(change_line(clause, least, (releases[at - 1].version, stands[0]), (releases[at].version, stands[1])))
    left = [clause for clause in stood if stood[clause][0] != stood[clause][1] and all(line["clause"] != clause for line in told)]
    return told, [{"clause": clause, "before": before.version, "after": after.version} for clause in left]


def shared(*records: Record) -> list[str]:
    """The clauses of which all these records speak, in the specification's order."""
    spoken = [{line["clause"] for line in record.results} for record in records]
    return [clause for clause in clauses.inventory() if all(clause in each for each in spoken)]


def alone(sight: Sight) -> Line:
    """The standing of a clause in a release that was asked one case only."""
    return {"verdict": sight.verdict, "kinds": [sight.kind] if sight.kind else [], "follows": list(sight.readings)}


def change_line(clause: str, found: Difference, before: tuple[str, Line], after: tuple[str, Line]) -> Line:
    return {
        "clause": clause,
        "law": found.law,
        "change": found.change,
        "before": {"version": before[0], **before[1]},
        "after": {"version": after[0], **after[1]},
        "case": found.key[0],
        "cases_before": list(found.key[1]),
        "observed_before": found.before.observed,
        "observed_after": found.after.observed,
    }


def unlike(claims: Sequence[Line]) -> str:
    """Why a release cannot be compared: no plain call of what its adapter knows works there. Empty where one does."""
    claimed = [line for line in claims if line["claimed"]]
    return "" if not claimed or any(line["works"] is not False for line in claimed) else str(claimed[0]["observed"])
