"""How long checks take: a table of times, each the least of several, with the limits that they should keep.

Run it on an idle machine: `nox -s bench`, or `nox -s bench -- --repeat 1 --quick` for a first impression.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from convt_conformance.isolation import Implementation, Isolated
from convt_conformance.laws import all_laws
from convt_conformance.session import Session
from convt_spec.case import Case

SUBJECTS = """
import ctypes
import convt_impl

def right(x, weight, bias=None, **given):
    return convt_impl.conv1d_transpose(x, weight, bias, **given)

def crashing(x, weight, bias=None, **given):
    if x.shape[-1] % 2:
        ctypes.string_at(0)
    return right(x, weight, bias, **given)
"""
TINY = [f"N1,C2,M3,L{length},K2,stride=2,float32,int:1" for length in (3, 4)]
SEED = 1
CRASHES = 10


def least(repeat: int, run: Callable[[], object]) -> float:
    """The least wall time of several runs, in seconds."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def command(folder: Path, name: str, level: str, jobs: int = 1) -> None:
    line = [sys.executable, "-m", "convt", "check", name, "--level", level, "--jobs", str(jobs), "--seed", str(SEED), "--out", str(folder)]
    subprocess.run(line, check=True, stdout=subprocess.DEVNULL)


def held(implementation: Implementation) -> None:
    """All laws at the level smoke, in this process but for the implementation."""
    session = Session(implementation=implementation, seed=SEED, examples=20)
    for law in all_laws():
        session.hold(law)


def crash(name: str) -> float:
    """Seconds that a crash costs beyond the same call without one, the start of the next worker included."""
    odd, even = map(Case.parse, TINY)
    with Isolated(name) as implementation:
        implementation.run(even)

        def after_crash() -> None:
            implementation.run(odd)
            implementation.run(even)

        whole = least(CRASHES, after_crash)
        return whole - 2 * least(CRASHES, lambda: implementation.run(even))


def imported(module: str) -> float:
    """Seconds in which Python starts and imports a module."""
    return least(5, lambda: subprocess.run([sys.executable, "-c", f"import {module}"], check=True))


def row(what: str, seconds: float, limit: str = "", ratio: str = "") -> None:
    print(f"{what:<58}{seconds:>9.3f} s  {ratio:<12}{limit}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3, help="runs of which the least time counts (default: 3)")
    parser.add_argument("--quick", action="store_true", help="leave the level standard out")
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, the least of {options.repeat}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subjects = folder / "subjects.py"
        subjects.write_text(SUBJECTS, encoding="utf-8")
        names = {"bundled": "bundled", "file.py:callable": f"{subjects}:right"}
        for what, subject in names.items():
            row(
                f"convt check {what} --level smoke",
                least(options.repeat, lambda subject=subject: command(folder, subject, "smoke")),
                "below 5 s",
            )
        for what, subject in ({} if options.quick else names).items():
            one, two = (
                least(options.repeat, lambda jobs=jobs, subject=subject: command(folder, subject, "standard", jobs)) for jobs in (1, 2)
            )
            row(f"convt check {what} --level standard", one, "below 60 s")
            row(f"convt check {what} --level standard --jobs 2", two, "at least 1.7 times as fast", f"{one / two:.2f} x")
        start = imported("convt_impl")
        row("python, importing the bundled implementation", start)
        row("a crash, until the next call is answered", crash(f"{subjects}:crashing"), "below 0.5 s beyond the import")
        isolation(options.repeat, folder)


def isolation(repeat: int, folder: Path) -> None:
    """The same laws with the implementation in this process and in one of its own."""
    sys.path[:0] = [str(Path(__file__).parent.parent / "tests"), str(folder)]
    from in_process import in_process
    from subjects import right

    with Isolated(f"{folder}/subjects.py:right") as implementation:  # in turn, since a machine's speed drifts
        ways: tuple[Callable[[], None], ...] = (lambda: held(in_process(right, "right")), lambda: held(implementation))
        inside, outside = map(min, zip(*([least(1, way) for way in ways] for _ in range(repeat)), strict=True))
    row("all laws at smoke, the implementation in the same process", inside)
    row("all laws at smoke, isolated", outside, "below 1.30 times", f"{outside / inside:.2f} x")


if __name__ == "__main__":
    main()
