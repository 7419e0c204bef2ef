"""`convt explain`: a clause, its readings, and who follows which."""

from __future__ import annotations

import argparse
from pathlib import Path

from convt.command import UsageError
from convt.commands import implementation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("clause", nargs="?", metavar="CLAUSE", help="a clause such as S3; without one, all clauses are listed")
    parser.add_argument("--records", nargs="*", type=Path, default=[], metavar="RECORD", help="records that say who follows which reading")


def run(options: argparse.Namespace) -> int:
    """Print one clause, or the list of all; always 0."""
    from convt_spec import clauses

    if options.clause is None and options.records:
        raise UsageError("which clause? give it before --records, e.g. `convt explain S3 --records DIR/torch.jsonl`")
    with implementation.plain_errors():
        if options.clause is None:
            for each in clauses.inventory().values():
                print(f"{each.id:<4}{each.status:<15}{each.title}")
            return 0
        clause = clauses.find(options.clause)
    print(f"{clause.id}. {clause.title}\n")
    print(f"stands in  {', '.join(clause.statements)} of the document\nkind       {clause.kind}\nstatus     {clause.status}")
    print(f"readings   {', '.join(clause.readings)}\nruling     {clause.ruling}\n\n{clause.text}")
    for record in options.records:
        print(f"\n{followed(record, clause.id)}")
    return 0


def followed(path: Path, clause: str) -> str:
    """What a record says of a clause."""
    from convt_conformance import records

    try:
        record = records.read(path)
    except records.RecordError as error:
        raise UsageError(str(error)) from error
    said = []
    for result in record.results:
        if result["clause"] == clause:
            follows = f", follows {' or '.join(result['follows'])}" if result["follows"] else ""
            smallest = f"; smallest case {result['evidence']['case']}" if result["evidence"] else ""
            reason = f" ({result['reason']})" if result["reason"] else ""
            said.append(f"{result['verdict']}{follows}{reason}{smallest}")
    return f"{record.name} {record.version}: {' | '.join(said) or 'not judged'}"
