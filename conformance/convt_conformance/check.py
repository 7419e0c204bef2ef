"""Judge implementations under every law and write a record of each: what `convt check` runs, and `convt.check`."""

from __future__ import annotations

import os
import platform
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis.configuration

from convt_conformance import interruption, panel, records
from convt_conformance.avoidance import PER_LAW
from convt_conformance.deviations import Known, built_in, device, explanation, gone, load
from convt_conformance.diagnosis import Diagnosis, Explained, diagnoses, fails_otherwise, sharpened
from convt_conformance.effects import Effects
from convt_conformance.isolation import Isolated, Limits
from convt_conformance.judge import Mismatch
from convt_conformance.judges import Alone, Judges
from convt_conformance.law import LAWS
from convt_conformance.laws import all_laws
from convt_conformance.power import Power
from convt_conformance.process import ONE_THREAD
from convt_conformance.protocol import Description
from convt_conformance.session import LEVELS, Result, Session
from convt_spec.case import Case

Progress = Callable[[str, int, int], None]
"""Called with an implementation's name, the laws held so far and the laws in all."""

PARTS = 6
"""Parts for each of several judges: the last one is then a twelfth of the run where two judge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to judge: `examples` per law, `python` the interpreter of the implementations' environment, `rulings` the readings to enforce."""

    seed: int
    level: str = "standard"
    jobs: int = 1
    python: str = sys.executable
    limits: Limits = field(default_factory=Limits)
    rulings: dict[str, str] = field(default_factory=dict)
    deviations: Path | None = None
    protocol_debug: bool = False
    command: str = "convt.check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One implementation's run: its results with the known deviations that explain each failure, and the causes of the rest.

    `stale` are the known deviations that explain nothing, `unreasoned` those that give no reason. `effects` are what calls left changed
    around them, as in the record.
    """

    description: Description
    results: list[tuple[Result, tuple[Known, ...]]]
    causes: list[Diagnosis]
    stale: list[str]
    unreasoned: list[str]
    effects: list[dict[str, Any]]
    complete: bool
    judged: int
    seconds: float

    @property
    def conforms(self) -> bool:
        """Whether nothing new deviates, nothing known is gone, and something was really checked."""
        failed = any(result.failed and not listed for result, listed in self.results)
        checked = any(result.verdict == "conforms" for result, _ in self.results)
        return self.complete and checked and not failed and not self.stale


@dataclass(slots=True, kw_only=True)
class Share:
    """What a run found, or one session of it: that tells its results one by one."""

    results: list[Result] = field(default_factory=list)
    coverage: Counter[tuple[str, str]] = field(default_factory=Counter)
    power: Power = field(default_factory=Power)
    effects: Effects = field(default_factory=Effects)
    answers: list[dict[str, Any]] = field(default_factory=list)
    complete: bool = True


def fresh_seed() -> int:
    return secrets.randbelow(2**31)


def isolated(name: str, settings: Settings) -> Isolated:
    """The implementation in a process of its own; its messages are shown on stderr when the settings ask for it."""
    watch = None
    if settings.protocol_debug:
        from convt_conformance import debug  # brings in jsonschema, which nothing else needs in a run

        watch = debug.view(sys.stderr)
    return Isolated(name, python=settings.python, limits=settings.limits, watch=watch)


def most_jobs() -> int:
    """Processes that can have something to do: one for each law."""
    return len(all_laws())


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one session judges: laws by name with the cases for each, and cases of the panel."""

    laws: tuple[str, ...]
    examples: int
    cases: tuple[Case, ...]


