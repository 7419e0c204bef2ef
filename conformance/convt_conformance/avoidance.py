"""Cases that are expected to end or block the process, learned from those that did: left out once the fault is known well."""

from __future__ import annotations

from dataclasses import dataclass, field

from convt_conformance.causes import causes
from convt_conformance.conditions import Condition
from convt_spec.case import Case

LEAST = 3
"""Dead processes before anything is expected."""
PER_LAW = 2
"""Dead processes that a law sees for itself before it leaves cases out."""
ENOUGH = 24
"""Dead processes in a run after which no law needs to see more of the same."""
PROBES = 8
"""Of so many cases that are expected to do harm one is run all the same, to find out whether too much is left out."""
KEPT = 1000
"""Cases without harm that are remembered."""


@dataclass(slots=True)
class Avoidance:
    """The cases that cost a process so far, those that did not, and the conditions that tell them apart."""

    failing: list[Case] = field(default_factory=list)
    passing: list[Case] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    expected: int = 0

    def learn(self, case: Case) -> None:
        """A case that cost a process: the conditions are found anew."""
        self.failing.append(case)
        if len(self.failing) >= LEAST and not any(each.holds(case) for each in self.conditions):
            found = [cause.condition for cause in causes(self.failing, self.passing)]
            self.conditions = [each for each in found if each is not None and each.text]

    def spare(self, case: Case) -> None:
        """A case that did no harm; a condition that holds for it is wrong."""
        if len(self.passing) < KEPT or any(each.holds(case) for each in self.conditions):
            self.passing.append(case)
            self.conditions = [each for each in self.conditions if not each.holds(case)]

    def expects(self, case: Case, seen: int) -> bool:
        """Whether a case should be left out by a law that has seen this many dead processes."""
        if not self.conditions or (seen < PER_LAW and len(self.failing) < ENOUGH):
            return False
        if not any(each.holds(case) for each in self.conditions):
            return False
        self.expected += 1
        return self.expected % PROBES != 0
