"""The machine-readable result of a run: JSON lines, a header first and a footer last. A record without a footer is refused."""

from __future__ import annotations

import importlib.metadata
import json
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

SCHEMA_VERSION = 1
Line = dict[str, Any]


class RecordError(ValueError):
    """A file that is no complete record; the message names the file, what is wrong and the remedy."""


def convt_version() -> str:
    """The installed version of convt, `source` where it runs from a bare checkout."""
    try:
        return importlib.metadata.version("convt")
    except importlib.metadata.PackageNotFoundError:
        return "source"


@cache
def schema() -> Line:
    """The published JSON Schema of one line."""
    text = (Path(__file__).parent / "schemas" / "record.schema.json").read_text(encoding="utf-8")
    loaded: Line = json.loads(text)
    return loaded


class Writer:
    """Writes a record line by line, so that what is known survives whatever happens next."""

    def __init__(self, path: Path, header: Line) -> None:
        self.path, self.count = path, 0
        self.file = path.open("w", encoding="utf-8")
        self.write({"line": "header", "schema": SCHEMA_VERSION, **header})

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.file.close()

    def write(self, line: Line) -> None:
        self.count += 1
        self.file.write(json.dumps(line) + "\n")
        self.file.flush()

    def finish(self, *, complete: bool, **facts: Any) -> None:
        """The footer; `complete` is False when the run was interrupted."""
        self.write({"line": "footer", "complete": complete, "lines": self.count + 1, **facts})


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One implementation's run, as read back.

    `claims` are the features that it says it supports, `answers` the panel's outcomes, `causes` the failures by cause, `power` the cases
    that could have failed by clause and region, `coverage` counts attribute values among judged cases.
    """

    path: Path
    header: Line
    results: list[Line]
    claims: list[Line] = field(default_factory=list)
    answers: list[Line] = field(default_factory=list)
    causes: list[Line] = field(default_factory=list)
    power: list[Line] = field(default_factory=list)
    coverage: Line = field(default_factory=dict)
    footer: Line = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.header["implementation"]["name"])

    @property
    def asked(self) -> str:
        """The implementation as the command line names it."""
        return str(self.header.get("asked", self.name))

    @property
    def version(self) -> str:
        return str(self.header["implementation"]["version"])


def read(path: Path) -> Record:
    """Load a record and check every line against the schema; raises RecordError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(f"{path} cannot be read as a record: {getattr(error, 'strerror', None) or 'it is no text'}") from error
    lines = [parsed(path, number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not lines:
        raise RecordError(f"{path} is empty: run `convt check` again to make a record")
    if lines[0].get("line") != "header":
        raise RecordError(f"{path} does not start with a header, so it is no record of convt check")
    if lines[0].get("schema") != SCHEMA_VERSION:
        raise RecordError(f"{path} has schema version {lines[0].get('schema')!r}, this convt reads {SCHEMA_VERSION}: make the record again")
    if lines[-1].get("line") != "footer":
        raise RecordError(f"{path} has no footer, so the run that made it was cut short: run `convt check` again")
    for number, line in enumerate(lines[1:-1], 2):
        if line.get("line") in ("header", "footer"):
            raise RecordError(f"{path}, line {number} is a second {line['line']}: several runs were written into it, make the record again")
    validate(path, lines)
    results = [line for line in lines if line["line"] == "result"]
    if len(lines) != lines[-1]["lines"]:
        raise RecordError(f"{path} holds {len(lines)} lines where its footer says {lines[-1]['lines']}: lines are missing or came in")
    twice = [law for law, count in Counter(line["law"] for line in results).items() if count > 1]
    if twice:
        raise RecordError(f"{path} holds the law {twice[0]} twice: several runs were written into it, make the record again")
    coverage = {line["attribute"]: line["values"] for line in lines if line["line"] == "coverage"}
    facts = {f"{kind}s": [line for line in lines if line["line"] == kind] for kind in ("claim", "answer", "cause")}
    power = [line for line in lines if line["line"] == "power"]
    return Record(path=path, header=lines[0], footer=lines[-1], results=results, coverage=coverage, power=power, **facts)


def parsed(path: Path, number: int, line: str) -> Line:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        why = getattr(error, "msg", type(error).__name__)
        raise RecordError(f"{path}, line {number} is no JSON ({why}), so the record is damaged or truncated: make it again") from error
    if not isinstance(found, dict):
        raise RecordError(f"{path}, line {number} is no JSON object, so this is no record")
    return found


def validate(path: Path, lines: list[Line]) -> None:
    """Each line against the part of the schema that its `line` names."""
    import jsonschema  # takes longer than the rest of this package, and a run that only writes its record does without

    validators = {
        kind: jsonschema.Draft202012Validator({**schema(), "oneOf": [{"$ref": f"#/$defs/{kind}"}]})
        for kind in ("header", "claim", "result", "answer", "cause", "power", "coverage", "footer")
    }
    for number, line in enumerate(lines, 1):
        validator = validators.get(str(line.get("line")))
        if validator is None:
            raise RecordError(f"{path}, line {number} is of unknown kind {line.get('line')!r}: make the record again with this convt")
        problem = next(validator.iter_errors(line), None)
        if problem:
            detail = problem.context[0] if problem.context else problem
            where = "/".join(str(part) for part in detail.absolute_path) or "the line"
            raise RecordError(f"{path}, line {number} does not fit the schema at {where}: {detail.message[:200]}")
