"""Judge releases of frameworks on the same cases, and write where a clause's verdict changed: run by nox, which gives it convt.

Known deviations play no part, since they speak of other versions. What is unchanged since a record was made is not judged again.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tomllib
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from unittest import mock

from changes import changes, unlike
from environments import HERE, REQUIREMENTS, digest, installed, recorded, sources, stem
from releases import Release

from convt_conformance.adapters.catalogue import CATALOGUE, Entry
from convt_conformance.claims import claims
from convt_conformance.isolation import Isolated
from convt_conformance.judge import FAILURES
from convt_conformance.outcomes import CannotRun
from convt_conformance.records import Line, Record, read
from convt_conformance.session import examples

HISTORY = HERE / "history.toml"
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A release in the file: when it came out, what is installed for it, and the variables that are set while it runs.

    It is `judged` by all `laws`, or asked the `cases` alone on which the releases around it differ.
    """

    version: str
    released: str
    requirements: list[str]
    judged: str = "laws"
    variables: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """A framework in the file; `absent` are versions that are not tried, each with the reason."""

    implementations: list[str]
    level: str
    absent: list[dict[str, str]]
    releases: list[Planned]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What became of a release: its python and its record, where it has one, or why it cannot be compared."""

    planned: Planned
    python: str = ""
    record: Record | None = None
    why: str = ""


def frameworks() -> dict[str, Framework]:
    """All frameworks of the file, by name."""
    found = tomllib.loads(HISTORY.read_text(encoding="utf-8"))
    return {name: Framework(**{**each, "releases": [Planned(**one) for one in each["releases"]]}) for name, each in found.items()}


def attempt(entry: Entry, name: str, planned: Planned, options: argparse.Namespace, level: str) -> Attempt:
    """Judge one release, or take the record that still holds; or see whether it can be asked."""
    if planned.judged == "cases":
        return asked(entry, name, planned, options)
    try:
        listed, python = environment(name, planned, options.cache)
    except subprocess.CalledProcessError:
        return Attempt(planned=planned, why="it could not be installed")
    out = options.records / stem(entry.name) / planned.version
    out.mkdir(parents=True, exist_ok=True)
    how = ["--level", level, "--seed", options.seed, "--deviations", os.devnull]
    ours = [path for path in sources(entry) if path.suffix != ".toml" and path.parent != REQUIREMENTS]
    of = digest([*ours, listed], repr((entry, planned.variables)), *how)
    print(f"{entry.name} {planned.version}", flush=True)
    code = recorded(entry, out, lambda: python, how, of=of, variables=planned.variables, quiet=True)
    if code not in (0, 1):
        made = out / f"{stem(entry.name)}.made.json"
        why = json.loads(made.read_text(encoding="utf-8"))["why"] if made.is_file() else f"convt check ended with {code}"
        return Attempt(planned=planned, why=why)
    record = read(out / f"{stem(entry.name)}.jsonl")
    return Attempt(planned=planned, python=python, record=record, why=unlike(record.claims))


def environment(name: str, planned: Planned, cache: Path) -> tuple[Path, str]:
    """The requirements of a release, and the python of its environment; raises CalledProcessError."""
    cache.mkdir(parents=True, exist_ok=True)
    listed = cache / f"{name}-{planned.version}.txt"
    listed.write_text("\n".join(planned.requirements) + "\n", encoding="utf-8")
    return listed, installed(listed, cache / listed.stem, "--no-deps")


def asked(entry: Entry, name: str, planned: Planned, options: argparse.Namespace) -> Attempt:
    """A release without a record, that can be asked cases."""
    try:
        _, python = environment(name, planned, options.cache)
        with mock.patch.dict(os.environ, planned.variables), Isolated(entry.name, python=python) as judged:
            return Attempt(planned=planned, python=python, why=unlike([each.as_line() for each in claims(judged)]))
    except subprocess.CalledProcessError:
        return Attempt(planned=planned, why="it could not be installed")
    except CannotRun as error:
        return Attempt(planned=planned, why=str(error))


def history(entry: Entry, name: str, framework: Framework, options: argparse.Namespace) -> Line:
    """All releases of a framework by one of its implementations, and what changed from one that can be compared to the next."""
    found = [attempt(entry, name, each, options, framework.level) for each in framework.releases]
    told: list[Line] = []
    unconfirmed: list[Line] = []
    with ExitStack() as stack:
        there = [
            Release(
                version=each.planned.version,
                record=each.record,
                judged=stack.enter_context(Isolated(entry.name, python=each.python)),
                variables=each.planned.variables,
            )
            for each in found
            if not each.why
        ]
        for before, after in pairwise(at for at, each in enumerate(there) if each.record):
            steps, left = changes(there[before], there[after], there[before + 1 : after])
            told, unconfirmed = told + steps, unconfirmed + left
            for each in there[before:after]:
                each.judged.close()
            step = f"{there[before].version} to {there[after].version}"
            print(f"{entry.name} {step}: {len(steps)} changes, {len(left)} not confirmed", flush=True)
    return {
        "name": entry.name,
        "seed": int(options.seed),
        "level": framework.level,
        "examples": examples(entry.name, framework.level),
        "made": datetime.now(UTC).date().isoformat(),
        "releases": [release_line(each) for each in found],
        "absent": framework.absent,
        "changes": told,
        "unconfirmed": unconfirmed,
    }


def release_line(each: Attempt) -> Line:
    """A release: how it was judged, by `laws` or by single `cases`, with the counts of its laws, or why not."""
    line: Line = {"version": each.planned.version, "released": each.planned.released, "judged": "", "why_not": each.why}
    if each.why or not each.record:
        return line if each.why else {**line, "judged": "cases"}
    results = each.record.results
    counts = {
        "conform": sum(result["verdict"] == "conforms" for result in results),
        "fail": sum(result["verdict"] in FAILURES for result in results),
        "unsupported": sum(result["verdict"] == "unsupported" for result in results),
        "cases": sum(result["judged"] for result in results),
    }
    return {**line, "judged": "laws", **counts}


def merged(path: Path, found: list[Line]) -> Line:
    """The file with these implementations' parts anew, in the order of the releases' file."""
    kept = json.loads(path.read_text(encoding="utf-8"))["implementations"] if path.is_file() else []
    parts = {each["name"]: each for each in (*kept, *found)}
    order = [name for framework in frameworks().values() for name in framework.implementations]
    return {"format": FORMAT, "implementations": [parts[name] for name in order if name in parts]}


def main() -> int:
    """0 when the file is written, whatever it says."""
    known = frameworks()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=known, metavar="NAME")
    parser.add_argument("--cache", type=Path, required=True, help="the folder of the environments")
    parser.add_argument("--records", type=Path, required=True, help="the folder of the records")
    parser.add_argument("--seed", required=True)
    parser.add_argument("--out", type=Path, required=True, help="the file, whose part on this framework is written anew")
    options = parser.parse_args()
    framework = known[options.name]
    found = [history(CATALOGUE[each], options.name, framework, options) for each in framework.implementations]
    whole = json.dumps(merged(options.out, found), indent=1) + "\n"
    options.out.write_text(whole.replace(f"{options.cache}{os.sep}", ""), encoding="utf-8")  # messages may name files of a framework
    return 0


if __name__ == "__main__":
    sys.exit(main())
