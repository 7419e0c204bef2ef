"""The result of mutation testing: how many small changes of convt's own implementation are found, and why the others may stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from operator import index
from pathlib import Path
from typing import Any

import pandas as pd

from convt_reports.frames import frame
from convt_reports.load import published
from convt_reports.tables import Table

KINDS = {
    "equivalent": "no call can tell it from the original",
    "slower": "the same results, in more time or memory",
    "wording": "only the text of an error differs",
    "unexplained": "no reason is kept for it",
}
MUTANT_COLUMNS = {
    "file": "of convt's own implementation",
    "function": "in which the change is",
    "line": "what stands there",
    "mutated": "what stood there instead",
    "kind": "; ".join(f"{kind}: {meaning}" for kind, meaning in KINDS.items()),
    "reason": "why it may stay",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Survivor:
    """A mutant that nothing finds: `line` in `function` of `file` became `mutated`, and `reason` says why it may stay."""

    file: str
    function: str
    line: str
    mutated: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutants:
    """What one run found; `timeouts` are among those killed by the tests."""

    tool: str
    python: str
    numpy: str
    date: str
    total: int
    killed_by_tests: int
    timeouts: int
    killed_only_by_laws: int
    survivors: tuple[Survivor, ...]

    @property
    def kinds(self) -> dict[str, str]:
        """What the kinds of the survivors mean."""
        return {kind: meaning for kind, meaning in KINDS.items() if any(each.kind == kind for each in self.survivors)}


def load_mutants(path: Path) -> Mutants:
    """What `nox -s mutants` wrote; raises RecordError."""
    return published(path, "result of mutation testing", "mutants", mutants_from)


def mutants_from(value: Mapping[str, Any]) -> Mutants:
    facts = {name: str(value[name]) for name in ("tool", "python", "numpy", "date")}
    total, tests, timeouts, laws = (index(value[name]) for name in ("mutants", "killed_by_tests", "timeouts", "killed_only_by_laws"))
    survivors = tuple(Survivor(**{name: str(each[name]) for name in MUTANT_COLUMNS}) for each in value["survivors"])
    if not 0 <= timeouts <= tests or laws < 0 or tests + laws + len(survivors) != total:
        raise ValueError(f"each mutant is killed or left, got mutants={total}, by_tests={tests}, by_laws={laws}, left={len(survivors)}")
    return Mutants(**facts, total=total, killed_by_tests=tests, timeouts=timeouts, killed_only_by_laws=laws, survivors=survivors)


def mutants_table(mutants: Mutants) -> Table:
    """The survivors among the report's tables; it is built of no records."""
    about = "Small changes of convt's own implementation that no test and no law finds, and why they may stay."
    return Table(name="mutants", about=about, columns=MUTANT_COLUMNS, build=lambda _: survivor_table(mutants))


def survivor_table(mutants: Mutants) -> pd.DataFrame:
    """One row per survivor."""
    return frame([asdict(each) for each in mutants.survivors], dict.fromkeys(MUTANT_COLUMNS, "str"))


def figure_table(mutants: Mutants) -> pd.DataFrame:
    """One row: how many mutants there are, and what becomes of them."""
    row = {
        "mutants": mutants.total,
        "killed by tests": mutants.killed_by_tests,
        "of these by the time limit": mutants.timeouts,
        "killed by laws only": mutants.killed_only_by_laws,
        "left": len(mutants.survivors),
    }
    return frame([row], dict.fromkeys(row, "int64"))
