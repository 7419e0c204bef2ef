"""Known deviations: non-conformances that are understood, with reason and link. One that no longer occurs is an error."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from convt_conformance.judge import KINDS, PROCESS_VERDICTS
from convt_conformance.session import Result
from convt_spec import clauses
from convt_spec.case import Case
from convt_spec.problem import Problem, attribute_text


class DeviationsError(ValueError):
    """A file of known deviations that cannot be used; the message names the file, the entry and the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One entry: it explains a failure of this clause and kind whose smallest case has the attributes in `where`.

    `versions` is a version specifier such as `>=2,<3`; empty means every version.
    """

    clause: str
    kind: str
    reason: str
    link: str = ""
    versions: str = ""
    where: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        where = "".join(f", {name}={value}" for name, value in self.where.items())
        return f"{self.clause} {self.kind}{where}"

    def applies(self, version: str) -> bool:
        """Whether the entry speaks of this version; a version that is no standard number matches every entry."""
        try:
            return not self.versions or SpecifierSet(self.versions).contains(Version(version), prereleases=True)
        except InvalidVersion:
            return True

    def explains(self, result: Result) -> bool:
        if result.clause != self.clause or self.kind not in (result.kind, result.verdict) or result.evidence is None:
            return False
        case = Case.parse(result.evidence.case)
        return all(attribute(case, name) == value for name, value in self.where.items())


def attribute(case: Case, name: str) -> str:
    """The text of a case's attribute, as in the case's own text."""
    if name in ("dtype", "layout"):
        return str(getattr(case, name))
    if name not in {each.name for each in fields(Problem)}:
        raise AttributeError(f"a case has no attribute {name!r}")
    return attribute_text(case.problem, name)


def load(path: Path) -> list[Known]:
    """The entries of a TOML file; raises DeviationsError."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
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
    return [entry(path, number, each) for number, each in enumerate(entries, 1)]


def entry(path: Path, number: int, values: dict[str, Any]) -> Known:
    allowed = {each.name for each in fields(Known)}
    where = f"{path}, entry {number}"
    if set(values) - allowed or not {"clause", "kind", "reason"} <= set(values):
        raise DeviationsError(f"{where} needs clause, kind and reason, and may have link, versions and where; it has {', '.join(values)}")
    words = [values.get(name, "") for name in ("clause", "kind", "reason", "link", "versions")]
    if not all(isinstance(word, str) for word in words) or not isinstance(values.get("where", {}), dict):
        raise DeviationsError(f"{where}: clause, kind, reason, link and versions are texts and where is a table")
    attributes = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in values.get("where", {}).items()}
    known = Known(**{**values, "where": attributes})
    kinds = (*KINDS, *PROCESS_VERDICTS.values())
    try:
        clauses.find(known.clause)
        SpecifierSet(known.versions)
        for name in known.where:
            attribute(Case.parse("N1,C1,M1,L1,K1,float32,int:0"), name)
    except (clauses.UnknownName, InvalidSpecifier, AttributeError) as error:
        raise DeviationsError(f"{where}: {error}") from error
    if known.kind not in kinds:
        raise DeviationsError(f"{where}: unknown kind {known.kind!r}, one of {', '.join(kinds)}")
    if not known.reason.strip():
        raise DeviationsError(f"{where}: the reason is empty; say why {known.clause} is not met")
    return known


def built_in(implementation: str) -> list[Known]:
    """The entries that convt ships for a built-in implementation."""
    path = Path(__file__).parent / f"{implementation}.toml"
    return load(path) if path.is_file() else []