def share(implementation: Isolated, settings: Settings, part: Part, listener: Callable[[Result], None]) -> Share:
    """Hold the laws of a part in one session; an interrupt ends it with what it has."""
    found = Share()
    hypothesis.configuration.set_hypothesis_home_dir(Path(tempfile.gettempdir()) / f"convt-hypothesis-{os.getuid()}")
    session = Session(
        implementation=implementation,
        seed=settings.seed,
        examples=part.examples,
        rulings=settings.rulings,
        known=known_deviations(implementation.name, settings, implementation.description),
    )
    laws = {law.name: law for law in all_laws()}
    try:
        for name in part.laws:
            listener(session.hold(laws[name]))
        found.answers = panel.answers(implementation, [case for case in part.cases if not session.avoidance.expects(case, PER_LAW)])
    except (KeyboardInterrupt, Exception):
        if not interruption.told():
            raise
        found.complete = False
    found.coverage, found.power, found.effects = session.coverage, session.power, session.effects
    return found


def found_causes(name: str, settings: Settings, whole: Share, known: Sequence[Known]) -> list[Diagnosis]:
    """The causes of what no known deviation explains, each with its smallest case; an interrupted run gets them from what it has."""

    def explained(clause: str, case: Case, miss: Mismatch) -> bool:
        return any(each.covers(clause, case, (miss.kind, miss.verdict)) for each in known)

    if whole.complete:
        try:
            with isolated(name, settings) as implementation:
                return looked_into(implementation, settings, whole.results, explained)
        except KeyboardInterrupt:
            whole.complete = False
    return diagnoses(whole.results, explained)


def looked_into(implementation: Isolated, settings: Settings, results: Sequence[Result], explained: Explained) -> list[Diagnosis]:
    """The causes, with calls where they help: to tell a pass by chance, and to reach the smallest case where no law has done so."""
    session = Session(implementation=implementation, seed=settings.seed, examples=0, rulings=settings.rulings)

    def readings(law: str) -> tuple[str, ...]:
        return session.readings(LAWS[law].clause)

    found = diagnoses(results, explained, lambda law, case: fails_otherwise(implementation, law, readings(law), case))
    small = {result.evidence.case for result in results if result.evidence and result.verdict == "deviates"}
    return [each if each.evidence.case in small else sharpened(each, implementation, readings(each.law)) for each in found]


def known_deviations(name: str, settings: Settings, description: Description) -> list[Known]:
    """The entries that speak of this implementation as it is here; raises DeviationsError."""
    entries = load(settings.deviations) if settings.deviations else built_in(name)
    return [each for each in entries if each.applies(description.version, device(name))]


def check(name: str, settings: Settings, out: Path | None = None, progress: Progress | None = None) -> Verdict:
    """Judge one implementation and write its record to `out`; raises CannotRun, DeviationsError or OSError before anything is written.

    Told to end, by Ctrl-C or SIGTERM in the main thread, it closes the record and returns what it has, not `complete`.
    """
    settings = replace(settings, jobs=min(settings.jobs, most_jobs()))
    with interruption.deferred(), (Alone if settings.jobs == 1 else Judges)(name, settings) as judges:
        return judged(name, settings, judges, out, progress)


def judged(name: str, settings: Settings, judges: Alone | Judges, out: Path | None, progress: Progress | None) -> Verdict:
    """All laws, by these judges."""
    description = judges.description
    known = known_deviations(name, settings, description)
    laws = all_laws()
    start = time.monotonic()
    held: list[Result] = []

    def explained(result: Result) -> tuple[Known, ...]:
        return explanation(result, known) if result.failed else ()

    def listener(result: Result) -> None:
        held.append(result)
        if progress:
            progress(description.name, len(held), len(laws))

    writer = records.Writer(out, header(name, description, settings)) if out else None
    with writer or nullcontext():
        whole = run_shares(judges, settings, listener, writer, explained)
        order = [law.name for law in laws]
        whole.results = sorted(held, key=lambda result: order.index(result.law))
        pairs = [(result, explained(result)) for result in whole.results]
        causes = found_causes(name, settings, whole, known)
        stale = gone(known, whole.results) if whole.complete else []
        count, seconds = sum(result.judged for result in whole.results), time.monotonic() - start
        if writer:
            write_rest(writer, whole, causes)
            writer.finish(complete=whole.complete, judged=count, stale=stale, seconds=round(seconds, 1), effects=whole.effects.parts())
    return Verdict(
        description=description,
        results=pairs,
        causes=causes,
        stale=stale,
        effects=whole.effects.parts(),
        unreasoned=[str(each) for each in known if not each.reason],
        complete=whole.complete,
        judged=count,
        seconds=seconds,
    )


