"""A file of known deviations brought up to date with a run: what no longer occurs goes, what is new comes in without a reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import tomlkit
from packaging.version import InvalidVersion, Version
from tomlkit.items import AoT, Table

from convt_conformance.adapters.catalogue import CATALOGUE
from convt_conformance.deviations import LISTED, DeviationsError, Known, device, entry, gone, load
from convt_conformance.diagnosis import Diagnosis
from convt_conformance.protocol import Description
from convt_conformance.results import Result


def new_entries(causes: Sequence[Diagnosis], results: Sequence[Result], known: Sequence[Known], description: Description) -> list[Known]:
    """An entry for each cause, from the version that was judged on, and one for each clause with failures that no entry explains then."""
    at = device(description.name)
    blank = Known(
        clauses=(),
        kinds=(),
        implementations=(description.name,) if description.name in CATALOGUE else (),
        versions=since(description.version),
        device="" if at == "cpu" else at,
    )
    found = [replace(blank, clauses=each.clauses, kinds=each.kinds or (each.verdict,), when=each.condition or "") for each in causes]
    for result in results:
        for case, miss in result.failing:
            if not any(each.covers(result.clause, case, (miss.kind, miss.verdict)) for each in (*known, *found)):
                found.append(replace(blank, clauses=(result.clause,), kinds=(miss.kind or miss.verdict,)))
    return list(dict.fromkeys(found))


def since(version: str) -> str:
    """This version and later ones, as a specifier; empty for one that is no standard number."""
    try:
        return f">={Version(version).public}"
    except InvalidVersion:
        return ""


def update(path: Path, results: Sequence[Result], causes: Sequence[Diagnosis], description: Description) -> tuple[int, int]:
    """Rewrite the file, which need not exist, and keep its comments; returns how many entries went and came. Raises DeviationsError."""
    present = load(path) if path.exists() else []
    known = [each for each in present if each.applies(description.version, description.name)]
    old, new = set(gone(known, results)), new_entries(causes, results, known, description)
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
        if values:
            table[name] = values[0] if len(values) == 1 else list(values)
    for name in ("when", "versions", "device", "reason"):
        if (value := getattr(new, name)) or name == "reason":
            table[name] = value
    table.add(tomlkit.nl())
    return table
