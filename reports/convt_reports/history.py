"""Releases of frameworks that were judged on the same cases, and where a clause's verdict changed from one to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from operator import index
from pathlib import Path
from typing import Any

import pandas as pd

from convt_conformance.judge import KINDS, VERDICTS
from convt_reports.frames import frame
from convt_reports.load import published
from convt_reports.tables import Table
from convt_spec import clauses

FORMAT = 1
CHANGES = {
    "mended": "the case deviates before and fits since",
    "broken": "the case fits before and deviates since",
    "reading": "both fit, by other readings of the clause",
    "otherwise": "both deviate, each in its own way",
    "offered": "there is no such call before, which is held against nobody",
    "withdrawn": "there is no such call any more, which is held against nobody",
}
JUDGED = {
    "laws": "judged by all laws",
    "cases": "asked the cases on which releases around it differ",
    "no": "not to be compared",
}
CHANGE_COLUMNS = {
    "implementation": "its own name",
    "clause": "the clause",
    "title": "what the clause is about",
    "change": "; ".join(f"{word}: {meaning}" for word, meaning in CHANGES.items()),
    "before": "the last of the releases tried with the old verdict",
    "after": "the first of the releases tried with the new one",
    "stood": "the clause's verdict before, how it deviates, and what it follows: by all its laws, or of the case where it was asked cases",
    "stands": "the same since",
    "case": "the smallest case that both releases, asked again, answer otherwise",
    "observed_before": "what the old release gives there, or how a law fails on it",
    "observed_after": "what the new one gives there",
}
RELEASE_COLUMNS = {
    "implementation": "str",
    "version": "str",
    "released": "str",
    "judged": "str",
    "conform": "Int64",
    "fail": "Int64",
    "unsupported": "Int64",
    "cases": "Int64",
    "why_not": "str",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A clause on which a release and the next judged one differ, with what its laws say and what the smallest case gives."""

    implementation: str
    clause: str
    title: str
    change: str
    before: str
    after: str
    stood: str
    stands: str
    case: str
    observed_before: str
    observed_after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release: a word of `JUDGED`, laws that conform, fail and are unsupported, and cases judged, None without laws; or why it is not."""

    implementation: str
    version: str
    released: str
    judged: str
    conform: int | None
    fail: int | None
    unsupported: int | None
    cases: int | None
    why_not: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An implementation's releases, oldest first, judged with one seed; `unconfirmed` counts clauses whose change no case showed again."""

    name: str
    seed: int
    level: str
    examples: int
    made: str
    releases: tuple[Release, ...]
    changes: tuple[Change, ...]
    unconfirmed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What was found of each implementation."""

    parts: tuple[Part, ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        return tuple(each for part in self.parts for each in part.changes)

    @property
    def words(self) -> dict[str, str]:
        """What the words in the table mean, those that stand in it."""
        return {word: meaning for word, meaning in CHANGES.items() if any(each.change == word for each in self.changes)}

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """The changes of an implementation between two releases, those together that one and the same case shows."""
        steps = dict.fromkeys((each.implementation, each.before, each.after) for each in self.changes)
        return [{"implementation": name, "before": before, "after": after, "rows": self.step(name, after)} for name, before, after in steps]

    def step(self, name: str, after: str) -> list[dict[str, Any]]:
        found: dict[tuple[str, ...], list[Change]] = {}
        for each in self.changes:
            if (each.implementation, each.after) == (name, after):
                alike = each.change, each.stood, each.stands, each.case, each.observed_before, each.observed_after
                found.setdefault(alike, []).append(each)
        return [{**asdict(each[0]), "clauses": [one.clause for one in each]} for each in found.values()]


def load_history(path: Path) -> History:
    """What `nox -s history` wrote; raises RecordError."""
    return published(path, "history of releases", "history(NAME)", history_from)


def history_from(value: Mapping[str, Any]) -> History:
    if value["format"] != FORMAT:
        raise ValueError(f"this is format {value['format']}, not {FORMAT}")
    parts = tuple(part(each) for each in value["implementations"])
    if len({each.name for each in parts}) < len(parts):
        raise ValueError("an implementation stands there twice")
    return History(parts=parts)


def part(value: Mapping[str, Any]) -> Part:
    name = str(value["name"])
    absent = [release(name, {**each, "released": "", "judged": "", "why_not": each["why"]}) for each in value["absent"]]
    tried = [release(name, each) for each in value["releases"]]
    return Part(
        name=name,
        seed=index(value["seed"]),
        level=str(value["level"]),
        examples=index(value["examples"]),
        made=str(value["made"]),
        releases=(*absent, *tried),
        changes=tuple(change(name, each, [one.version for one in tried if one.judged != "no"]) for each in value["changes"]),
        unconfirmed=len(list(value["unconfirmed"])),
    )


def release(name: str, value: Mapping[str, Any]) -> Release:
    """A release; raises ValueError for one that was neither judged nor has a reason."""
    facts: dict[str, Any] = {key: str(value[key]) for key in ("version", "released", "why_not")}
    judged = str(value["judged"] or "no")
    if judged not in JUDGED or (judged == "no") != bool(facts["why_not"]):
        raise ValueError(f"a release is judged or has a reason, got judged={judged!r} and why_not={facts['why_not']!r}")
    counts: dict[str, Any] = {key: index(value[key]) if judged == "laws" else None for key in ("conform", "fail", "unsupported", "cases")}
    return Release(implementation=name, judged=judged, **facts, **counts)


def change(name: str, value: Mapping[str, Any], tried: list[str]) -> Change:
    """A change between two releases that follow each other among those tried; raises ValueError for any other."""
    before, after = value["before"], value["after"]
    if value["change"] not in CHANGES or tried.index(after["version"]) != tried.index(before["version"]) + 1:
        raise ValueError(f"a change is one of {', '.join(CHANGES)} between two releases, got {value['change']!r}")
    texts = {key: str(value[key]) for key in ("clause", "change", "case", "observed_before", "observed_after")}
    return Change(
        implementation=name,
        title=clauses.find(texts["clause"]).title,
        before=str(before["version"]),
        after=str(after["version"]),
        stood=standing(before),
        stands=standing(after),
        **texts,
    )


def standing(value: Mapping[str, Any]) -> str:
    """A clause's verdict in words, with how it deviates and what it follows."""
    if value["verdict"] not in VERDICTS or not set(value["kinds"]) <= set(KINDS):
        raise ValueError(f"a verdict is one of {', '.join(VERDICTS)}, got {value['verdict']!r} with {value['kinds']!r}")
    kinds = f" ({', '.join(value['kinds'])})" if value["kinds"] else ""
    return f"{value['verdict']}{kinds}{', follows ' if value['follows'] else ''}{' or '.join(map(str, value['follows']))}"


def history_table(history: History) -> Table:
    """The changes among the report's tables; it is built of no records."""
    about = "Releases of frameworks, oldest to newest: where a clause's verdict changed, each confirmed on one case."
    return Table(name="history", about=about, columns=CHANGE_COLUMNS, build=lambda _: change_table(history))


def change_table(history: History) -> pd.DataFrame:
    """One row per change."""
    return frame([asdict(each) for each in history.changes], dict.fromkeys(CHANGE_COLUMNS, "str"))


def step_table(history: History) -> pd.DataFrame:
    """One row per case that shows changes, with all their clauses."""
    columns = ("implementation", "before", "after", "clauses", "change", "stood", "stands", "case", "observed_before", "observed_after")
    found = [{**row, "clauses": ", ".join(row["clauses"])} for block in history.blocks for row in block["rows"]]
    return frame([{name: row[name] for name in columns} for row in found], dict.fromkeys(columns, "str"))


def release_table(history: History) -> pd.DataFrame:
    """One row per release, those that could not be judged included."""
    return frame([asdict(each) for part in history.parts for each in part.releases], RELEASE_COLUMNS)
