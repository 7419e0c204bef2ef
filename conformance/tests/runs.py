"""The command as tests run it: in this process or in one of its own, over all laws or a few."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

SEED = "20240501"


class Ran(NamedTuple):
    """What a command did: its exit code and what it printed."""

    code: int
    out: str
    err: str


def convt(*arguments: object) -> Ran:
    """Run the command in this process."""
    from convt.command import main

    out, err, handler = io.StringIO(), io.StringIO(), signal.getsignal(signal.SIGTERM)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([str(each) for each in arguments])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        signal.signal(signal.SIGTERM, handler)
    return Ran(code, out.getvalue(), err.getvalue())


def process(*line: object, folder: Path | None = None, **environment: str) -> Ran:
    """Run Python with this command line in a process of its own, in `folder`."""
    done = subprocess.run(
        [sys.executable, *map(str, line)], capture_output=True, text=True, timeout=120, cwd=folder, env={**os.environ, **environment}
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def assert_error(ran: Ran, code: int, *words: str) -> None:
    """One sentence on stderr that holds all words, no traceback, and this exit code."""
    assert ran.code == code, ran
    assert ran.err.startswith("convt: "), ran.err
    assert "Traceback" not in ran.err
    assert ran.err.count("\n") == 1, ran.err
    for word in words:
        assert word in ran.err, ran.err


FEW_LAWS = """
from convt.command import script
from convt_conformance import laws, panel, session

some = [law for law in laws.all_laws() if law.clause in {clauses!r}.split()]
few = panel.cases()[:2]
laws.all_laws = lambda: some
panel.every_case = lambda: few
session.LEVELS["smoke"] = {examples}
script()
"""
"""The command with few laws and few cases for each."""

FEW_EXAMPLES = 8


def few_laws_program(folder: Path, clauses: str) -> Path:
    """A program like `convt` that knows the laws of these clauses only, separated by spaces."""
    path = folder / "few_laws.py"
    path.write_text(FEW_LAWS.format(clauses=clauses, examples=FEW_EXAMPLES), encoding="utf-8")
    return path


def use_few_laws(patch: Any, clauses: str) -> None:
    """Let `convt check` in this process hold the laws of these clauses only; `patch` is pytest's monkeypatch."""
    from convt_conformance import laws, panel, session

    some = [law for law in laws.all_laws() if law.clause in clauses.split()]
    few = panel.cases()[:2]
    patch.setattr(laws, "all_laws", lambda: some)
    patch.setattr(panel, "every_case", lambda: few)
    patch.setitem(session.LEVELS, "smoke", FEW_EXAMPLES)
