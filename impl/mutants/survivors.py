"""Mutants that nothing kills, the reasons kept for them, and how both are published."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

KINDS = {
    "equivalent": "no call can tell it from the original",
    "slower": "the same results, in more time or memory",
    "wording": "only the text of an error differs",
}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Mutant:
    """One change: `line` as it stands in `function` of `file`, `mutated` as the tool left it, both without indentation."""

    file: str
    function: str
    line: str
    mutated: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a mutant may stay: `kind` is one of KINDS."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one run found; `timeouts` are among those killed by the tests, `by_laws` survived the tests."""

    tool: str
    python: str
    numpy: str
    date: str
    mutants: dict[str, int]
    by_tests: int
    timeouts: int
    by_laws: list[Mutant]
    survivors: list[Mutant]


def reasons(text: str) -> dict[Mutant, Reason]:
    """The reasons in a TOML text, one `[[mutant]]` per line of code with all its mutated forms; raises ValueError or KeyError."""
    found: dict[Mutant, Reason] = {}
    for entry in tomllib.loads(text).get("mutant", []):
        reason = Reason(kind=entry["kind"], text=entry["reason"])
        if reason.kind not in KINDS or not reason.text.strip():
            raise ValueError(
                f"a reason needs a text and one of the kinds {', '.join(KINDS)}, got kind={reason.kind!r} for {entry['line']!r}"
            )
        for mutated in entry["mutated"]:
            mutant = Mutant(file=entry["file"], function=entry["function"], line=entry["line"], mutated=mutated)
            if mutant in found:
                raise ValueError(f"one reason per mutant, got two for {mutant}")
            found[mutant] = reason
    return found


def mismatches(survivors: Sequence[Mutant], known: dict[Mutant, Reason]) -> list[str]:
    """What is wrong between survivors and reasons: a line for each survivor without a reason and each reason without a survivor."""
    without = [f"no reason for this survivor, kill it or add it to reasons.toml:\n{entry(each)}" for each in survivors if each not in known]
    gone = [f"a reason for what is no survivor, take it out of reasons.toml:\n{entry(each)}" for each in known if each not in survivors]
    return without + gone


def entry(mutant: Mutant) -> str:
    """The mutant as it is written in reasons.toml, without its reason."""
    fields = asdict(mutant) | {"mutated": [mutant.mutated]}
    return "[[mutant]]\n" + "\n".join(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items())


def as_json(measured: Measured, known: dict[Mutant, Reason]) -> str:
    """The figures for other tools, with every survivor and its reason."""
    figures: dict[str, Any] = {
        "tool": measured.tool,
        "python": measured.python,
        "numpy": measured.numpy,
        "date": measured.date,
        "mutants": sum(measured.mutants.values()),
        "killed_by_tests": measured.by_tests,
        "timeouts": measured.timeouts,
        "killed_only_by_laws": len(measured.by_laws),
        "survivors": [asdict(each) | explanation(known.get(each)) for each in sorted(measured.survivors)],
    }
    return json.dumps(figures, indent=2, ensure_ascii=False) + "\n"


def explanation(reason: Reason | None) -> dict[str, str]:
    return {"kind": reason.kind, "reason": reason.text} if reason else {"kind": "unexplained", "reason": ""}


def as_markdown(measured: Measured, known: dict[Mutant, Reason]) -> str:
    """The page that people read: figures, then each survivor as a change with its reason."""
    total, left = sum(measured.mutants.values()), len(measured.survivors)
    kinds = Counter(explanation(known.get(each))["kind"] for each in measured.survivors)
    lines = [
        "# Mutants of the bundled implementation",
        "",
        "Made by `nox -s mutants`; only the reasons are written by hand, in [mutants/reasons.toml](mutants/reasons.toml).",
        f"Measured {measured.date} with {measured.tool}, Python {measured.python}, NumPy {measured.numpy}.",
        "",
        "| mutants | killed by impl/tests | of these by the time limit | killed only by the laws | left |",
        "| --- | --- | --- | --- | --- |",
        f"| {total} | {measured.by_tests} | {measured.timeouts} | {len(measured.by_laws)} | {left} |",
        "",
        f"In each file: {', '.join(f'{file} {count}' for file, count in sorted(measured.mutants.items()))}.",
        "A mutant is one small change of `convt_impl`. It runs against impl/tests; what these do not kill is made in a copy of the package",
        "and runs against impl/tests once more and then against all laws at level smoke. A crash or a passed time limit is a kill.",
        "Left alone by the tool: properties and other decorated functions, statements outside functions, annotations, `len`, `isinstance`.",
        "",
        *section("Killed only by the laws", measured.by_laws, known),
        f"## Left: {', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items())) or 'none'}",
        "",
        *(f"* {kind}: {meaning}" for kind, meaning in KINDS.items() if kind in kinds),
        "",
        *changes(measured.survivors, known),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def section(title: str, mutants: Sequence[Mutant], known: dict[Mutant, Reason]) -> list[str]:
    return [f"## {title}", "", *changes(mutants, known)] if mutants else []


def changes(mutants: Sequence[Mutant], known: dict[Mutant, Reason]) -> list[str]:
    """Lines of Markdown: each changed line once, with all its mutants that have the same reason."""
    groups: dict[tuple[str, str, str, Reason | None], list[str]] = {}
    for each in sorted(mutants):
        groups.setdefault((each.file, each.function, each.line, known.get(each)), []).append(each.mutated)
    lines: list[str] = []
    for (file, function, line, reason), mutated in groups.items():
        told = f"{reason.kind}: {reason.text}" if reason else ""
        diff = [*prefixed("- ", line), *(part for each in mutated for part in prefixed("+ ", each))]
        lines += [f"`{function}` in {file}{f', {told}' if told else ''}", "", "```diff", *diff, "```", ""]
    return lines


def prefixed(mark: str, text: str) -> list[str]:
    return [mark + line for line in text.split("\n")]
