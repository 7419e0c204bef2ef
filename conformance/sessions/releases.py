"""A release of a framework: what it makes of a case."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from unittest import mock

import numpy as np

from convt_conformance.comparison import compared
from convt_conformance.isolation import Isolated
from convt_conformance.law import Law
from convt_conformance.outcomes import Unsupported
from convt_conformance.records import Record
from convt_conformance.replay import replayed
from convt_spec.case import Case

Key = tuple[str, tuple[str, ...]]
"""A case and those that run before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a release makes of a case, by its one call or under a law: `readings` of the clause in question are those that it fits."""

    verdict: str
    kind: str = ""
    readings: tuple[str, ...] = ()
    observed: str = field(compare=False)


@dataclass(slots=True, kw_only=True)
class Release:
    """A release with its record, None where it is only asked, and its implementation in an environment under these variables."""

    version: str
    record: Record | None
    judged: Isolated
    variables: dict[str, str]
    seen: dict[Key, tuple[Sight, dict[str, tuple[str, ...]]]] = field(default_factory=dict)

    @contextmanager
    def asked(self) -> Iterator[Isolated]:
        with mock.patch.dict(os.environ, self.variables), np.errstate(all="ignore"):
            yield self.judged

    def sight(self, law: Law, key: Key, *, fresh: bool = False) -> Sight:
        """The one call of a case, judged as `convt repro` does."""
        if fresh or key not in self.seen:
            self.seen[key] = self.looked(key, fresh=fresh)
        found, readings = self.seen[key]
        return Sight(verdict=found.verdict, kind=found.kind, readings=readings.get(law.clause, ()), observed=found.observed)

    def looked(self, key: Key, *, fresh: bool) -> tuple[Sight, dict[str, tuple[str, ...]]]:
        case, after = Case.parse(key[0]), [Case.parse(each) for each in key[1]]
        with self.asked() as judged:
            if fresh or after:
                judged.restart(after)
            outcome = judged.run(case)
        if isinstance(outcome, Unsupported):
            return Sight(verdict="unsupported", observed=str(outcome)), {}
        found = compared(case, outcome, {})
        miss = None if found.fits else found.found
        verdict, kind = (miss.verdict, miss.kind) if miss else ("conforms", "")
        return Sight(verdict=verdict, kind=kind, observed=str(outcome)), {each.clause.id: each.fitted for each in found.told}

    def held(self, law: Law, key: Key) -> Sight:
        """The case under the law with all its calls, as `convt repro --law` does; raises ValueError where the law is not about it."""
        with self.asked() as judged:
            judged.restart([Case.parse(each) for each in key[1]])
            replay = replayed(judged, law, Case.parse(key[0]), {})
        lacking = next((str(outcome) for _, outcome in replay.calls if isinstance(outcome, Unsupported)), "")
        if replay.found is None and lacking:
            return Sight(verdict="unsupported", observed=lacking)
        if replay.found is None:
            return Sight(verdict="conforms", observed=str(replay.calls[-1][1]) if replay.calls else "no call")
        return Sight(verdict=replay.found.verdict, kind=replay.found.kind, observed=replay.found.observed)