def run_shares(
    judges: Alone | Judges,
    settings: Settings,
    listener: Callable[[Result], None],
    writer: records.Writer | None,
    explained: Callable[[Result], tuple[Known, ...]],
) -> Share:
    """All laws and the panel, dealt out to the judges; each result is written as soon as it is known."""

    def hear(result: Result) -> None:
        listener(result)
        if writer:
            writer.write(result_line(result, explained(result)))

    whole = Share()
    try:
        for found in judges.shares(parts(settings, judges.count), hear):
            whole.answers += found.answers
            whole.coverage.update(found.coverage)
            whole.power.update(found.power)
            whole.effects.update(found.effects)
            whole.complete = whole.complete and found.complete
    except KeyboardInterrupt:
        whole.complete = False
    return whole


def parts(settings: Settings, judges: int) -> list[Part]:
    """One part for one judge; for several so many each that none is long without work at the end, the same for any speed of theirs."""
    count = 1 if judges == 1 else judges * PARTS
    names, cases = tuple(law.name for law in all_laws()), panel.cases()
    return [Part(laws=names[at::count], examples=LEVELS[settings.level], cases=cases[at::count]) for at in range(count)]


def write_rest(writer: records.Writer, whole: Share, causes: list[Diagnosis]) -> None:
    for line in (*(each.as_line() for each in causes), *whole.power.lines()):
        writer.write(line)
    for line in sorted(whole.answers, key=lambda answer: str(answer["case"])):
        writer.write(line)
    for attribute in sorted({name for name, _ in whole.coverage}):
        values = {value: count for (name, value), count in sorted(whole.coverage.items()) if name == attribute}
        writer.write({"line": "coverage", "attribute": attribute, "values": values})


def result_line(result: Result, listed: tuple[Known, ...]) -> dict[str, Any]:
    reasons, links = (list(dict.fromkeys(getattr(each, name) for each in listed)) for name in ("reason", "link"))
    told = {"reason": "; ".join(filter(None, reasons)), "link": next(filter(None, links), "")}
    return {**result.as_line(), "listed": told if listed else None}


def header(name: str, description: Description, settings: Settings) -> dict[str, Any]:
    """Who was judged, by what, on what, how: enough to run it again."""
    implementation = {
        "name": description.name,
        "version": description.version,
        "language": description.language,
        "home": description.home,
        "supports": list(description.supports),
        "packages": description.packages,
    }
    return {
        "convt": records.convt_version(),
        "asked": name,
        "implementation": implementation,
        "seed": settings.seed,
        "level": settings.level,
        "examples": LEVELS[settings.level],
        "rulings": settings.rulings,
        "command": settings.command,
        "platform": {
            "system": platform.system(),
            "machine": platform.machine(),
            "python": platform.python_version(),
            "libc": " ".join(platform.libc_ver()),
            "threads": os.environ.get("OMP_NUM_THREADS", ONE_THREAD["OMP_NUM_THREADS"]),
        },
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def clause_verdicts(results: Sequence[Result]) -> dict[str, Result]:
    """The worst result of each clause's laws: a failure before a success, a success before nothing to check."""
    rank = ["crashes", "hangs", "exhausts-memory", "deviates", "mistrusted", "conforms", "unsupported"]
    worst: dict[str, Result] = {}
    for result in results:
        held = worst.get(result.clause)
        if held is None or rank.index(result.verdict) < rank.index(held.verdict):
            worst[result.clause] = result
    return worst
