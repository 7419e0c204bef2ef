"""What one judge does of a run: the laws of a part, and what was found under them."""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hypothesis.configuration
import numpy as np

from convt_conformance import interruption, laws, panel
from convt_conformance.adapters import catalogue
from convt_conformance.avoidance import PER_LAW
from convt_conformance.deviations import Known, built_in, load
from convt_conformance.effects import Effects
from convt_conformance.isolation import Isolated, Limits
from convt_conformance.power import Power
from convt_conformance.protocol import Description
from convt_conformance.results import Result
from convt_conformance.session import Session, examples
from convt_spec.case import Case

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
class Part:
    """What one session judges: laws by name with the cases for each, and cases of the panel."""

    laws: tuple[str, ...]
    examples: int
    cases: tuple[Case, ...]


@dataclass(slots=True, kw_only=True)
class Share:
    """What a run found, or one session of it: that tells its results one by one."""

    results: list[Result] = field(default_factory=list)
    coverage: Counter[tuple[str, str]] = field(default_factory=Counter)
    power: Power = field(default_factory=Power)
    effects: Effects = field(default_factory=Effects)
    answers: list[dict[str, Any]] = field(default_factory=list)
    complete: bool = True


def parts(name: str, settings: Settings, judges: int) -> list[Part]:
    """One part for one judge; for several so many each that none is long without work at the end, the same for any speed of theirs."""
    count = 1 if judges == 1 else judges * PARTS
    names, cases = tuple(law.name for law in laws.all_laws()), panel.cases(catalogue.share(name))
    return [Part(laws=names[at::count], examples=examples(name, settings.level), cases=cases[at::count]) for at in range(count)]


def isolated(name: str, settings: Settings) -> Isolated:
    """The implementation in a process of its own; its messages are shown on stderr when the settings ask for it."""
    watch = None
    if settings.protocol_debug:
        from convt_conformance import debug  # brings in jsonschema, which nothing else needs in a run

        watch = debug.view(sys.stderr)
    return Isolated(name, python=settings.python, limits=settings.limits, watch=watch)


def known_deviations(name: str, settings: Settings, description: Description) -> list[Known]:
    """The entries that speak of this implementation as it is here; raises DeviationsError."""
    entries = load(settings.deviations) if settings.deviations else built_in(name)
    return [each for each in entries if each.applies(description.version, name)]


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
    known = {law.name: law for law in laws.all_laws()}
    try:
        with np.errstate(all="ignore"):  # infinities among the results are no news
            for name in part.laws:
                listener(session.hold(known[name]))
            found.answers = panel.answers(implementation, [case for case in part.cases if not session.avoidance.expects(case, PER_LAW)])
    except (KeyboardInterrupt, Exception):
        if not interruption.told():
            raise
        found.complete = False
    found.coverage, found.power, found.effects = session.coverage, session.power, session.effects
    return found
