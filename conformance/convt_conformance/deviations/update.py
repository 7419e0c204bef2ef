"""A file of known deviations brought up to date with a run: what no longer occurs goes, what is new comes in without a reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import tomlkit
from packaging.version import InvalidVersion, Version
from tomlkit.items import AoT, Table

from convt_conformance.causes import causes
from convt_conformance.deviations import LISTED, DeviationsError, Known, device, entry, gone, load
from convt_conformance.protocol import Description
from convt_conformance.session import Result
from convt_spec.case import Case


def new_entries(results: Sequence[Result], known: Sequence[Known], description: Description) -> list[Known]:
    """An entry for each cause of failures that no known one explains, from the version that was judged on.

    Causes are found clause by clause; clauses that fail in the same way under the same condition share an entry.
    """
    found: dict[tuple[str, str], list[str]] = {}
    unexplained: dict[tuple[str, str], tuple[list[Case], list[Case]]] = {}
    for result in results:
        for case, miss in result.failing:
            kinds = (miss.kind, miss.verdict)
            if not any(each.covers(result.clause, case, kinds) for each in known):
                failing, passing = unexplained.setdefault((result.clause, miss.kind or miss.verdict), ([], []))
                failing.append(case)
                passing += result.passing_beside(miss.kind)
    at = device(description.name)
    for (clause, kind), (failing, passing) in unexplained.items():
        whens = dict.fromkeys("" if cause.condition is None else cause.condition.text for cause in causes(failing, passing))
        for when in [""] if "" in whens else whens:
            found.setdefault((kind, when), []).append(clause)
    versions, there = since(description.version), "" if at == "cpu" else at
    return [
        Known(clauses=tuple(dict.fromkeys(names)), kinds=(kind,), when=when, versions=versions, device=there)
        for (kind, when), names in found.items()
    ]


def since(version: str) -> str:
    """This version and later ones, as a specifier; empty for one that is no standard number."""
    try:
        return f">={Version(version).public}"
    except InvalidVersion:
        return ""


def update(path: Path, results: Sequence[Result], description: Description) -> tuple[int, int]:
    """Rewrite the file, which need not exist, and keep its comments; returns how many entries went and came. Raises DeviationsError."""
    present = load(path) if path.exists() else []
    known = [each for each in present if each.applies(description.version, device(description.name))]
    old, new = set(gone(known, results)), new_entries(results, known, description)
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
        tables = document.get("deviation") or tomlkit.aot()
        kept = [table for table in tables if keeps(table, known, old)]
        document["deviation"] = AoT([*kept, *map(table_of, new)])
        text = re.sub(r"\n{3,}", "\n\n", tomlkit.dumps(document)).strip("\n")
        path.write_text(text + "\n" if text else "", encoding="utf-8")
    except OSError as error:
        raise DeviationsError(f"{path} cannot be written: {error.strerror}") from error
    return len(present) - len(kept), len(new)


def keeps(table: Table, known: Sequence[Known], old: set[str]) -> bool:
    """Whether an entry stays: it explained something, or speaks of another version, machine or device."""
    found = entry("entry", dict(table.unwrap()))
    return found not in known or str(found) not in old


def table_of(new: Known) -> Table:
    """An entry as TOML, its empty parts left out but for the reason, which somebody has to write."""
    table = tomlkit.table()
    for name, several in LISTED.items():
        values = getattr(new, several)
        table[name] = values[0] if len(values) == 1 else list(values)
    for name in ("when", "versions", "device", "reason"):
        if (value := getattr(new, name)) or name == "reason":
            table[name] = value
    table.add(tomlkit.nl())
    return table
