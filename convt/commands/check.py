"""`convt check`: judge implementations."""

from __future__ import annotations

import argparse
import gc
import os
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from convt.command import UsageError
from convt.commands import implementation, verdict

if TYPE_CHECKING:
    from convt_conformance.check import Verdict
    from convt_conformance.shares import Settings

LEVELS = ("smoke", "standard", "thorough")


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
    from convt_conformance.check import check

    names = asked(options)
    with implementation.plain_errors():
        settings = settings_of(options, names)
        made = not options.out.exists()
        folder = implementation.output_folder(options.out)
        print(f"seed {settings.seed}, level {settings.level}")
        collect_less_often()
        code = 0
        try:
            for name, record in zip(names, record_paths(names, folder), strict=True):
                found = check(name, settings, record, progress if sys.stderr.isatty() else None)
                verdict.show(found, record, name, settings.rulings)
                if not found.complete:
                    return 130
                if options.update_deviations:
                    print(updated(options.deviations, found))
                code = max(code, 0 if found.conforms else 1)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise UsageError(f"cannot write the record {error.filename or folder}: {error.strerror}; name another --out folder") from error
        finally:
            if made and not any(folder.iterdir()):
                folder.rmdir()
    return code


def asked(options: argparse.Namespace) -> list[str]:
    """The implementations to judge; raises UsageError for options that do not go together."""
    from convt_conformance.check import most_jobs

    if options.jobs > (most := most_jobs()):
        raise UsageError(f"--jobs {options.jobs} is more than the {most} laws that can be dealt out; give at most {most}")
    names = [implementation.known_name(name) for name in dict.fromkeys(options.implementations)]
    if options.deviations and len(names) > 1:
        raise UsageError("--deviations FILE speaks of one implementation, got several; check them one by one")
    if options.update_deviations and not options.deviations:
        raise UsageError("--update-deviations needs the file to write: --deviations FILE")
    path = options.deviations
    if options.update_deviations and not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UsageError(f"--deviations {path} cannot be written; name a file in a folder that can be")
    return names


def settings_of(options: argparse.Namespace, names: Sequence[str]) -> Settings:
    """How to judge; raises what `plain_errors` words."""
    from convt_conformance.check import fresh_seed
    from convt_conformance.isolation import Limits
    from convt_conformance.session import parse_rulings
    from convt_conformance.shares import Settings

    return Settings(
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


def collect_less_often() -> None:
    """Look for garbage cycles seldom, and never among what is imported: in a process that ends with the run this saves a tenth of it."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def record_paths(names: list[str], folder: Path) -> list[Path]:
    """A record for each implementation: `pkg.ops:conv` goes to pkg.ops-conv.jsonl, with its folders where two would share a name.

    Where these are alike too, all but the first get a number.
    """
    short = [re.sub(r"[^A-Za-z0-9._-]+", "-", implementation.short_name(name)) for name in names]
    whole = [re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-") for name in names]
    paths = list[Path]()
    for one, long in zip(short, whole, strict=True):
        stem = one if short.count(one) == 1 else long
        numbered = (folder / f"{stem}{number}.jsonl" for number in ("", *(f"-{count}" for count in range(2, len(names) + 2))))
        paths.append(next(each for each in numbered if each not in paths))
    return paths


def updated(path: Path, found: Verdict) -> str:
    """Bring the file of known deviations up to date; in words, what changed."""
    from convt_conformance.deviations.update import update

    went, came = update(path, [result for result, _ in found.results], found.causes, found.description)
    entries = "entry" if went == 1 else "entries"
    return f"\n  {path}: {went} {entries} taken out, {came} written{'; give each a reason' if came else ''}"


def progress(name: str, held: int, laws: int) -> None:
    print(f"\r{name}: law {held} of {laws}", end="\n" if held == laws else "", file=sys.stderr, flush=True)
