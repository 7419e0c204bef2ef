"""Measure what implementations follow, and verify the translations between all ordered pairs of them: run by nox.

For each pair, calls of one are drawn, translated into the other, and both are run with the same arrays, each in its own environment.
A call counts as verified where both give the exact result that the first one means, to the bit.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from environments import digest, interpreter, sources

from convt_conformance.adapters.catalogue import CATALOGUE
from convt_conformance.isolation import Isolated
from convt_conformance.outcomes import CannotRun, Computed, Outcome
from convt_conformance.records import Record, RecordError, read
from convt_conformance.translation.calls import in_the_form_of, translated
from convt_conformance.translation.subjects import FOLLOWED, NoCall, Subject, followed, subject
from convt_spec.case import Case, Integers
from convt_spec.interpretation import Answer
from convt_spec.lengths import full_length
from convt_spec.oracle import exact
from convt_spec.problem import OMITTED, Items, Problem

HEAD = "# Which reading of each clause an implementation follows, as its record says; made by `nox -s translations`, not by hand.\n"
SAME_CALL = (
    *("torch:", "tensorflow:", "paddle:", "ncnn:", "litert:", "tflite:", "exported:"),
    *("jax:jit", "jax:general-jit", "jax:gpu", "onnx:shapes"),
)
"""How names begin whose arguments are those of another implementation here, or which compute no numbers."""
DRAWN = 2000
"""Calls that are drawn for all implementations together; each takes the first ones that it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A call of one implementation, and its translation into another."""

    source: Case
    target: Case
    meaning: Answer


@dataclass(slots=True, kw_only=True)
class Cell:
    """What became of the calls of one implementation in another one."""

    problems: int = 0
    verified: int = 0
    lacking: dict[str, int] = field(default_factory=dict)
    wrong: list[Pair] = field(default_factory=list)


def drawn(choose: random.Random) -> Problem:
    """A call with small sizes and plain arguments in the document's words."""
    stride, dilation, groups = choose.choice((1, 1, 2, 2, 3, 4)), choose.choice((1, 1, 1, 2, 3)), choose.choice((1, 1, 1, 2, 3))
    length, kernel = choose.randint(1, 9), choose.randint(1, 6)
    full = full_length(length, kernel, stride, dilation)
    crop = choose.randint(0, 3)
    padding = choose.choice((OMITTED, crop, crop, Items("list", (crop, choose.randint(0, 3))), "VALID", "SAME", "SAME"))
    longer = choose.choice((OMITTED, OMITTED, "output_padding", "output_size"))
    kept = length * stride if padding == "SAME" else full - (2 * crop if padding == crop else sum(getattr(padding, "values", ())))
    added = choose.randint(0, stride)
    return Problem(
        batch=choose.randint(1, 2),
        in_channels=groups * choose.randint(1, 2),
        out_channels=groups * choose.randint(1, 3),
        length=length,
        kernel_size=kernel,
        stride=stride if stride > 1 else OMITTED,
        padding=padding,
        output_padding=added if longer == "output_padding" and added else OMITTED,
        output_size=max(kept - (stride - 1 if padding == "SAME" else 0) + added, 1) if longer == "output_size" else OMITTED,
        groups=groups if groups > 1 else OMITTED,
        dilation=dilation if dilation > 1 else OMITTED,
        bias=choose.random() < 0.3,
    )


def own_calls(subject: Subject, problems: Iterable[Problem], most: int) -> list[tuple[Problem, Answer]]:
    """The first of the calls that the implementation has, in its own form, with what they mean."""
    found: list[tuple[Problem, Answer]] = []
    for problem in problems:
        if len(found) == most:
            break
        own = in_the_form_of(subject, problem)
        try:
            found.append((own, subject.meaning(own)))
        except NoCall:
            continue
    return found


def case(problem: Problem, number: int) -> Case:
    return Case(problem=problem, dtype="float32", data=Integers(number + 1))


def planned(subjects: Sequence[Subject], most: int, seed: int) -> dict[tuple[str, str], tuple[Cell, list[Pair]]]:
    """For each ordered pair the calls that can be translated, and how many cannot."""
    choose = random.Random(seed)
    problems = list(dict.fromkeys(drawn(choose) for _ in range(DRAWN)))
    plan: dict[tuple[str, str], tuple[Cell, list[Pair]]] = {}
    for source in subjects:
        own = own_calls(source, problems, most)
        for target in subjects:
            if target.name == source.name:
                continue
            cell, pairs = Cell(problems=len(own)), []
            for number, (problem, meaning) in enumerate(own):
                try:
                    other = translated(problem, source, target)
                except NoCall as error:
                    for reason in error.behind[:1] or (error.reason,):
                        cell.lacking[reason] = cell.lacking.get(reason, 0) + 1
                else:
                    pairs.append(Pair(source=case(problem, number), target=case(other, number), meaning=meaning))
            plan[source.name, target.name] = cell, pairs
    return plan


def text_of(outcome: Outcome, layout: str) -> str:
    """An outcome that can be compared: the shape and numbers of a result in (N, C_out, L_out), or what it was instead."""
    if not isinstance(outcome, Computed) or outcome.array is None or outcome.array.ndim != 3:
        return str(outcome)
    array = outcome.array.transpose(0, 2, 1) if layout == "NLC" else outcome.array
    return numbers_text(array)


def numbers_text(array: Any) -> str:
    return f"{array.shape} {[float(each) + 0.0 for each in np.asarray(array, dtype=np.float64).reshape(-1)]}"


