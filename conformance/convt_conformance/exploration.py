"""The cases of a law: its first ones, then those that hypothesis draws from a seed."""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis.internal.conjecture.choice import choice_permitted
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, GLOBAL_CONSTANTS, HypothesisProvider

from convt_conformance.law import Law
from convt_conformance.strategies import Supports, natural
from convt_conformance.trial import Trial
from convt_spec.case import Case

EVEN = "convt-even"
AVAILABLE_PROVIDERS[EVEN] = f"{__name__}.Even"
"""Hypothesis's own draws without its mutations of earlier ones, which halve the number of different calls among a hundred."""


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


def explore(trial: Trial, *, seed: int, examples: int) -> None:
    """Try a law's cases, its first ones and then its own; the trial keeps what it finds."""
    trial.hold_all(cases(trial.law, trial.implementation.description.supports, seed=seed, examples=examples))


def cases(law: Law, supports: Supports, *, seed: int, examples: int) -> list[Case]:
    """The cases of a law for an implementation that supports these features: they depend on nothing else."""
    found = [natural(case, supports) for case in law.first()]
    own = law.cases(supports)
    if isinstance(own, list):
        return found + own

    @hypothesis.seed(seed ^ zlib.crc32(law.name.encode()))
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
        backend=EVEN,
        verbosity=Verbosity.quiet,
    )
    @given(own)
    def drawn(case: Case) -> None:
        found.append(case)

    drawn()
    return found
