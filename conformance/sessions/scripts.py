"""Show each reported deviation by a program of the framework alone, away from convt, and write what each showed: run by nox.

A program is what `convt repro --script` prints. It runs in a clean process of the framework's own environment, where convt cannot be
imported; its result is read from what it printed. A program that is unchanged since the file was written is not run again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from alone import Broken, Ran, Room, clean, last_lines, without_paths
from demonstration import Finding, Subject, finding
from environments import interpreter

from convt_conformance.adapters.catalogue import CATALOGUE
from convt_conformance.foreign import is_program
from convt_conformance.isolation import Isolated, Limits
from convt_conformance.laws import all_laws
from convt_conformance.outcomes import CannotRun
from convt_conformance.records import Record, RecordError
from convt_conformance.reproduction import command
from convt_reports.load import load
from convt_reports.scripts import FORMAT, SHOWN, WRONG, Claim, Key, Script, claims
from convt_spec.case import Case

Line = dict[str, Any]


def identity(record: Record, claimed: Sequence[Claim], key: Key, subject: Subject, program: str) -> str:
    """What must be the same for an earlier finding to hold."""
    return hashlib.sha256(repr((FORMAT, key, claimed, subject.identity, program, sorted(SHOWN))).encode()).hexdigest()


def row(record: Record, key: Key, claimed: Sequence[Claim], found: Finding, output: Sequence[str], of: str) -> Line:
    """A deviation as it stands in the file."""
    clauses = list(dict.fromkeys(clause for claim in claimed for clause in claim.clauses))
    rulings = dict([key[2].split("=")]) if key[2] else record.header["rulings"]
    shown_by = command(record.asked, key[0], after=key[1], law=found.law, rulings=rulings, about=[*clauses, *rulings])
    each = Script(
        implementation=record.name,
        version=record.version,
        clauses=tuple(clauses),
        kinds=tuple(dict.fromkeys(kind for claim in claimed for kind in claim.kinds or (claim.verdict,))),
        reading=key[2],
        listed=all(claim.listed for claim in claimed),
        case=key[0],
        after=key[1],
        shown=found.shown,
        why=found.why,
        output=tuple(output),
        command=shown_by if found.law else f"{shown_by} --script",
    )
    return {**asdict(each), "of": of}


def rows_of(subject: Subject, known: Mapping[str, Line], jobs: int) -> Iterator[Line]:
    """A row for each deviation of a record, `known` ones as they were."""
    record, wanted = subject.record, claims(subject.record)
    ready: list[Callable[[], Line]] = []
    with ThreadPoolExecutor(jobs) as pool:
        for key, claimed in wanted.items():
            try:
                program = subject.program(Case.parse(key[0]), [Case.parse(each) for each in key[1]], key[2])
            except (Broken, CannotRun) as error:
                found = Finding(shown="unsettled", why=str(error))
                ready.append(lambda key=key, claimed=claimed, found=found: row(record, key, claimed, found, [], ""))  # type: ignore[misc]
                continue
            of = identity(record, claimed, key, subject, program)
            if of in known:
                ready.append(lambda of=of: known[of])  # type: ignore[misc]
                continue
            ran = pool.submit(subject.run, program)
            ready.append(lambda key=key, claimed=claimed, ran=ran, of=of: judged_row(subject, key, claimed, ran.result(), of))  # type: ignore[misc]
        for each in ready:
            yield each()


def judged_row(subject: Subject, key: Key, claimed: Sequence[Claim], ran: Ran, of: str) -> Line:
    """The row of a program that ran: the worst of what it showed of each claim."""
    words = list(SHOWN)
    worst = max((finding(subject, claim, key, ran) for claim in claimed), key=lambda each: words.index(each.shown))
    return row(subject.record, key, claimed, worst, last_lines(worst.ran or ran, subject.python), of if worst.shown != "unsettled" else "")


def unsettled(record: Record, why: str) -> Iterator[Line]:
    """The rows of an implementation that cannot be asked."""
    for key, claimed in claims(record).items():
        yield row(record, key, claimed, Finding(shown="unsettled", why=why), [], "")


def rows(record: Record, python: str, known: Mapping[str, Line], options: argparse.Namespace) -> Iterator[Line]:
    """The rows of a record; starts the implementation once."""
    importable, version = clean(python)
    if importable and not record.asked.startswith("bundled") and not is_program(record.asked):
        sys.exit(f"{python} can import {', '.join(importable)}: name an environment without convt, --python {record.asked}=PATH")
    with Isolated(record.asked, python=python, limits=Limits(memory=options.memory)) as judged:
        try:
            who = judged.description
            process = judged.started()
        except CannotRun as error:
            yield from unsettled(record, f"it could not be run: {error}")
            return
        if (who.name, who.version) != (record.name, record.version):
            yield from unsettled(record, f"the record is of {record.name} {record.version}, the environment has {who.name} {who.version}")
            return
        assert process.most is not None
        room = Room(seconds=options.timeout, most=process.most, private=private(process.popen.pid))
        known_as = repr((who.name, who.version, sorted(who.packages.items()), version))
        yield from rows_of(Subject(record=record, judged=judged, python=python, identity=known_as, room=room), known, options.jobs)


def private(process: int) -> int | None:
    """The cap on the private memory of the worker, which its programs get too."""
    try:
        import resource

        soft, _ = resource.prlimit(process, resource.RLIMIT_DATA)
    except (ImportError, AttributeError, OSError):
        return None
    return None if soft == resource.RLIM_INFINITY else soft


def python_of(name: str, options: argparse.Namespace) -> str:
    """The interpreter of an implementation: as named, of its cached environment, or ours."""
    named = dict(each.split("=", 1) for each in options.python)
    entry = CATALOGUE.get(name)
    for each in (name, entry.environment if entry else ""):
        if each in named:
            return str(Path(named[each]).absolute())
    return str(Path(interpreter(entry, options.cache)).absolute()) if entry else sys.executable


def earlier(path: Path) -> dict[str, Line]:
    """The rows of the file that is there, by what they are of; none where it is none."""
    try:
        return {each["of"]: each for each in json.loads(path.read_text(encoding="utf-8"))["deviations"] if each["of"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def write(path: Path, deviations: Sequence[Line], *, complete: bool) -> None:
    text = json.dumps({"format": FORMAT, "complete": complete, "deviations": deviations}, indent=1)
    part = path.with_name(f".{path.name}.part")
    part.write_text(text + "\n", encoding="utf-8")
    part.replace(path)


def told(record: Record, found: Sequence[Line], seconds: float) -> str:
    """A line on an implementation, and one for each of its deviations that no program confirms."""
    counts = ", ".join(f"{sum(each['shown'] == word for each in found)} {word}" for word in SHOWN)
    head = f"{record.name} {record.version}: {len(found)} deviations ({counts}), {seconds:.0f} s"
    return "\n".join([head, *(f"  {each['shown']}: {each['command']}\n    {each['why']}" for each in found if each["shown"] in WRONG)])


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when each deviation is shown, 1 when a program contradicts a record or could not be run, 2 for wrong usage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", nargs="+", type=Path, metavar="RECORD", help="a record, or a folder of them")
    parser.add_argument("--out", type=Path, metavar="FILE", help="default: scripts.json beside the first record")
    parser.add_argument("--cache", type=Path, default=Path("frameworks"), help="the folder of the environments")
    parser.add_argument("--python", action="append", default=[], metavar="NAME=PATH", help="the interpreter of one; repeatable")
    parser.add_argument("--jobs", type=int, default=2, help="programs at a time")
    parser.add_argument("--timeout", type=float, default=120.0, help="seconds for a program, its imports included")
    parser.add_argument("--memory", type=int, default=2048, help="MiB beyond the loaded implementation")
    parser.add_argument("--any", action="store_true", help="end with 0 though a program contradicts a record")
    options = parser.parse_args(arguments)
    try:
        records = load(options.records)
    except RecordError as error:
        parser.error(str(error))
    out = options.out or (options.records[0] if options.records[0].is_dir() else options.records[0].parent) / "scripts.json"
    all_laws()
    known, found, wrong = earlier(out), list[Line](), 0
    for record in records:
        start, own = time.monotonic(), list[Line]()
        python = python_of(record.asked, options) if claims(record) else ""
        for each in rows(record, python, known, options) if python else ():
            own.append({**each, "why": without_paths(each["why"], python)})
            write(out, [*{line["of"]: line for line in (*known.values(), *found, *own)}.values()], complete=False)
        found += own
        wrong += sum(each["shown"] in WRONG for each in own)
        print(told(record, own, time.monotonic() - start), flush=True)
    write(out, found, complete=True)
    return int(bool(wrong) and not options.any)


if __name__ == "__main__":
    sys.exit(main())
