"""Which implementations are built in, and where each is installed."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A built-in implementation. `environment` names its requirements, empty where it needs nothing beside convt.

    `share` is the part of a level's drawn cases that it is judged on.
    """

    name: str
    environment: str = ""
    share: float = 1.0

    @property
    def module(self) -> str:
        """The adapter's module in this package."""
        return self.name.partition(":")[0]

    @property
    def variant(self) -> str:
        """What the module's `load` is told: another way to call the framework, or another device; empty for the plain one."""
        return self.name.partition(":")[2]


def catalogue() -> dict[str, Entry]:
    """All entries by name, in the order of the file."""
    text = Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8")
    return {name: Entry(name=name, **values) for name, values in tomllib.loads(text).items()}


CATALOGUE = catalogue()


def share(implementation: str) -> float:
    """The part of a level's drawn cases that an implementation is judged on: 1 unless it is built in and slow."""
    return CATALOGUE[implementation].share if implementation in CATALOGUE else 1.0
