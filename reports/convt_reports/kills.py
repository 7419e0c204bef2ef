"""The kill matrix: which law finds which implementation that is wrong on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from convt_reports.frames import frame
from convt_reports.load import published
from convt_reports.tables import Table

FORMAT = 1
KILL_COLUMNS = {
    "family": "what kind of fault it is",
    "saboteur": "the name of an implementation that is wrong on purpose",
    "wrong": "in what",
    "laws": "how many laws find it",
    "only_by": "the law that finds it, if no other does",
    "case": "a small case on which it is found",
    "observed": "what it gives there",
    "required": "what it should give",
    "found_by": "all laws that find it",
}
KILL_TYPES = dict.fromkeys(KILL_COLUMNS, "str") | {"laws": "int64"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Saboteur:
    """An implementation that is wrong on purpose, and the laws that find it; `smallest` is a case as in a record, or None."""

    name: str
    family: str
    wrong: str
    killed_by: tuple[str, ...]
    smallest: dict[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kills:
    """The matrix: `laws` are names with their clauses, in the specification's order; saboteurs stand by family."""

    seed: int
    level: str
    laws: tuple[tuple[str, str], ...]
    saboteurs: tuple[Saboteur, ...]

    @property
    def families(self) -> dict[str, list[Saboteur]]:
        """The saboteurs of each family."""
        names = dict.fromkeys(each.family for each in self.saboteurs)
        return {name: [each for each in self.saboteurs if each.family == name] for name in names}

    def only(self, law: str) -> list[Saboteur]:
        """Those that no other law finds."""
        return [each for each in self.saboteurs if each.killed_by == (law,)]


def load_kills(path: Path) -> Kills:
    """The matrix that `nox -s kills` wrote; raises RecordError."""
    return published(path, "kill matrix", "kills", kills_from)


def kills_from(value: dict[str, Any]) -> Kills:
    if value["format"] != FORMAT:
        raise ValueError(f"this is format {value['format']}, not {FORMAT}")
    laws = tuple((str(each["law"]), str(each["clause"])) for each in value["laws"])
    if not laws or any(isinstance(each["killed_by"], str) for each in value["saboteurs"]):
        raise ValueError("it needs laws, and for each saboteur a list of those that find it")
    return Kills(seed=int(value["seed"]), level=str(value["level"]), laws=laws, saboteurs=tuple(map(saboteur, value["saboteurs"])))


def saboteur(value: dict[str, Any]) -> Saboteur:
    smallest = value["smallest"] and {name: str(value["smallest"][name]) for name in ("case", "observed", "required")}
    named = {name: str(value[name]) for name in ("name", "family", "wrong")}
    return Saboteur(**named, killed_by=tuple(map(str, value["killed_by"])), smallest=smallest)


def kills_table(kills: Kills) -> Table:
    """The saboteurs among the report's tables; it is built of no records."""
    about = "Implementations that are wrong on purpose, and which laws find them."
    return Table(name="kills", about=about, columns=KILL_COLUMNS, build=lambda _: kill_table(kills))


def kill_table(kills: Kills) -> pd.DataFrame:
    """One row per saboteur."""
    return frame([kill_row(each) for each in kills.saboteurs], KILL_TYPES)


def kill_row(each: Saboteur) -> dict[str, Any]:
    seen = each.smallest or dict.fromkeys(("case", "observed", "required"), "")
    alone = each.killed_by[0] if len(each.killed_by) == 1 else ""
    facts = {"family": each.family, "saboteur": each.name, "wrong": each.wrong, "laws": len(each.killed_by), "only_by": alone}
    return {**facts, **{name: seen[name] for name in ("case", "observed", "required")}, "found_by": ", ".join(each.killed_by)}


def family_table(kills: Kills) -> pd.DataFrame:
    """One row per family: how many saboteurs it has, how many are found, and how many by one law only."""
    rows = [
        {
            "family": name,
            "saboteurs": len(members),
            "found": sum(bool(each.killed_by) for each in members),
            "by one law only": sum(len(each.killed_by) == 1 for each in members),
        }
        for name, members in kills.families.items()
    ]
    return frame(rows, {"family": "str", "saboteurs": "int64", "found": "int64", "by one law only": "int64"})


def text_matrix(kills: Kills, members: Sequence[Saboteur]) -> str:
    """Saboteurs by laws in plain text: `#` where no other law finds it, `x` where the law finds it among others."""
    width = max(len(each.name) for each in members)
    labels = [clause for _, clause in kills.laws]
    head = [" " * (width + 2) + "".join(label[line : line + 1] or " " for label in labels) for line in range(max(map(len, labels)))]
    body = [f"{each.name:<{width}}  " + "".join(mark(each, law) for law, _ in kills.laws) for each in members]
    return "\n".join(line.rstrip() for line in (*head, *body))


def mark(each: Saboteur, law: str) -> str:
    return "." if law not in each.killed_by else "#" if len(each.killed_by) == 1 else "x"
