"""What becomes of a framework's operator when its own exporter sends it elsewhere, by clause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from convt_conformance.judge import FAILURES
from convt_conformance.records import Line, Record
from convt_reports import frames
from convt_reports.load import labels
from convt_reports.tables.readings import readings
from convt_reports.tables.verdicts import cells, verdicts
from convt_spec import clauses

ROUTE = "exported:"
COLUMNS = {
    "route": "the exporter and the other side, as the report calls them",
    "framework": "whose call is exported",
    "clause": "id of the clause, in the order of the specification",
    "title": "its title",
    "framework_verdict": "what the framework's own record says, as in the verdicts",
    "framework_reading": "the reading that the framework itself follows, where the clause has several",
    "route_verdict": "what the route's record says",
    "route_reading": "the reading that is followed on the other side",
    "survives": "`yes` when the clause holds on the other side, by a reading of the framework's own, or fails there in the framework's own "
    "way and at no simpler call; `no` when it fails otherwise, or holds by another reading; `not expressible` when the framework has no "
    "such call, or the route none; `not judged` when a record says nothing of it",
    "case": "the smallest case where it does not survive",
    "observed": "what came from the other side",
    "required": "what the clause, or the framework's reading, asks for",
    "command": "shows the case beside the exact answer",
}
WORDS = ("yes", "no", "not expressible", "not judged")
NOTHING = {"case": "", "observed": "", "required": "", "command": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What a record says of a clause: its verdict as `shown`, the readings that it may follow, and the lines of its laws."""

    record: Record | None
    verdict: str = "not judged"
    kinds: frozenset[str] = frozenset()
    shown: str = "not judged"
    told: str = ""
    readings: frozenset[str] = frozenset()
    lines: tuple[Line, ...] = ()

    @property
    def failures(self) -> list[tuple[str, str, Line]]:
        """The smallest case of each law that fails, with the law."""
        return [(line["law"], "", line["evidence"]) for line in self.lines if line["verdict"] in FAILURES and line["evidence"]]

    def against(self, readings: frozenset[str]) -> list[tuple[None, str, Line]]:
        """The smallest cases against some readings, with the reading."""
        return [(None, name, line["refuted"][name]) for line in self.lines for name in sorted(readings) if name in line["refuted"]]


def exports(records: Sequence[Record]) -> pd.DataFrame:
    """One row per route and clause; none without a record of a route."""
    named = labels(records)
    routes = {label: exporting(named, record) for label, record in named.items() if record.name.startswith(ROUTE)}
    rows = []
    if routes:
        seen = sides(records)
        missing = Side(record=None)
        for route, framework in routes.items():
            facts = {"route": route, "framework": framework or source(named[route])}
            rows += [
                {**facts, **row(clause, seen.get((framework, clause), missing), seen[route, clause])} for clause in clauses.inventory()
            ]
    return frames.frame(rows, dict.fromkeys(COLUMNS, "str"))


def source(record: Record) -> str:
    """The framework that a route starts from: `alpha` for `exported:alpha-onnx`."""
    return record.name.removeprefix(ROUTE).partition("-")[0]


def exporting(named: dict[str, Record], route: Record) -> str:
    """What the report calls the framework's own record, of the route's version where there are several; empty without one."""
    own = [label for label, record in named.items() if record.name == source(route)]
    return next((label for label in own if named[label].version == route.version), own[0] if own else "")


def sides(records: Sequence[Record]) -> dict[tuple[str, str], Side]:
    """What each record says of each clause, by what the report calls it."""
    judged, shown = cells(records).to_dict("index"), verdicts(records).set_index("clause").to_dict("index")
    told = {(each["implementation"], each["clause"]): each["follows"] for each in readings(records).to_dict("records")}
    found = {}
    for label, record in labels(records).items():
        for clause in clauses.inventory().values():
            cell, follows = judged.get((clause.id, label)), told.get((label, clause.id), "")
            facts = {"verdict": cell["verdict"], "kinds": frozenset(cell["kind"].split(" and "))} if cell else {}
            possible = frozenset(follows.removeprefix("not told apart: ").split(" or ")) & frozenset(clause.readings)
            lines = tuple(line for line in record.results if line["clause"] == clause.id)
            facts |= {"shown": shown[clause.id][label], "told": follows, "readings": possible, "lines": lines}
            found[label, clause.id] = Side(record=record, **facts)
    return found


def row(clause: str, own: Side, there: Side) -> dict[str, Any]:
    """The columns from the clause on."""
    found = survives(own, there)
    facts = {"clause": clause, "title": clauses.find(clause).title, "survives": found}
    facts |= {"framework_verdict": own.shown, "framework_reading": own.told, "route_verdict": there.shown, "route_reading": there.told}
    shown = smallest(there.failures or there.against(own.readings)) if found == "no" else None
    if shown is None or there.record is None:
        return {**facts, **NOTHING}
    law, reading, seen = shown
    command = frames.repro(there.record, seen, [clause], law, reading)
    return {**facts, **{name: seen[name] for name in ("case", "observed", "required")}, "command": command}


def survives(own: Side, there: Side) -> str:
    """One of WORDS."""
    if there.verdict == "unsupported":
        return "not expressible"
    if not {own.verdict, there.verdict}.isdisjoint(("not judged", "mistrusted")):
        return "not judged"
    if there.verdict in FAILURES:
        return "yes" if alike(own, there) else "no"
    return "no" if own.readings and there.readings and own.readings.isdisjoint(there.readings) else "yes"


def alike(own: Side, there: Side) -> bool:
    """Whether a failure is of the framework's own kinds; a simpler call, or another as simple, would have been found there too."""
    before, after = (smallest(each.failures) for each in (own, there))
    if own.verdict != there.verdict or not there.kinds <= own.kinds or not before or not after:
        return False
    first, second = (found[2]["case"].rpartition(",")[0] for found in (before, after))  # the last part of a case is its numbers
    return first == second or len(first) < len(second)


def smallest(found: Sequence[tuple[str | None, str, Line]]) -> tuple[str | None, str, Line] | None:
    """That with the shortest case."""
    return min(found, key=lambda each: (len(each[2]["case"]), each[2]["case"]), default=None)


def figures(table: pd.DataFrame) -> pd.DataFrame:
    """How many clauses survive on each route."""
    counts = table.groupby(["route", "survives"]).size().unstack(fill_value=0).reindex(columns=list(WORDS), fill_value=0)
    return counts.astype("int64").rename_axis(columns=None).reset_index()


def lost(table: pd.DataFrame) -> pd.DataFrame:
    """What does not survive."""
    return table[table["survives"] == "no"].reset_index(drop=True)
