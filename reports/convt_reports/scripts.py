"""The scripts of the deviations: whether a program of the framework alone, without convt, shows each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from convt_conformance.judge import FAILURES
from convt_conformance.records import Line, Record
from convt_reports.frames import frame
from convt_reports.load import published
from convt_reports.tables import Table

FORMAT = 1
SHOWN = {
    "yes": "the program shows it",
    "law": "its one call does not, the law does over the calls that it makes, each a program of the framework alone",
    "differs": "the program shows another deviation than the record",
    "no": "the program shows the right result, so the record is wrong",
    "unsettled": "the program could not be run, or does not look at what deviates",
}
WRONG = ("differs", "no", "unsettled")
SCRIPT_COLUMNS = {
    "implementation": "its own name",
    "version": "its version",
    "clauses": "the clauses that the case deviates from",
    "kinds": "how it deviates, by the record",
    "reading": "where no single reading fits, the one that this case refutes",
    "listed": "yes when each of these is a known deviation",
    "case": "the case",
    "shown": "; ".join(f"{word}: {meaning}" for word, meaning in SHOWN.items()),
    "why": "what the program's result says, beside what is required",
    "output": "the last lines of the program",
    "command": "prints the program, or shows the law with all its calls",
}
TEXTS = tuple(name for name in SCRIPT_COLUMNS if name not in ("clauses", "kinds", "listed", "output"))
LISTS = ("clauses", "kinds", "output", "after")
Key = tuple[str, tuple[str, ...], str]
"""What tells the deviations of an implementation apart: the case, those before it, and CLAUSE=READING where it refutes a reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a record says of a case: that one of `laws` fails on it, in one of these ways, under a reading or under any."""

    laws: tuple[str, ...]
    clauses: tuple[str, ...]
    verdict: str
    kinds: tuple[str, ...]
    reading: str
    listed: bool
    observed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One deviation and what its program showed; `after` are the cases that run before, in the same program."""

    implementation: str
    version: str
    clauses: tuple[str, ...]
    kinds: tuple[str, ...]
    reading: str
    listed: bool
    case: str
    after: tuple[str, ...]
    shown: str
    why: str
    output: tuple[str, ...]
    command: str

    @property
    def key(self) -> Key:
        return self.case, self.after, self.reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripts:
    """The programs of all deviations; `missing` are those that the report's records hold beside."""

    scripts: tuple[Script, ...]
    missing: int = 0

    @property
    def figures(self) -> list[dict[str, Any]]:
        """How many deviations each implementation has, and how many its programs show."""
        names = dict.fromkeys((each.implementation, each.version) for each in self.scripts)
        rows = [
            figure_row(name, version, [each for each in self.scripts if (each.implementation, each.version) == (name, version)])
            for name, version in names
        ]
        return rows if len(rows) == 1 else [*rows, figure_row("all", "", self.scripts)]

    @property
    def wrong(self) -> int:
        """Deviations that no program confirms."""
        return sum(each.shown in WRONG for each in self.scripts)

    @property
    def meanings(self) -> dict[str, str]:
        """What the words mean that stand in the table."""
        return {word: meaning for word, meaning in SHOWN.items() if any(each.shown == word for each in self.scripts)}

    def about(self, records: Iterable[Record]) -> Scripts:
        """Those of these records alone."""
        wanted = {(record.name, record.version, *key) for record in records for key in claims(record)}
        kept = tuple(each for each in self.scripts if (each.implementation, each.version, *each.key) in wanted)
        return replace(self, scripts=kept, missing=len(wanted) - len(kept))


def figure_row(name: str, version: str, scripts: Sequence[Script]) -> dict[str, Any]:
    count = Counter(each.shown for each in scripts)
    figures = {
        "deviations": len(scripts),
        "shown by the program": count["yes"],
        "by a law over several": count["law"],
        "contradicted": count["no"] + count["differs"],
        "unsettled": count["unsettled"],
    }
    return {"implementation": name, "version": version, **figures}


