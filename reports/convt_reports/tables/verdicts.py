"""Which clause holds where, and what fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from convt_conformance.records import Record
from convt_reports import frames
from convt_reports.load import labels
from convt_spec import clauses

VERDICT_COLUMNS = {
    "clause": "id of the clause, in the order of the specification",
    "title": "its title",
    "status": "sound, ambiguous, contradictory or implied",
    "*": "worst verdict of the clause's laws, then the kind of deviation; `(listed)` when every failing law is a known deviation; "
    "`not judged` when the record has no law of the clause",
}
DEVIATION_COLUMNS = {
    "implementation": "what the report calls it",
    "version": "its version",
    "clause": "id of the clause",
    "title": "the clause's title",
    "law": "the law that failed",
    "verdict": "deviates, crashes, hangs, exhausts-memory or mistrusted",
    "kind": "how it deviates, e.g. value or accepts-invalid",
    "reading": "for kind `reading`, where each case fits some reading and none fits all: the reading that this row's case refutes",
    "case": "the smallest case",
    "observed": "what the implementation did there",
    "required": "what the clause, or the reading, asks for",
    "note": "what the run said beside",
    "listed": "yes when it is a known deviation",
    "listed_reason": "the reason that the list gives",
    "link": "where to read more",
    "command": "shows the case beside the exact answer",
}
UNSUPPORTED_COLUMNS = {
    "implementation": "what the report calls it",
    "version": "its version",
    "clause": "id of the clause",
    "title": "the clause's title",
    "law": "the law that had no case to run",
    "reason": "why the implementation has no such call",
}


def cells(records: Sequence[Record]) -> pd.DataFrame:
    """One row per clause and implementation that was judged: worst `verdict`, its kinds, and whether all failures are listed."""
    results = frames.results(records)
    keys = ["clause", "implementation"]
    results["excused"] = ~results["failed"] | results["listed"]
    worst = results[results["rank"] == results.groupby(keys)["rank"].transform("min")]
    found = worst.groupby(keys).agg(verdict=("verdict", "first"), kind=("kind", kinds), failed=("failed", "any"))
    found["listed"] = found["failed"] & results.groupby(keys)["excused"].all()
    return found


def kinds(found: pd.Series[str]) -> str:
    return " and ".join(sorted(set(found) - {""}))


def verdicts(records: Sequence[Record]) -> pd.DataFrame:
    """Clause by implementation."""
    found = cells(records)
    texts = found["verdict"] + found["listed"].map({True: " (listed)", False: ""}).astype(str)
    texts = texts + found["kind"].map(lambda kind: f", {kind}" if kind else "").astype(str)
    wide = texts.unstack("implementation").reindex(index=list(clauses.inventory()), columns=list(labels(records)))
    described = [{"clause": each.id, "title": each.title, "status": each.status} for each in clauses.inventory().values()]
    return pd.DataFrame(described).join(wide.astype(object).fillna("not judged").astype(str), on="clause")


def deviations(records: Sequence[Record]) -> pd.DataFrame:
    """One row per failed law; where no single reading fits, one per reading with the smallest case against it."""
    results = frames.results(records)
    rows = [row for each in results[results["failed"]].to_dict("records") for row in deviation_rows(each)]
    return frames.frame(rows, dict.fromkeys(DEVIATION_COLUMNS, "str"))


def deviation_rows(result: dict[Any, Any]) -> Iterator[dict[str, Any]]:
    facts = {name: result[name] for name in DEVIATION_COLUMNS if name in result}
    facts |= {"listed": "yes" if result["listed"] else "no", "reading": ""}
    readings = clauses.find(result["clause"]).readings
    refuted = sorted(result["refuted"].items(), key=lambda pair: readings.index(pair[0]) if pair[0] in readings else len(readings))
    if result["kind"] != "reading" or not refuted:
        law = result["law"] if result["verdict"] == "deviates" else ""
        yield {**facts, "command": frames.repro(result["record"], result["evidence"], [result["clause"]], law)}
        return
    for reading, seen in refuted:
        evidence = {name: seen[name] for name in ("case", "observed", "required")}
        yield {
            **facts,
            **evidence,
            "reading": reading,
            "command": frames.repro(result["record"], seen, [result["clause"]], reading=reading),
        }


def unsupported(records: Sequence[Record]) -> pd.DataFrame:
    """One row per law for which the implementation has no call."""
    results = frames.results(records)
    found = results[results["verdict"] == "unsupported"].rename(columns={"note": "reason"})
    return found[list(UNSUPPORTED_COLUMNS)].reset_index(drop=True)
