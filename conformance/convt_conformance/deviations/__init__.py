"""Known deviations: non-conformances that are understood, with reason and link. One that no longer occurs is an error."""

from __future__ import annotations

import fnmatch
import platform
import re
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from convt_conformance.adapters.catalogue import CATALOGUE
from convt_conformance.conditions import Condition, ConditionError, condition
from convt_conformance.judge import KINDS, PROCESS_VERDICTS
from convt_conformance.results import Result
from convt_spec import clauses
from convt_spec.case import Case

LISTED = {"clause": "clauses", "kind": "kinds", "implementation": "implementations"}
"""The keys that may hold one text or several, and the attributes that keep them."""
NEEDED = ("clause", "kind")


class DeviationsError(ValueError):
    """A file of known deviations that cannot be used; the message names the file, the entry and the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One entry: it explains failures of these clauses and kinds, which have one cause, at the cases for which `when` holds.

    `implementations` are patterns over names such as `torch` and `torch:native`, which share a file; `versions` is a version specifier
    such as `>=2,<3`, `platform` a pattern over texts such as `linux-x86_64`, `device` one over `cpu`, `cuda` and the like; empty means
    every one.
    """

    clauses: tuple[str, ...]
    kinds: tuple[str, ...]
    implementations: tuple[str, ...] = ()
    reason: str = ""
    link: str = ""
    versions: str = ""
    platform: str = ""
    device: str = ""
    when: str = ""

    def __str__(self) -> str:
        return f"{', '.join(self.clauses)} {' or '.join(self.kinds)}{f' when {self.when}' if self.when else ''}"

    @property
    def condition(self) -> Condition:
        return condition(self.when)

    def applies(self, version: str, implementation: str = "") -> bool:
        """Whether the entry speaks of this version and implementation, here; a version that is no standard number matches every entry."""
        if self.implementations and not any(fits(pattern, implementation) for pattern in self.implementations):
            return False
        if not (fits(self.platform, machine()) and fits(self.device, device(implementation))):
            return False
        try:
            return not self.versions or SpecifierSet(self.versions).contains(Version(version), prereleases=True)
        except InvalidVersion:
            return True

    def covers(self, clause: str, case: Case, kinds: Sequence[str]) -> bool:
        """Whether it explains that this case fails this clause in one of these ways."""
        return clause in self.clauses and not set(self.kinds).isdisjoint(kinds) and self.condition.holds(case)


def fits(pattern: str, text: str) -> bool:
    return not pattern or fnmatch.fnmatchcase(text, pattern)


def machine() -> str:
    """The system and the processor, such as `linux-x86_64`."""
    return f"{sys.platform}-{platform.machine()}"


def device(implementation: str) -> str:
    """The device that an implementation's name ends with, as in `torch:cuda`; else `cpu`."""
    name, _, found = implementation.partition(":")
    return found if found in ("cuda", "gpu", "tpu", "mps", "xpu") and name.isidentifier() else "cpu"


def explanation(result: Result, known: Sequence[Known]) -> tuple[Known, ...]:
    """The entries that explain all failing cases of a result together; none when some case is unexplained."""
    used = []
    for case, miss in result.failing:
        found = next((each for each in known if each.covers(result.clause, case, (miss.kind, miss.verdict))), None)
        if found is None:
            return ()
        used.append(found)
    return tuple(dict.fromkeys(used))


def gone(known: Sequence[Known], results: Sequence[Result]) -> list[str]:
    """In words, the entries that explain no failure among the results."""
    failures = [(result.clause, case, (miss.kind, miss.verdict)) for result in results for case, miss in result.failing]
    return [str(each) for each in known if not any(each.covers(*failure) for failure in failures)]


def load(path: Path) -> list[Known]:
    """The entries of a TOML file; raises DeviationsError."""
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except OSError as error:
        raise DeviationsError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DeviationsError(f"{path} is no TOML: {error}") from error
    entries = content.get("deviation", [])
    if not isinstance(entries, list) or set(content) - {"deviation"}:
        raise DeviationsError(f"{path} holds something else than [[deviation]] entries: {', '.join(sorted(set(content) - {'deviation'}))}")
    for number, each in enumerate(entries, 1):
        if not isinstance(each, dict):
            raise DeviationsError(f"{path}, entry {number} is no table; write [[deviation]] entries")
    if entries and not re.search(r"^\s*\[\[\s*deviation\s*\]\]", text, re.MULTILINE):
        raise DeviationsError(f"{path} holds its entries in one list; write each as a table of its own, under [[deviation]]")
    found = [entry(f"{path}, entry {number}", each) for number, each in enumerate(entries, 1)]
    twice = next((str(each) for number, each in enumerate(found) if each in found[:number]), None)
    if twice:
        raise DeviationsError(f"{path} holds the entry {twice} twice; take one out")
    return found


def entry(where: str, values: dict[str, Any]) -> Known:
    """One table as an entry; raises DeviationsError."""
    texts = [each.name for each in fields(Known) if each.name not in LISTED.values()]
    if set(values) - {*LISTED, *texts} or not set(NEEDED) <= set(values):
        may = ", ".join(("implementation", *texts))
        raise DeviationsError(f"{where} needs {' and '.join(NEEDED)}, and may have {may}; it has {', '.join(values)}")
    for name, value in values.items():
        several = value if name in LISTED and isinstance(value, list) and value else [value]
        if not all(isinstance(each, str) for each in several):
            form = "a text or a list of texts" if name in LISTED else "a text"
            raise DeviationsError(f"{where}: {name} is {form}, got {name} = {value!r}")
    known = Known(
        clauses=listed(values["clause"]),
        kinds=listed(values["kind"]),
        implementations=listed(values.get("implementation", [])),
        **{name: value.strip() for name, value in values.items() if name not in LISTED},
    )
    kinds = (*KINDS, *PROCESS_VERDICTS.values())
    try:
        for clause in known.clauses:
            clauses.find(clause)
        SpecifierSet(known.versions)
        condition(known.when)
    except (clauses.UnknownName, InvalidSpecifier, ConditionError) as error:
        raise DeviationsError(f"{where}: {error}") from error
    for kind in known.kinds:
        if kind not in kinds:
            raise DeviationsError(f"{where}: unknown kind {kind!r}, one of {', '.join(kinds)}")
    return known


def listed(value: str | list[str]) -> tuple[str, ...]:
    """A text, or each of several."""
    return tuple(each.strip() for each in ([value] if isinstance(value, str) else value))


def built_in(implementation: str) -> list[Known]:
    """The entries that convt ships for a built-in implementation, those of its other variants included."""
    if implementation not in CATALOGUE:
        return []
    path = Path(__file__).parent / f"{CATALOGUE[implementation].module}.toml"
    return load(path) if path.is_file() else []
