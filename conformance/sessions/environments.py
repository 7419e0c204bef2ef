"""Judge built-in implementations, each in an environment of its own: run by nox, which gives it convt.

What is unchanged since the record was made is not judged again: its code, its requirements, its known deviations and the options.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

from convt_conformance.adapters.catalogue import CATALOGUE, Entry

HERE = Path(__file__).parent
CONFORMANCE = HERE.parent
REQUIREMENTS = CONFORMANCE / "requirements"
PACKAGE = CONFORMANCE / "convt_conformance"
SHARED = ("__init__.py", "catalogue.py", "document_call.py", "third_party.py")
"""The modules beside the adapters that all of them may use."""
CANNOT_RUN = 3


def interpreter(entry: Entry, cache: Path) -> str:
    """The python of an implementation's environment, made anew when its requirements change; our own where it has none."""
    if not entry.environment:
        return sys.executable
    return installed(REQUIREMENTS / f"{entry.environment}.txt", cache / entry.environment)


def installed(requirements: Path, folder: Path, *options: str) -> str:
    """The python of an environment in `folder`, made anew when the file of its requirements changes; options go to pip."""
    python, stamp, wanted = folder / "bin" / "python", folder / "requirements.sha256", digest([requirements], *options)
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *options, "-r", str(requirements)], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return str(python)


def sources(entry: Entry) -> list[Path]:
    """The files that decide what an implementation's record says, other implementations' own left out."""
    adapters, deviations = PACKAGE / "adapters", PACKAGE / "deviations"
    own = [adapters / f"{entry.module}.py", deviations / f"{entry.module}.toml", REQUIREMENTS / f"{entry.environment}.txt"]
    if entry.module == "exported":
        own.append(adapters / f"{entry.variant.partition('-')[0]}.py")
    aside = (adapters, PACKAGE / "translation")
    common = [path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".json") and path.parent not in aside]
    spec = [path for path in (CONFORMANCE.parent / "spec").rglob("*") if path.suffix in (".py", ".md") and "tests" not in path.parts]
    bundled = list((CONFORMANCE.parent / "impl" / "convt_impl").rglob("*.py")) if entry.name.startswith("bundled") else []
    return [path for path in (*own, *(adapters / name for name in SHARED), *common, *spec, *bundled) if path.is_file()]


def digest(paths: Iterable[Path], *words: str) -> str:
    """A hash of files by name and content, and of words."""
    found = hashlib.sha256("\0".join(words).encode())
    for path in sorted(paths):
        found.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def stem(name: str) -> str:
    """The name of the record, as `convt check` makes it."""
    return name.replace(":", "-")


def judge(entries: Sequence[Entry], out: Path, cache: Path, options: Sequence[str]) -> list[int]:
    """Leave the implementations' records in `out`; returns the exit codes of `convt check`, also of earlier runs that still hold.

    While one is judged the environments of later ones are made.
    """
    made_of = {entry: digest(sources(entry), repr(entry), *options) for entry in entries}
    with ThreadPoolExecutor(1) as pool:
        coming: dict[str, Future[str]] = {}
        for entry, of in made_of.items():
            if entry.environment not in coming and not holds(stamp(out, stem(entry.name)), of):
                coming[entry.environment] = pool.submit(interpreter, entry, cache)

        def python(environment: str) -> str:
            return coming[environment].result()

        try:
            return [recorded(entry, out, partial(python, entry.environment), options, of=of) for entry, of in made_of.items()]
        finally:
            pool.shutdown(cancel_futures=True)


def stamp(out: Path, record: str) -> Path:
    """The file beside a record that tells what it was made of."""
    return out / f"{record}.made.json"


def holds(stamp: Path, of: str) -> bool:
    """Whether a record was made of the same."""
    return stamp.is_file() and bool(json.loads(stamp.read_text(encoding="utf-8"))["of"] == of)


NO_VARIABLES: Mapping[str, str] = {}


def recorded(
    entry: Entry,
    out: Path,
    python: Callable[[], str],
    options: Sequence[str],
    *,
    of: str,
    variables: Mapping[str, str] = NO_VARIABLES,
    quiet: bool = False,
    called: str = "",
) -> int:
    """The same for one implementation in the environment of this python, under these variables; a record made `of` the same still holds.

    The record is `called` as `convt check` calls it, by default as the entry.
    """
    name = called or stem(entry.name)
    record, made = out / f"{name}.jsonl", stamp(out, name)
    if holds(made, of):
        print(f"{entry.name}: unchanged since its record was made", flush=True)
        return int(json.loads(made.read_text(encoding="utf-8"))["code"])
    made.unlink(missing_ok=True)
    record.unlink(missing_ok=True)
    start = time.monotonic()
    command = [sys.executable, "-m", "convt", "check", entry.name, "--python", python(), "--out", str(out), *options]
    ready = time.monotonic()
    printed, around = subprocess.DEVNULL if quiet else None, {**os.environ, **variables}
    ran = subprocess.run(command, stdout=printed, stderr=subprocess.PIPE, text=True, check=False, env=around)
    print(ran.stderr, end="", file=sys.stderr)
    print(f"{entry.name}: {ready - start:.0f} s for its environment, {time.monotonic() - ready:.0f} s to judge", flush=True)
    if ran.returncode in (0, 1, CANNOT_RUN):
        why = ran.stderr.removeprefix("convt: ").strip() if ran.returncode == CANNOT_RUN else ""
        made.write_text(json.dumps({"of": of, "code": ran.returncode, "name": entry.name, "why": why}), encoding="utf-8")
    return ran.returncode


def write_absent(names: Iterable[str], out: Path) -> None:
    """Why those that have no record could not be run, in `absent.json`, for `convt report --absent`."""
    stamps = [stamp(out, stem(name)) for name in names]
    made = [json.loads(path.read_text(encoding="utf-8")) for path in stamps if path.is_file()]
    reasons = {each["name"]: each["why"] for each in made if each["code"] == CANNOT_RUN}
    (out / "absent.json").write_text(json.dumps({"absent": reasons}, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    """0 when all conform, 1 when one deviates, 3 when one could not be run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+", choices=[*CATALOGUE, "all"], metavar="NAME")
    parser.add_argument("--cache", type=Path, required=True, help="the folder of the environments")
    parser.add_argument("--out", type=Path, required=True, help="the folder of the records")
    parser.add_argument("--any", action="store_true", help="end with 0 though one deviates or could not be run")
    parser.add_argument("--only", action="store_true", help="take out of --out what is there of others")
    options, rest = parser.parse_known_args()
    options.out.mkdir(parents=True, exist_ok=True)
    names = list(CATALOGUE) if "all" in options.names else options.names
    for path in options.out.iterdir() if options.only else ():
        if path.name.partition(".")[0] not in map(stem, names):
            path.unlink()
    codes = judge([CATALOGUE[name] for name in names], options.out, options.cache, rest)
    write_absent(names, options.out)
    worst = max(codes)
    return 0 if options.any and worst in (0, 1, CANNOT_RUN) else worst


if __name__ == "__main__":
    sys.exit(main())
