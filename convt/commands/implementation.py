"""What the subcommands that run an implementation share: its options, and its errors in one sentence."""

from __future__ import annotations

import argparse
import difflib
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from convt.command import CannotJudge, UsageError

MOST_MEMORY = 1 << 30
"""MiB that no machine has."""
FORMS = "built-in name, module:callable, file.py:callable or cmd:PROGRAM ARGS"


def add_process_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--python", default=sys.executable, help="interpreter of the implementation's environment (default: this one)")
    parser.add_argument("--timeout", type=positive_number, default=20.0, metavar="S", help="seconds per case (default: 20)")
    parser.add_argument(
        "--memory", type=mebibytes, default=2048, metavar="MIB", help="MiB beyond the loaded implementation (default: 2048)"
    )


def add_debug_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--protocol-debug", action="store_true", help="show each message in both directions on stderr, checked against the schema"
    )


def positive_int(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number from 1 is needed, got {text!r}")
    return int(text)


def mebibytes(text: str) -> int:
    found = positive_int(text)
    if found > MOST_MEMORY:
        raise argparse.ArgumentTypeError(f"at most {MOST_MEMORY} MiB can be asked for, got {text}")
    return found


def positive_number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"a number above 0 is needed, got {text!r}")
    return number


def interpreter(text: str) -> str:
    """The interpreter's path; raises UsageError when there is no such program."""
    found = shutil.which(text)
    if found is None:
        raise UsageError(f"no such interpreter: --python {text}; give the path of the python in the implementation's environment")
    return str(Path(found).absolute())


def known_name(name: str) -> str:
    """The name, unless it is neither built in nor of the form of a callable; then raises UsageError with what is near."""
    from convt_conformance import foreign
    from convt_conformance.adapters.catalogue import CATALOGUE

    if foreign.is_program(name):
        with plain_errors():
            foreign.command(name)
    elif name not in CATALOGUE and ":" not in name:
        near = difflib.get_close_matches(name, CATALOGUE, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise UsageError(
            f"unknown implementation {name!r}; {hint}built in are {', '.join(CATALOGUE)}; "
            "or give module:callable, file.py:callable or cmd:PROGRAM"
        )
    return name


def short_name(name: str) -> str:
    """The name without folders: `cmd:bin/judge --of lib/x.so` is `judge --of x.so`."""
    from convt_conformance import foreign

    words = foreign.command(name) if foreign.is_program(name) else [name]
    return " ".join(word.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1] for word in words)[:100]


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what can go wrong with an implementation, a case or a file into one sentence and its exit code."""
    from convt_conformance.deviations import DeviationsError
    from convt_conformance.outcomes import CannotRun
    from convt_spec.case import CaseError
    from convt_spec.clauses import UnknownName

    try:
        yield
    except CannotRun as error:
        raise (UsageError if error.kind == "usage" else CannotJudge)(str(error)) from error
    except (CaseError, UnknownName, DeviationsError) as error:
        raise UsageError(str(error)) from error
    except (MemoryError, OverflowError) as error:
        raise UsageError("the case is too large for the memory of this machine; give smaller sizes") from error


def output_folder(path: Path) -> Path:
    """The folder, made if need be; raises UsageError when nothing can be written there."""
    import tempfile

    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise UsageError(f"cannot write to --out {path}: {error.strerror}; name a folder that can be written") from error
    return path
