"""The cases of a law: its first ones, then those that hypothesis draws from a seed."""

from __future__ import annotations

import math
import zlib
from functools import lru_cache
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture.choice import choice_permitted
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, GLOBAL_CONSTANTS, HypothesisProvider

from convt_conformance.law import Law
from convt_conformance.rounds import Rounds
from convt_conformance.strategies import Supports, natural
from convt_spec.case import Case

EVEN = "convt-even"
AVAILABLE_PROVIDERS[EVEN] = f"{__name__}.Even"
"""Hypothesis's own draws without its mutations of earlier ones, which halve the number of different calls among a hundred."""

TOGETHER = 10
"""Cases that hypothesis draws as one of its examples, each of which costs as much again as a case."""


class Even(HypothesisProvider):
    """Hypothesis's draws of notable numbers from its own list only.

    It also takes constants from the source of local modules, so that a seed would give other cases wherever other modules are loaded.
    """

    def _maybe_draw_constant(self, choice_type: Any, constraints: Any, *, p: float = 0.05) -> Any:
        assert self._random is not None
        if self._random.random() > p:
            return None
        if choice_type == "integer":
            permitted = notable(constraints["min_value"], constraints["max_value"])
        else:
            permitted = [each for each in GLOBAL_CONSTANTS.set_for_type(choice_type) if choice_permitted(each, constraints)]
        return self._random.choice(permitted) if permitted else None


@lru_cache(maxsize=1 << 10)
def notable(least: int | None, most: int | None) -> list[Any]:
    """Hypothesis's notable whole numbers in a range."""
    found: Any = GLOBAL_CONSTANTS.set_for_type("integer")
    return [each for each in found if (least is None or each >= least) and (most is None or each <= most)]


def explore(rounds: Rounds, *, seed: int, examples: int) -> None:
    """Try a law's cases, its first ones and then its own."""
    trial = rounds.trial
    rounds.hold_all(cases(trial.law, trial.implementation.description.supports, seed=seed, examples=examples))


def cases(law: Law, supports: Supports, *, seed: int, examples: int) -> list[Case]:
    """The cases of a law for an implementation that supports these features: they depend on nothing else."""
    found = [natural(case, supports) for case in law.first()]
    own = law.cases(supports)
    if isinstance(own, list):
        return found + own

    told: list[Case] = []

    @st.composite
    def several(draw: st.DrawFn) -> list[Case]:
        alike = not told  # hypothesis begins with the simplest draw, all of whose cases would be the same
        return [draw(own) for _ in range(1 if alike else TOGETHER)]

    @hypothesis.seed(seed ^ zlib.crc32(law.name.encode()))
    @settings(
        max_examples=1 + math.ceil((examples - 1) / TOGETHER),
        database=None,
        deadline=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
        backend=EVEN,
        verbosity=Verbosity.quiet,
    )
    @given(several())
    def keep(cases: list[Case]) -> None:
        told.extend(cases)

    keep()
    return found + told[:examples]
