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
ENOUGH, ENOUGH_SECONDS = 24, 60.0
"""Dead processes in a run after which no law needs to see more of the same, or seconds lost to them."""
PROBES, CHEAP_SECONDS = 8, 0.25
"""Of so many cases that are expected to do harm one is run all the same, to find out whether too much is left out: of proportionally
more where a dead process costs more seconds than a crash does."""
KEPT = 1000
"""Cases without harm that are remembered."""


@dataclass(slots=True)
class Avoidance:
    """The cases that cost a process so far, those that did not, and the conditions that tell them apart."""

    failing: list[Case] = field(default_factory=list)
    passing: list[Case] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    expected: int = 0
    lost: float = 0.0

    def learn(self, case: Case, seconds: float = CHEAP_SECONDS) -> None:
        """A case that cost a process and so many seconds: the conditions are found anew. One without words says that all cases do."""
        self.failing.append(case)
        self.lost += seconds
        if len(self.failing) >= LEAST and not any(each.holds(case) for each in self.conditions):
            found = [cause.condition for cause in causes(self.failing, self.passing)]
            self.conditions = [each for each in found if each is not None and (each.text or not self.passing)]

    def spare(self, case: Case) -> None:
        """A case that did no harm; a condition that holds for it is wrong."""
        if len(self.passing) < KEPT or any(each.holds(case) for each in self.conditions):
            self.passing.append(case)
            self.conditions = [each for each in self.conditions if not each.holds(case)]

    def expects(self, case: Case, seen: int) -> bool:
        """Whether a case should be left out by a law that has seen this many dead processes."""
        enough = len(self.failing) >= ENOUGH or self.lost >= ENOUGH_SECONDS
        if (seen < PER_LAW and not enough) or not any(each.holds(case) for each in self.conditions):
            return False
        self.expected += 1
        cost = self.lost / max(len(self.failing), 1)
        return self.expected % round(PROBES * max(cost / CHEAP_SECONDS, 1)) != 0

    def told(self) -> str:
        """What ends the process, in words."""
        return " or ".join(str(each) or "every call" for each in self.conditions)
