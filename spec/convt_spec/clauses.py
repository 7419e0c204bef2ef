"""The clause inventory, read from SPEC.md, which is its only source."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

STATUSES = ("sound", "ambiguous", "contradictory", "implied")
HEADING = re.compile(r"^#### ([A-Z]\d+)\. (.+)$", re.MULTILINE)
FACT = re.compile(r"^\* (stands in|kind|status|readings|ruling): *(.*)$", re.MULTILINE)


class UnknownName(ValueError):
    """A clause or reading that does not exist; the message lists what does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One testable statement: `statements` are its places in the document, `text` its paraphrase, `ruling` our own reading."""

    id: str
    title: str
    statements: tuple[str, ...]
    kind: str
    status: str
    readings: tuple[str, ...]
    ruling: str
    text: str

    @property
    def has_readings(self) -> bool:
        return len(self.readings) > 1


def specification() -> str:
    """The text of SPEC.md, from the installed package or from the source tree."""
    here = Path(__file__).parent
    for path in (here / "SPEC.md", here.parent / "SPEC.md"):
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise FileNotFoundError(f"SPEC.md is missing beside {here}; install convt again")


@cache
def inventory() -> dict[str, Clause]:
    """All clauses by id, in the specification's order."""
    text = specification().split("\n## Statements")[0]
    parts = HEADING.split(text)[1:]
    found = [clause(*parts[at : at + 3]) for at in range(0, len(parts), 3)]
    return {each.id: each for each in found}


def clause(name: str, title: str, body: str) -> Clause:
    """One clause from its heading and body; raises ValueError when a fact is missing or makes no sense."""
    body = re.split(r"^#{2,3} ", body, flags=re.MULTILINE)[0]
    facts = {key: value.strip() for key, value in FACT.findall(body)}
    missing = {"stands in", "kind", "status", "readings", "ruling"} - set(facts)
    if missing:
        raise ValueError(f"SPEC.md, clause {name}: missing {', '.join(sorted(missing))}")
    found = Clause(
        id=name,
        title=title.strip(),
        statements=tuple(facts["stands in"].replace(" ", "").split(",")),
        kind=facts["kind"],
        status=facts["status"],
        readings=tuple(re.findall(r"`([^`]+)`", facts["readings"])),
        ruling=facts["ruling"].strip("`"),
        text=FACT.sub("", body).strip(),
    )
    if found.status not in STATUSES or found.ruling not in found.readings:
        raise ValueError(f"SPEC.md, clause {name}: status={found.status!r} or ruling={found.ruling!r} is not one of the listed ones")
    return found


def find(name: str) -> Clause:
    """The clause of this id; raises UnknownName."""
    clauses = inventory()
    if name in clauses:
        return clauses[name]
    near = difflib.get_close_matches(name.upper(), clauses, n=3, cutoff=0.5)
    hint = f"; near it: {', '.join(near)}" if near else ""
    raise UnknownName(f"unknown clause {name!r}{hint}; clauses run from {next(iter(clauses))} to {list(clauses)[-1]}, see `convt explain`")


@cache
def rulings() -> Mapping[str, str]:
    """Our own reading of each clause."""
    return MappingProxyType({each.id: each.ruling for each in inventory().values()})
