"""Which reading of an ambiguous or contradictory clause an implementation follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from convt_conformance.judge import VERDICTS
from convt_conformance.records import Line, Record
from convt_reports import frames
from convt_reports.load import labels
from convt_spec import clauses
from convt_spec.clauses import Clause

COLUMNS = {
    "clause": "id of a clause with several readings, in the order of the specification",
    "title": "its title",
    "status": "ambiguous or contradictory",
    "ruling": "the reading that the specification rules for",
    "implementation": "what the report calls it",
    "version": "its version",
    "follows": "the one reading that fits every case; `none`; `not told apart: a or b`; `unsupported`; a verdict such as `crashes`; "
    "`not judged`; `(enforced)` after a reading that the run was told to enforce, the only one that was then tried",
    "case": "the smallest case that tells readings apart",
    "observed": "what the implementation did there",
    "against": "the readings that this case refutes",
    "required": "what the first of them asks for",
    "note": "why it is unsupported, or what the run said beside",
}


UNSTEADY = ("not-deterministic", "depends-on-order")


def readings(records: Sequence[Record]) -> pd.DataFrame:
    """One row per clause with several readings and implementation."""
    several = [clause for clause in clauses.inventory().values() if clause.has_readings]
    rows = [row(clause, label, record) for clause in several for label, record in labels(records).items()]
    return frames.frame(rows, dict.fromkeys(COLUMNS, "str"))


def row(clause: Clause, label: str, record: Record) -> dict[str, Any]:
    found = sorted((line for line in record.results if line["clause"] == clause.id), key=lambda line: str(line["law"]))
    facts = {"clause": clause.id, "title": clause.title, "status": clause.status, "ruling": clause.ruling}
    notes = dict.fromkeys(line["reason"] for line in found if line["reason"])
    return {
        **facts,
        "implementation": label,
        "version": record.version,
        "follows": followed(clause, found, record.header["rulings"].get(clause.id, "")),
        **telling(clause, found),
        "note": "; ".join(notes),
    }


def followed(clause: Clause, found: Sequence[Line], enforced: str) -> str:
    """What the laws of a clause say of its readings, in one or a few words."""
    asked = [line for line in found if line["verdict"] != "unsupported"]
    if not asked:
        return "unsupported" if found else "not judged"
    broken = next((line for line in asked if line["verdict"] in VERDICTS[:3] or line["kind"] in UNSTEADY), None)
    if broken:
        return str(broken["kind"] or broken["verdict"])
    deviates = any(line["verdict"] == "deviates" for line in asked)
    if enforced:
        return f"{'not ' if deviates else ''}{enforced} (enforced)"
    if deviates:
        return "none"
    fits = [set(line["follows"]) for line in asked if line["follows"]]
    left = [reading for reading in clause.readings if fits and all(reading in each for each in fits)]
    if len(left) > 1:
        return f"not told apart: {' or '.join(left)}"
    return left[0] if left else "none" if fits else "not judged"


def telling(clause: Clause, found: Sequence[Line]) -> dict[str, str]:
    """The smallest case that refutes a reading, what was seen there, and which readings it refutes."""
    seen = [line for line in found if line["evidence"]]
    if not seen:
        return {"case": "", "observed": "", "against": "", "required": ""}
    line = min(seen, key=lambda each: (len(each["evidence"]["case"]), each["evidence"]["case"]))
    evidence = line["evidence"]
    against = [reading for reading in clause.readings if line["refuted"].get(reading, {}).get("case") == evidence["case"]]
    return {
        "case": evidence["case"],
        "observed": evidence["observed"],
        "against": ", ".join(against),
        "required": line["refuted"][against[0]]["required"] if against else evidence["required"],
    }


def matrix(table: pd.DataFrame) -> pd.DataFrame:
    """The readings table in short: clause by implementation, with the reading that is followed."""
    wide = table.pivot(index="clause", columns="implementation", values="follows").reindex(index=table["clause"].unique())
    described = table.drop_duplicates("clause")[["clause", "title", "status", "ruling"]].set_index("clause")
    return described.join(wide).reset_index()
