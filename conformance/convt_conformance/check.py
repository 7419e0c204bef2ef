"""Judge implementations under every law and write a record of each: what `convt check` runs, and `convt.check`."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from convt_conformance import claims, inquiry, interruption, laws, lines, records
from convt_conformance.claims import Claim
from convt_conformance.deviations import Known, explanation, gone
from convt_conformance.diagnosis import Diagnosis
from convt_conformance.judge import VERDICTS
from convt_conformance.judges import Alone, Judges
from convt_conformance.protocol import Description
from convt_conformance.results import Result
from convt_conformance.session import LEVELS, examples
from convt_conformance.shares import Settings, Share, known_deviations, parts

Progress = Callable[[str, int, int], None]
"""Called with an implementation's name, the laws held so far and the laws in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One implementation's run: its results with the known deviations that explain each failure, and the causes of the rest.

    `claims` are what it says it supports, held against plain calls. `stale` are the known deviations that explain nothing, `unreasoned`
    those that give no reason. `effects` are what calls left changed around them, as in the record.
    """

    description: Description
    claims: list[Claim]
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


def fresh_seed() -> int:
    return secrets.randbelow(2**31)


def most_jobs() -> int:
    """Processes that can have something to do: one for each law."""
    return len(laws.all_laws())


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
    told = claims.asked(name, settings, known)
    order = [law.name for law in laws.all_laws()]
    start = time.monotonic()
    held: list[Result] = []

    def explained(result: Result) -> tuple[Known, ...]:
        return explanation(result, known) if result.failed else ()

    def listener(result: Result) -> None:
        held.append(result)
        if progress:
            progress(description.name, len(held), len(order))

    writer = records.Writer(out, lines.header(name, description, settings)) if out else None
    with writer or nullcontext():
        for each in told:
            if writer:
                writer.write(each.as_line())
        whole = run_shares(name, judges, settings, listener, writer, explained)
        whole.results = sorted(held, key=lambda result: order.index(result.law))
        pairs = [(result, explained(result)) for result in whole.results]
        causes = inquiry.found_causes(name, settings, whole, known)
        every = examples(name, settings.level) == LEVELS[settings.level]
        stale = gone(known, whole.results) if whole.complete and every else []  # a share of the cases may miss a deviation
        count, seconds = sum(result.judged for result in whole.results), time.monotonic() - start
        if writer:
            lines.write_rest(writer, whole, causes)
            writer.finish(complete=whole.complete, judged=count, stale=stale, seconds=round(seconds, 1), effects=whole.effects.parts())
    return Verdict(
        description=description,
        claims=told,
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
    name: str,
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
            writer.write(lines.result_line(result, explained(result)))

    whole = Share()
    try:
        for found in judges.shares(parts(name, settings, judges.count), hear):
            whole.answers += found.answers
            whole.coverage.update(found.coverage)
            whole.power.update(found.power)
            whole.effects.update(found.effects)
            whole.complete = whole.complete and found.complete
    except KeyboardInterrupt:
        whole.complete = False
    return whole


def clause_verdicts(results: Sequence[Result]) -> dict[str, Result]:
    """The worst result of each clause's laws."""
    worst: dict[str, Result] = {}
    for result in results:
        held = worst.get(result.clause)
        if held is None or VERDICTS.index(result.verdict) < VERDICTS.index(held.verdict):
            worst[result.clause] = result
    return worst
