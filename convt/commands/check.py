"""`convt check`: judge implementations."""

from __future__ import annotations

import argparse
import gc
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from convt.command import UsageError
from convt.commands import implementation

if TYPE_CHECKING:
    from convt_conformance.check import Verdict
    from convt_conformance.diagnosis import Diagnosis
    from convt_conformance.results import Result

LEVELS = ("smoke", "standard", "thorough")
FAILED = ("crashes", "hangs", "exhausts-memory", "deviates", "mistrusted")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("implementations", nargs="+", metavar="IMPLEMENTATION", help=implementation.FORMS)
    parser.add_argument("--level", choices=LEVELS, default="standard", help="how many cases (default: standard, 100 per law)")
    parser.add_argument("--seed", type=int, help="repeat the run that printed this seed (default: a fresh one)")
    parser.add_argument(
        "--jobs", type=implementation.positive_int, default=1, metavar="N", help="processes that judge side by side (default: 1)"
    )
    parser.add_argument("--out", type=Path, default=Path("convt-results"), metavar="DIR", help="where records go (default: convt-results)")
    parser.add_argument("--ruling", action="append", default=[], metavar="CLAUSE=READING", help="accept this reading only; repeatable")
    parser.add_argument("--deviations", type=Path, metavar="FILE", help="TOML of known deviations, in place of those that convt ships")
    parser.add_argument(
        "--update-deviations", action="store_true", help="write the --deviations FILE anew from this run; the reasons are left to you"
    )
    implementation.add_process_arguments(parser)
    implementation.add_debug_argument(parser)


def run(options: argparse.Namespace) -> int:
    """0 when all conform, 1 when something new deviates or nothing was checked, 130 when interrupted."""
    from convt_conformance import interruption

    with interruption.deferred():
        return judged(options)


def judged(options: argparse.Namespace) -> int:
    from convt_conformance.check import check, fresh_seed, most_jobs
    from convt_conformance.isolation import Limits
    from convt_conformance.session import parse_rulings
    from convt_conformance.shares import Settings

    if options.jobs > (most := most_jobs()):
        raise UsageError(f"--jobs {options.jobs} is more than the {most} laws that can be dealt out; give at most {most}")
    names = [implementation.known_name(name) for name in dict.fromkeys(options.implementations)]
    if options.deviations and len(names) > 1:
        raise UsageError("--deviations FILE speaks of one implementation, got several; check them one by one")
    if options.update_deviations and not options.deviations:
        raise UsageError("--update-deviations needs the file to write: --deviations FILE")
    with implementation.plain_errors():
        settings = Settings(
            seed=fresh_seed() if options.seed is None else options.seed,
            level=options.level,
            jobs=options.jobs,
            python=implementation.interpreter(options.python),
            limits=Limits(seconds=options.timeout, memory=options.memory),
            rulings=parse_rulings(options.ruling),
            deviations=None if options.update_deviations and not options.deviations.exists() else options.deviations,
            protocol_debug=options.protocol_debug,
            command=shlex.join(["convt", "check", *names, "--level", options.level]),
        )
        made = not options.out.exists()
        folder = implementation.output_folder(options.out)
        print(f"seed {settings.seed}, level {settings.level}")
        collect_less_often()
        code = 0
        try:
            for name, record in zip(names, record_paths(names, folder), strict=True):
                verdict = check(name, settings, record, progress if sys.stderr.isatty() else None)
                print_verdict(verdict, record, name)
                if not verdict.complete:
                    return 130
                if options.update_deviations:
                    print(updated(options.deviations, verdict))
                code = max(code, 0 if verdict.conforms else 1)
        except OSError as error:
            raise UsageError(f"cannot write the record {error.filename or folder}: {error.strerror}; name another --out folder") from error
        finally:
            if made and not any(folder.iterdir()):
                folder.rmdir()
    return code


