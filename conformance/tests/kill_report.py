"""What the kill matrix says: who is found by whom, who by nobody, which law finds nobody alone. `python kill_report.py OUT` writes it."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kill_matrix import ALL, LEVEL, SEED, FirstLook, Kill, matrix
from saboteurs import implementation

from convt_conformance.confirmation import Confirmation
from convt_conformance.law import LAWS
from convt_conformance.laws import all_laws
from convt_conformance.results import Evidence, evidence
from convt_conformance.rounds import Rounds
from convt_conformance.trial import Trial
from convt_reports.kills import kills_from, text_matrix
from convt_spec.case import Case

EXCUSED: dict[str, str] = {}
"""Laws that find nobody alone, each with the reason why it stays."""


def smallest(kills: Sequence[Kill]) -> Evidence | None:
    """The plainest case on which a saboteur is killed: the smallest of the laws' first ones, made plainer where that can be done here."""
    shown = [each for each in kills if each.evidence]
    if not shown:
        return None
    first = min(shown, key=lambda each: Case.parse(each.evidence.case).size if each.evidence else ())
    saboteur, law = ALL[first.saboteur], LAWS[first.law]
    if saboteur.family in ("process", "state"):
        return first.evidence
    session = FirstLook(implementation=implementation(saboteur.parts), seed=SEED, examples=0)
    rounds = Rounds(trial=Trial(law=law, implementation=session.implementation, readings=session.readings(law.clause)))
    assert first.evidence
    rounds.hold(Case.parse(first.evidence.case))
    return evidence(Confirmation(rounds=rounds).smallest(rounds.failures)) if rounds.failures else first.evidence


def by_saboteur(kills: Sequence[Kill]) -> dict[str, list[Kill]]:
    return {name: [each for each in kills if each.saboteur == name] for name in ALL}


def unique(kills: Sequence[Kill]) -> dict[str, list[str]]:
    """By law, the saboteurs that no other law kills."""
    alone = [found[0] for found in by_saboteur(kills).values() if len(found) == 1]
    return {law.name: [each.saboteur for each in alone if each.law == law.name] for law in all_laws()}


def failings(kills: Sequence[Kill], excused: Mapping[str, str] = EXCUSED) -> list[str]:
    """What must not be said of a whole matrix."""
    found, alone = by_saboteur(kills), unique(kills)
    missed = [(name, law) for name, each in ALL.items() for law in each.laws if law not in {kill.law for kill in found[name]}]
    return [
        *(f"no law finds {name}" for name, each in found.items() if not each),
        *(f"{law} does not find {name}" for name, law in missed),
        *(f"{law} finds nobody whom no other law finds" for law, names in alone.items() if not names and law not in excused),
        *(f"{law} is excused, yet it finds {', '.join(names)} alone" for law, names in alone.items() if names and law in excused),
    ]


def published(kills: Sequence[Kill], jobs: int) -> dict[str, Any]:
    """The matrix as the report reads it."""
    found = by_saboteur(kills)
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        cases = pool.map(smallest, found.values(), chunksize=4)
    saboteurs = [
        {
            "name": name,
            "family": ALL[name].family,
            "form": ALL[name].form,
            "wrong": ALL[name].wrong,
            "killed_by": [each.law for each in found[name]],
            "smallest": asdict(case) if case else None,
        }
        for name, case in zip(found, cases, strict=True)
    ]
    return {
        "format": 1,
        "seed": SEED,
        "level": LEVEL,
        "laws": [{"law": law.name, "clause": law.clause} for law in all_laws()],
        "saboteurs": saboteurs,
    }


def main() -> int:
    """Write the matrix to a file; 1 if a saboteur survives or a law without an excuse kills nobody that others spare."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    kills = matrix(jobs=options.jobs)
    text = json.dumps(published(kills, options.jobs), indent=1) + "\n"
    options.out.write_text(text, encoding="utf-8")
    print(text_matrix(kills_from(json.loads(text)), list(kills_from(json.loads(text)).saboteurs)))
    wrong = failings(kills)
    print("\n".join(wrong), file=sys.stderr)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
