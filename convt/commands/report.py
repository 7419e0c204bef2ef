"""`convt report`: tables and a page from records."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from convt.command import UsageError
from convt.commands import implementation

EXTRAS = {
    "kills": "the kill matrix that nox -s kills wrote",
    "mutants": "what nox -s mutants wrote",
    "scripts": "what nox -s scripts wrote",
    "translations": "what nox -s translations wrote",
    "history": "what nox -s history(NAME) wrote",
    "absent": "what nox -s report could not judge",
}
"""The files that stand in a report beside records."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("records", nargs="+", type=Path, metavar="RECORD", help="a record that convt check wrote, or a folder of them")
    for name, what in EXTRAS.items():
        parser.add_argument(f"--{name}", type=Path, metavar="FILE", help=f"{what}, to stand in the report")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the tables and the page go")


def run(options: argparse.Namespace) -> int:
    """Write the report; 0 unless a record is refused or the folder cannot be written."""
    from convt_conformance.records import RecordError
    from convt_reports import write_report
    from convt_reports.absent import load_absent
    from convt_reports.extras import Extras
    from convt_reports.history import load_history
    from convt_reports.kills import load_kills
    from convt_reports.load import load
    from convt_reports.mutants import load_mutants
    from convt_reports.scripts import load_scripts
    from convt_reports.translations import load_translations

    loaders: dict[str, Callable[[Path], Any]] = {
        "kills": load_kills,
        "mutants": load_mutants,
        "scripts": load_scripts,
        "translations": load_translations,
        "history": load_history,
        "absent": load_absent,
    }
    try:
        loaded = load(options.records)
        extras = {name: loaders[name](path) for name in EXTRAS if (path := getattr(options, name))}
    except RecordError as error:
        raise UsageError(str(error)) from error
    if "scripts" in extras:
        extras["scripts"] = extras["scripts"].about(loaded)
    folder = implementation.output_folder(options.out)
    try:
        written = write_report(loaded, folder, Extras(**extras))
    except OSError as error:
        raise UsageError(f"cannot write the report to --out {folder}: {error.strerror}; nothing there was changed") from error
    print("\n".join(str(path) for path in written))
    return 0