def claims(record: Record) -> dict[Key, list[Claim]]:
    """What a record says of each case that it holds against the implementation."""
    found: dict[Key, list[Claim]] = {}
    for line in record.results:
        if line["verdict"] in FAILURES:
            for reading, shown in refutations(line):
                about = (line["law"],), (line["clause"],), (line["kind"],)
                add(found, line, shown, reading, *about, listed=line["listed"] is not None)
    for line in record.causes:
        if line["kinds"] != ["reading"]:  # each of its readings stands above
            laws = dict.fromkeys(law for law in (line["law"], *line["laws"]) if law)
            add(found, line, line["evidence"], "", tuple(laws), tuple(line["clauses"]), tuple(line["kinds"]), listed=False)
    return found


def refutations(line: Line) -> list[tuple[str, Line]]:
    """The cases of a failed law: against each reading where none fits all, else the one."""
    if line["kind"] == "reading" and line["refuted"]:
        return [(f"{line['clause']}={reading}", shown) for reading, shown in line["refuted"].items()]
    return [("", line["evidence"])] if line["evidence"] else []


def add(
    found: dict[Key, list[Claim]],
    line: Line,
    shown: Line,
    reading: str,
    laws: tuple[str, ...],
    clauses: tuple[str, ...],
    kinds: tuple[str, ...],
    *,
    listed: bool,
) -> None:
    key = shown["case"], tuple(shown["after"]), reading
    verdict, observed, named = line["verdict"], shown["observed"], tuple(filter(None, kinds))
    claim = Claim(laws=laws, clauses=clauses, verdict=verdict, kinds=named, reading=reading, listed=listed, observed=observed)
    found.setdefault(key, []).append(claim)


def load_scripts(path: Path) -> Scripts:
    """What `nox -s scripts` wrote; raises RecordError."""
    return published(path, "result of the scripts", "scripts", scripts_from)


def scripts_from(value: Mapping[str, Any]) -> Scripts:
    if value["format"] != FORMAT or value["complete"] is not True:
        raise ValueError(f"this is format {value['format']}, not {FORMAT}, or the run that made it was cut short")
    return Scripts(scripts=tuple(map(script, value["deviations"])))


def script(value: Mapping[str, Any]) -> Script:
    if value["shown"] not in SHOWN or any(not isinstance(value[name], list) for name in LISTS):
        raise ValueError(f"shown is one of {', '.join(SHOWN)}, got {value['shown']!r}; and {', '.join(LISTS)} are lists")
    facts: dict[str, Any] = {name: str(value[name]) for name in TEXTS} | {name: tuple(map(str, value[name])) for name in LISTS}
    return Script(**facts, listed=bool(value["listed"]))


def scripts_table(scripts: Scripts) -> Table:
    """The scripts among the report's tables; it is built of no records."""
    about = "The deviations, and whether a program of the framework alone shows each."
    return Table(name="scripts", about=about, columns=SCRIPT_COLUMNS, build=lambda _: script_table(scripts))


def script_table(scripts: Scripts) -> pd.DataFrame:
    """One row per deviation."""
    return frame([script_row(each) for each in scripts.scripts], dict.fromkeys(SCRIPT_COLUMNS, "str"))


def script_row(each: Script) -> dict[str, str]:
    facts = {name: str(getattr(each, name)) for name in TEXTS}
    lists = {"clauses": ", ".join(each.clauses), "kinds": ", ".join(each.kinds), "output": " / ".join(each.output)}
    return {**facts, **lists, "listed": "yes" if each.listed else "no"}


def script_figures(scripts: Scripts) -> pd.DataFrame:
    """The figures as a table."""
    rows = scripts.figures if scripts.scripts else []
    types = {name: "str" if name in ("implementation", "version") else "int64" for name in figure_row("", "", ())}
    return frame(rows, types)
