"""Measures which mutants of `convt_impl` are killed, and publishes those that are not: `nox -s mutants`.

mutmut makes the mutants and runs impl/tests against each in a forked process. What survives there is made in a copy of the package and
runs in processes of its own: impl/tests again, because mutmut's wrappers hide a few changes from the tests, then the laws.
"""

from __future__ import annotations

import difflib
import os
import platform
import resource
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import survivors

ROOT = Path(__file__).parents[2]
MODULES = ROOT / "impl" / "convt_impl"
JOBS = 2
ADDRESS_SPACE = 8 << 30
"""Bytes that each process may map, so that a mutant that asks for everything gets a MemoryError: the original passes within them."""

SEED = "--hypothesis-seed=1"
TESTS = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", SEED, "tests"]
LAWS = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--pyargs", "convt_conformance"]
LAWS += ["-p", "convt_conformance.plugin", "--implementation", "bundled", "--convt-level", "smoke", "--convt-seed", "1"]
SECONDS = {"tests": 120, "laws": 300}
"""Time limits of one run on one mutant: over 20 times what the original takes."""

KILLED, SURVIVED = {"killed", "timeout", "segfault", "suspicious"}, {"survived", "no tests"}


def copied(folder: Path) -> Path:
    """`folder` holding the package, its tests and their settings, and nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(MODULES, folder / "convt_impl", ignore=ignored)
    shutil.copytree(ROOT / "impl" / "tests", folder / "tests", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def mutmut(folder: Path, *arguments: str) -> str:
    """What mutmut prints for `arguments`; raises SystemExit with its last words where it fails."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-m", "mutmut", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"mutmut {' '.join(arguments)} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-2000:]}")
    return done.stdout


def statuses(folder: Path) -> dict[str, str]:
    """mutmut's word for each mutant by its name; raises SystemExit where one is neither killed nor survived."""
    mutmut(folder, "run", "--max-children", str(JOBS))
    lines = mutmut(folder, "results", "--all", "true").splitlines()
    found = dict(line.strip().split(": ", 1) for line in lines if ": " in line)
    odd = {name: status for name, status in found.items() if status not in KILLED | SURVIVED}
    if odd or not found:
        raise SystemExit(f"mutmut must decide every mutant, got {odd or 'no mutants'}")
    return found


def described(name: str, original: str, mutated: str) -> survivors.Mutant:
    """The mutant called `name`, such as convt_impl.layer.xǁConv1DTransposeǁ__init____mutmut_2, as a change of lines."""
    module, _, mangled = name.rpartition(".")
    function = mangled.rpartition("__mutmut_")[0].removeprefix("x").removeprefix("_").replace("ǁ", ".").removeprefix(".")
    changed = [line for line in difflib.ndiff(original.splitlines(), mutated.splitlines()) if line[:2] in ("- ", "+ ")]
    sides = {mark: "\n".join(line[2:].strip() for line in changed if line[0] == mark) for mark in "-+"}
    return survivors.Mutant(file=module.rpartition(".")[2] + ".py", function=function, line=sides["-"], mutated=sides["+"])


def patched(folder: Path, name: str, target: Path) -> survivors.Mutant:
    """Make the mutant in a copy at `target` and say what it changed."""
    source = folder / Path(*name.split(".")[:-1]).with_suffix(".py")
    original = source.read_text(encoding="utf-8")
    try:
        mutmut(folder, "apply", name)
        copied(target)
        shutil.copy(source, target / source.relative_to(folder))
        return described(name, original, source.read_text(encoding="utf-8"))
    finally:
        source.write_text(original, encoding="utf-8")


def passes(what: str, command: list[str], folder: Path) -> bool:
    """Whether the package in `folder` passes; a crash or a passed time limit is none; raises SystemExit where nothing was run."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "start_new_session": True}
    with subprocess.Popen(command, cwd=folder, env=environment, text=True, **pipes) as process:  # type: ignore[call-overload]
        try:
            output, _ = process.communicate(timeout=SECONDS[what])
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return False
    if process.returncode in (4, 5):
        raise SystemExit(f"the {what} could not be run:\n{output[-2000:]}")
    return bool(process.returncode == 0)


def killer(folder: Path) -> str:
    """What kills the package in `folder`: "tests", "laws", or "" for nothing."""
    runs = {"tests": TESTS, "laws": LAWS}
    return next((what for what, command in runs.items() if not passes(what, command, folder)), "")


def measured(folder: Path) -> survivors.Measured:
    """Everything, from nothing, in about five minutes of processor time."""
    if what := killer(copied(folder / "original")):
        raise SystemExit(f"the original must pass, but its {what} fail")
    found = statuses(copied(folder / "work"))
    left = [name for name, status in found.items() if status in SURVIVED]
    targets = [folder / "patched" / str(number) for number in range(len(left))]
    mutants = [patched(folder / "work", name, target) for name, target in zip(left, targets, strict=True)]
    with ThreadPoolExecutor(JOBS) as pool:
        killers = list(pool.map(killer, targets))
    files = [name.split(".")[1] + ".py" for name in found]
    return survivors.Measured(
        tool=f"mutmut {version('mutmut')}",
        python=platform.python_version(),
        numpy=version("numpy"),
        date=datetime.now(UTC).date().isoformat(),
        mutants={file: files.count(file) for file in sorted(set(files))},
        by_tests=len(found) - len(left) + killers.count("tests"),
        timeouts=list(found.values()).count("timeout"),
        by_laws=[mutant for mutant, what in zip(mutants, killers, strict=True) if what == "laws"],
        survivors=[mutant for mutant, what in zip(mutants, killers, strict=True) if not what],
    )


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, resource.getrlimit(resource.RLIMIT_AS)[1]))
    known = survivors.reasons((Path(__file__).parent / "reasons.toml").read_text(encoding="utf-8"))
    result = measured(ROOT / "build" / "mutants")
    (ROOT / "impl" / "MUTANTS.md").write_text(survivors.as_markdown(result, known), encoding="utf-8")
    (ROOT / "reports" / "published" / "mutants.json").write_text(survivors.as_json(result, known), encoding="utf-8")
    if wrong := survivors.mismatches(result.survivors, known):
        raise SystemExit("\n\n".join(wrong))


if __name__ == "__main__":
    main()
