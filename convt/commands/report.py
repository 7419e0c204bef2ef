"""`convt report`: tables and a page from records."""

from __future__ import annotations

import argparse
from pathlib import Path

from convt.command import UsageError
from convt.commands import implementation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("records", nargs="+", type=Path, metavar="RECORD", help="a record that convt check wrote, or a folder of them")
    parser.add_argument("--kills", type=Path, metavar="FILE", help="the kill matrix that nox -s kills wrote, to stand in the report")
    parser.add_argument("--mutants", type=Path, metavar="FILE", help="what nox -s mutants wrote, to stand in the report")
    parser.add_argument("--scripts", type=Path, metavar="FILE", help="what nox -s scripts wrote, to stand in the report")
    parser.add_argument("--translations", type=Path, metavar="FILE", help="what nox -s translations wrote, to stand in the report")
    parser.add_argument("--history", type=Path, metavar="FILE", help="what nox -s history(NAME) wrote, to stand in the report")
    parser.add_argument("--absent", type=Path, metavar="FILE", help="what nox -s report could not judge, to stand in the report")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the tables and the page go")


def run(options: argparse.Namespace) -> int:
    """Write the report; 0 unless a record is refused or the folder cannot be written."""
    from convt_conformance.records import RecordError
    from convt_reports import write_report
    from convt_reports.absent import load_absent
    from convt_reports.faults import Faults
    from convt_reports.history import load_history
    from convt_reports.kills import load_kills
    from convt_reports.load import load
    from convt_reports.mutants import load_mutants
    from convt_reports.scripts import load_scripts
    from convt_reports.translations import load_translations

    try:
        loaded = load(options.records)
        kills = load_kills(options.kills) if options.kills else None
        mutants = load_mutants(options.mutants) if options.mutants else None
        scripts = load_scripts(options.scripts).about(loaded) if options.scripts else None
        translations = load_translations(options.translations) if options.translations else None
        absent = load_absent(options.absent) if options.absent else None
        history = load_history(options.history) if options.history else None
    except RecordError as error:
        raise UsageError(str(error)) from error
    folder = implementation.output_folder(options.out)
    try:
        written = write_report(
            loaded, folder, Faults(kills=kills, mutants=mutants, scripts=scripts, translations=translations, absent=absent, history=history)
        )
    except OSError as error:
        raise UsageError(f"cannot write the report to --out {folder}: {error.strerror}; nothing there was changed") from error
    print("\n".join(str(path) for path in written))
    return 0