def collect_less_often() -> None:
    """Look for garbage cycles seldom, and never among what is imported: in a process that ends with the run this saves a tenth of it."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def record_paths(names: list[str], folder: Path) -> list[Path]:
    """A record for each implementation: `pkg.ops:conv` goes to pkg.ops-conv.jsonl, with its folders where two would share a name."""
    short = [re.sub(r"[^A-Za-z0-9._-]+", "-", implementation.short_name(name)) for name in names]
    whole = [re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-") for name in names]
    return [folder / f"{one if short.count(one) == 1 else long}.jsonl" for one, long in zip(short, whole, strict=True)]


def updated(path: Path, verdict: Verdict) -> str:
    """Bring the file of known deviations up to date; in words, what changed."""
    from convt_conformance.deviations.update import update

    went, came = update(path, [result for result, _ in verdict.results], verdict.causes, verdict.description)
    entries = "entry" if went == 1 else "entries"
    return f"\n  {path}: {went} {entries} taken out, {came} written{'; give each a reason' if came else ''}"


def progress(name: str, held: int, laws: int) -> None:
    print(f"\r{name}: law {held} of {laws}", end="\n" if held == laws else "", file=sys.stderr, flush=True)


def print_verdict(verdict: Verdict, record: Path, name: str) -> None:
    """The table of clauses, then each deviation with its smallest case and the command that shows it."""
    from convt_conformance.check import clause_verdicts
    from convt_spec import clauses

    who = verdict.description
    print(f"\n{who.name} {who.version}")
    worst = clause_verdicts([result for result, _ in verdict.results])
    listed = {result.law for result, known in verdict.results if known}
    for clause in clauses.inventory().values():
        if result := worst.get(clause.id):
            word = result.verdict + (" (listed)" if result.law in listed else "")
            print(f"  {clause.id:<4}{clause.title:<58.57}{word:<20}{detail(result)}")
    for result in (each for each, _ in verdict.results if each.verdict == "mistrusted"):
        print(f"\n  [{result.clause}] mistrusted: {result.reason}\n    law      {result.law}")
    for cause in verdict.causes:
        print_cause(cause, verdict, name)
    print_listed(verdict)
    if verdict.effects:
        print("\n  left changed by calls, and put back:")
    for each in verdict.effects:
        print(f"    {each['what']} ({each['cases']} {'case' if each['cases'] == 1 else 'cases'}), such as {each['case']}")
    print(f"\n  {summary(verdict)}; record: {record}")


def print_listed(verdict: Verdict) -> None:
    """The known deviations that occurred, those that did not, and those without a reason."""
    used = dict.fromkeys(each for _, known in verdict.results for each in known)
    if used:
        print("\n  known deviations that occurred:")
    for each in used:
        print(f"    {each}: {each.reason or 'no reason is given'}")
    for stale in verdict.stale:
        print(f"\n  listed, but it explains no failure of this run: {stale}; take the entry out, or limit its versions")
    for entry in verdict.unreasoned:
        print(f"\n  listed without a reason: {entry}; say why in the file of known deviations")


def detail(result: Result) -> str:
    if result.verdict == "unsupported":
        return result.reason
    if result.verdict in FAILED:
        return result.kind or result.reason
    shown = f"follows {' or '.join(result.follows)}" if result.follows else f"{result.effective} cases"
    return f"{shown}: {result.arithmetic}" if result.arithmetic else shown


def print_cause(cause: Diagnosis, verdict: Verdict, name: str) -> None:
    """One cause: the clauses it fails, the condition, what was observed and required, and the command that shows it."""
    result = next(each for each, _ in verdict.results if each.law == cause.law)
    kinds = ", ".join(kind for kind in cause.kinds if kind)
    print(f"\n  [{in_short(cause.clauses)}] {cause.verdict}{f', {kinds}' if kinds else ''}{f': {result.reason}' if result.reason else ''}")
    if cause.passes:
        print(f"    when     {when(cause)} ({cause.failures} cases fail, {cause.passes} pass)")
    print(f"    laws     {in_short(cause.laws)}")
    if "reading" in cause.kinds:
        for reading, each in result.refuted.items():
            print(f"    not {reading}: {each.case}\n      observed {each.observed}\n      required {each.required}")
    else:
        print(f"    observed {cause.evidence.observed}\n    required {cause.evidence.required}")
    if len(cause.evidence.after) > 5:
        print(f"    after    {len(cause.evidence.after)} other cases, see the record for all")
    after = "".join(f" --after {each}" for each in cause.evidence.after[:5])
    print(f"    convt repro {shlex.quote(name)} {cause.evidence.case}{after}")


def when(cause: Diagnosis) -> str:
    """The condition, or how near to one the failures come."""
    if cause.condition or not cause.near:
        return cause.condition or "no simple condition was found"
    shared = "1 case that passes" if cause.near_passes == 1 else f"{cause.near_passes} cases that pass"
    padding = f", of which {cause.cropped} would fail without padding" if cause.cropped else ""
    return f"{cause.near}, nearly: it holds for {shared} too{padding}"


def in_short(names: Sequence[str], most: int = 10) -> str:
    """The first names, and how many there are beside them; the record holds them all."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def summary(verdict: Verdict) -> str:
    new = sum(1 for result, known in verdict.results if result.failed and not known)
    listed = sum(1 for _, known in verdict.results if known)
    held = sum(1 for result, _ in verdict.results if result.verdict == "conforms")
    unsupported = sum(1 for result, _ in verdict.results if result.verdict == "unsupported")
    words = f"{held} laws hold, {new} fail, {listed} fail as listed, {unsupported} unsupported"
    tail = "" if verdict.complete else "; interrupted, so this is a part only"
    return f"{words}; {verdict.judged} cases judged in {verdict.seconds:.1f} s{tail}"