@cache
def required(case: Case, meaning: Answer) -> str:
    """What the call means, as `text_of` gives it."""
    return numbers_text(exact(case, meaning).values)


def run(name: str, cases: Sequence[Case], cache_folder: Path, kept: Path) -> dict[str, str] | str:
    """What becomes of each case, by its text, of earlier runs too while nothing changed; or why the implementation cannot run."""
    entry = CATALOGUE[name]
    path, wanted, found = kept / f"{name.replace(':', '-')}.json", digest(sources(entry)), dict[str, str]()
    if path.is_file() and (made := json.loads(path.read_text(encoding="utf-8")))["of"] == wanted:
        found = made["found"]
    new = [each for each in cases if str(each) not in found]
    if new:
        with Isolated(name, python=interpreter(entry, cache_folder)) as judged:
            try:
                outcomes = judged.run_many(new)
            except CannotRun as error:
                return str(error)
        found |= {str(each): text_of(outcome, each.layout) for each, outcome in zip(new, outcomes, strict=True)}
        path.write_text(json.dumps({"of": wanted, "found": found}), encoding="utf-8")
    return found


def compared(cell: Cell, pairs: Sequence[Pair], source: dict[str, str], target: dict[str, str]) -> None:
    """Count in a cell what is verified, and keep what is wrong."""
    for pair in pairs:
        asked = required(pair.source, pair.meaning)
        if source[str(pair.source)] == target[str(pair.target)] == asked:
            cell.verified += 1
        else:
            cell.wrong.append(pair)


def measured(folder: Path) -> dict[str, Record]:
    """The complete records of built-in implementations, in the catalogue's order."""
    found: dict[str, Record] = {}
    for path in sorted(folder.glob("*.jsonl")):
        try:
            record = read(path)
        except RecordError as error:
            print(f"left out: {error}", file=sys.stderr)
            continue
        found[record.name] = record
    return {name: found[name] for name in CATALOGUE if name in found}


def write_followed(records: dict[str, Record]) -> None:
    """The readings as the file that `convt translate` uses."""
    parts = [HEAD]
    for name, record in records.items():
        values = {"version": record.version.partition("+")[0], **followed(record)}
        parts.append(f'["{name}"]\n' + "".join(f'{key} = "{value}"\n' for key, value in values.items()))
    FOLLOWED.write_text("\n".join(parts), encoding="utf-8")


def cell_line(names: tuple[str, str], cell: Cell, results: dict[str, dict[str, str]]) -> dict[str, Any]:
    """A cell as JSON."""
    source, target = names
    line: dict[str, Any] = {"source": source, "target": target, "problems": cell.problems, "verified": cell.verified}
    wrong = min(cell.wrong, key=lambda pair: pair.source.size, default=None)
    line["not_expressible"] = sum(cell.lacking.values())
    line["reason"] = max(cell.lacking, key=cell.lacking.__getitem__, default="")
    line["wrong"] = None
    if wrong:
        line["wrong"] = {
            "count": len(cell.wrong),
            "source_case": str(wrong.source),
            "target_case": str(wrong.target),
            "source_gave": results[source][str(wrong.source)],
            "target_gave": results[target][str(wrong.target)],
            "required": required(wrong.source, wrong.meaning),
        }
    return line


def main() -> int:
    """0 when every translation that exists gives equal numbers, 1 when one does not, 3 when fewer than two could be run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=Path, help="the folder of the records that say what each follows")
    parser.add_argument("--cache", type=Path, required=True, help="the folder of the environments")
    parser.add_argument("--kept", type=Path, required=True, help="the folder of what was run before")
    parser.add_argument("--out", type=Path, required=True, help="the file of the result")
    parser.add_argument("--problems", type=int, default=60, help="calls of each implementation")
    parser.add_argument("--seed", type=int, default=20240501)
    options = parser.parse_args()
    options.kept.mkdir(parents=True, exist_ok=True)
    records = measured(options.records)
    write_followed(records)
    names = [name for name in records if not name.startswith(SAME_CALL)]
    subjects = [subject(name, {"version": records[name].version.partition("+")[0], **followed(records[name])}) for name in names]
    plan = planned(subjects, options.problems, options.seed)
    results: dict[str, dict[str, str]] = {}
    absent: dict[str, str] = {}
    for name in names:
        cases = [pair.source for (source, _), (_, pairs) in plan.items() if source == name for pair in pairs]
        cases += [pair.target for (_, target), (_, pairs) in plan.items() if target == name for pair in pairs]
        found = run(name, list(dict.fromkeys(cases)), options.cache, options.kept)
        if isinstance(found, str):
            absent[name] = found
        else:
            results[name] = found
            print(f"{name}: {len(found)} calls", flush=True)
    cells = []
    for both, (cell, pairs) in plan.items():
        if set(both) <= set(results):
            compared(cell, pairs, results[both[0]], results[both[1]])
            cells.append(cell_line(both, cell, results))
    versions = {name: records[name].version for name in results}
    facts = {"date": datetime.now(UTC).date().isoformat(), "seed": options.seed, "versions": versions, "absent": absent}
    options.out.write_text(json.dumps({**facts, "cells": cells}, indent=1) + "\n", encoding="utf-8")
    wrong = [each for each in cells if each["wrong"]]
    for each in wrong:
        print(f"{each['source']} to {each['target']}: {each['wrong']['count']} of {each['problems']} differ\n  {each['wrong']}")
    verified, expressible = sum(each["verified"] for each in cells), sum(each["problems"] - each["not_expressible"] for each in cells)
    print(f"{len(cells)} ordered pairs, {verified} of {expressible} translations verified")
    if not cells:
        return 3
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
