"""One run of a right implementation, in this process or through the command."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from saboteurs.saboteur import implementation

from convt_conformance.laws import all_laws
from convt_conformance.session import LEVELS, Session
from right.callables import entry
from right.collection import COLLECTION

Run = tuple[str, str, int]
"""An implementation's name, a level and a seed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The cases that a run judged, and each false alarm in words."""

    cases: int
    alarms: tuple[str, ...]


def in_process(run: Run) -> Found:
    """All laws over one implementation, here; what it prints and warns of is dropped."""
    name, level, seed = run
    session = Session(implementation=implementation(COLLECTION[name].parts), seed=seed, examples=LEVELS[level])
    silence = io.StringIO()
    with contextlib.redirect_stdout(silence), contextlib.redirect_stderr(silence), warnings.catch_warnings(action="ignore"):
        results = [session.hold(law) for law in all_laws()]
    alarms = [f"{each.law} {each.verdict} {each.kind} {each.reason} {each.evidence}" for each in results if each.failed]
    return Found(cases=sum(each.judged for each in results), alarms=tuple(alarms))


def by_command(run: Run) -> Found:
    """One `convt check`; its output is the alarm where it does not exit 0."""
    name, level, seed = run
    with TemporaryDirectory() as folder:
        options = ["--level", level, "--seed", str(seed), "--out", folder]
        command = [sys.executable, "-m", "convt", "check", f"right.callables:{entry(name)}", *options]
        done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent.parent, check=False)
    judged = [word for word, following in zip(done.stdout.split(), done.stdout.split()[1:], strict=False) if following == "cases"]
    alarms = () if done.returncode == 0 else (f"exit {done.returncode}\n{done.stdout}{done.stderr}",)
    return Found(cases=int(judged[-1]) if judged else 0, alarms=alarms)
