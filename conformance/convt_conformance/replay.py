"""One round of a law again, with all its calls in view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from convt_conformance.isolation import Implementation
from convt_conformance.judge import Mismatch
from convt_conformance.law import Law
from convt_conformance.outcomes import Outcome
from convt_conformance.protocol import Description
from convt_conformance.session import in_force
from convt_conformance.trial import Deviation, Trial
from convt_spec.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The calls of a round in order, and how it failed, on which of its cases; `found` is None where it did not."""

    calls: tuple[tuple[Case, Outcome], ...]
    case: Case
    found: Mismatch | None


@dataclass(frozen=True, slots=True)
class Noting:
    """An implementation that notes its calls and what came of them."""

    subject: Implementation
    notes: list[tuple[Case, Outcome]] = field(default_factory=list)

    @property
    def history(self) -> Sequence[Case]:
        return self.subject.history

    @property
    def description(self) -> Description:
        return self.subject.description

    def run(self, case: Case) -> Outcome:
        outcome = self.subject.run(case)
        self.notes.append((case, outcome))
        return outcome

    def run_ahead(self, cases: Sequence[Case]) -> list[Outcome]:
        return [self.run(cases[0])]

    def restart(self, before: Sequence[Case] = ()) -> None:
        self.subject.restart(before)


def replayed(implementation: Implementation, law: Law, case: Case, rulings: Mapping[str, str]) -> Replay:
    """The round of a law over a case, by the readings that `rulings` leave; raises ValueError for a case that the law is not about."""
    noting = Noting(implementation)
    trial = Trial(law=law, implementation=noting, readings=in_force(law.clause, rulings))
    try:
        trial.round(case)
    except Deviation as deviation:
        return Replay(calls=tuple(noting.notes), case=deviation.case, found=deviation.found)
    alone = trial.refused if trial.refused and not trial.accepted else None
    return Replay(calls=tuple(noting.notes), case=alone.case if alone else case, found=alone.found if alone else None)
