"""Which records a report is made of, and what they are called in it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from convt_conformance.records import Record, RecordError, read
from convt_spec import clauses

RESERVED = ("clause", "title", "status", "attribute", "value")
"""Columns that stand beside those named after implementations."""

Made = TypeVar("Made")


def load(paths: Sequence[Path]) -> list[Record]:
    """The records of these files and folders, a folder meaning its *.jsonl, by name and version; raises RecordError."""
    found: dict[tuple[str, str], Record] = {}
    for path in dict.fromkeys(file.resolve() for given in paths for file in files(given)):
        record = known(read(shown(path, paths)))
        other = found.setdefault((record.name, record.version), record)
        if other is not record:
            raise RecordError(f"{other.path} and {record.path} are both records of {record.name} {record.version}: give one of the two")
    return [found[key] for key in sorted(found)]


def files(path: Path) -> list[Path]:
    """The file itself, or the records in a folder."""
    if not path.is_dir():
        return [path]
    inside = sorted(path.glob("*.jsonl"))
    if not inside:
        raise RecordError(f"{path} holds no records (*.jsonl): run `convt check IMPLEMENTATION --out {path}` first")
    return inside


def shown(path: Path, given: Sequence[Path]) -> Path:
    """The path as the user wrote it, so that messages name what they know."""
    return next((file for each in given for file in files(each) if file.resolve() == path), path)


def known(record: Record) -> Record:
    """The record, unless it speaks of clauses that this specification does not have; then raises RecordError."""
    strange = sorted({result["clause"] for result in record.results} - set(clauses.inventory()))
    if strange:
        raise RecordError(f"{record.path} speaks of unknown clauses, {', '.join(strange)}: make the record again with this convt")
    return record


def labels(records: Sequence[Record]) -> dict[str, Record]:
    """What each implementation is called in the report: its name, with the version where several versions are compared."""
    names = Counter(record.name for record in records)
    plain = {name for name, count in names.items() if count == 1 and name not in RESERVED}
    called = {record.name if record.name in plain else f"{record.name} {record.version}": record for record in records}
    return dict(sorted(called.items()))


def printable(record: Record) -> Record:
    """The record with all its texts on one line and without characters that a page or XML cannot hold."""
    parts = ("header", "results", "claims", "answers", "causes", "power", "coverage", "footer")
    return replace(record, **{name: cleaned(getattr(record, name)) for name in parts})


def published(path: Path, what: str, session: str, make: Callable[[Any], Made]) -> Made:
    """What `make` makes of the JSON that `nox -s SESSION` wrote, its texts cleaned as a record's; raises RecordError, calling it `what`."""
    try:
        return make(cleaned(json.loads(path.read_text(encoding="utf-8"))))
    except OSError as error:
        raise RecordError(f"cannot read the {what} {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise RecordError(f"{path} is no {what}: make it with `nox -s {session}`") from error


def cleaned(value: Any) -> Any:
    if isinstance(value, dict):
        return {cleaned(key): cleaned(each) for key, each in value.items()}
    if isinstance(value, list):
        return [cleaned(each) for each in value]
    if isinstance(value, str) and not value.isprintable():
        return "".join(letter if letter.isprintable() else " " if letter.isspace() else "\ufffd" for letter in value)
    return value
