"""Tables and the summary as Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd

from convt_reports.faults import NO_FAULTS, Faults
from convt_reports.findings import Code, Finding, Findings, rows
from convt_reports.kills import Kills, family_table, text_matrix
from convt_reports.mutants import Mutants, figure_table, survivor_table
from convt_reports.tables import TABLES, Frames, Table
from convt_reports.tables.causes import power_matrix
from convt_reports.tables.readings import matrix

CODE = (
    *("saboteur", "only_by", "found_by", "condition", "where"),
    *("case", "command", "law", "reading", "ruling", "against", "smallest_difference"),
    *("file", "function", "line", "mutated"),
)
"""Columns whose texts stand as they are."""
CAUSES = ["implementation", "clauses", "verdict", "kinds", "condition", "failures", "passes", "command"]
RUNS = ["implementation", "version", "level", "seed", "laws", "conforms", "fails", "listed", "unsupported", "judged", "complete"]
AGREEMENT = ["first", "second", "both_computed", "equal", "different", "share", "one_rejected", "unsupported", "smallest_difference"]


def escaped(text: str) -> str:
    """Text that Markdown shows as it is; an underscore inside a word needs nothing."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"[\\`*\[\]|~#]|(?<![^\W_])_|_(?![^\W_])", r"\\\g<0>", text)


def code(text: str) -> str:
    """Text in a code span; a text with a backtick or a bar is escaped instead, since a table cannot hold it in a span."""
    fits = text and "`" not in text and "|" not in text and text == text.strip()
    return f"`{text}`" if fits else escaped(text)


def cell(value: Any, column: str) -> str:
    if value is None or pd.isna(value):
        return ""
    return code(str(value)) if column in CODE else escaped(str(value))


def table_text(table: pd.DataFrame) -> str:
    """A frame as a Markdown table; a word when it has no rows."""
    if table.empty:
        return "None."
    columns = [str(name) for name in table.columns]
    rule = ["---:" if pd.api.types.is_numeric_dtype(kind) else "---" for kind in table.dtypes]
    body = [[cell(value, name) for name, value in zip(columns, each, strict=True)] for each in table.itertuples(index=False)]
    return "\n".join(f"| {' | '.join(line)} |" for line in [[escaped(name) for name in columns], rule, *body])


def table_page(table: Table, frame: pd.DataFrame) -> str:
    """A table with a sentence about it and the meaning of its columns."""
    meanings = {"one for each implementation" if name == "*" else code(name): text for name, text in table.columns.items()}
    legend = bullets(f"{name}: {text}" for name, text in meanings.items())
    return joined(f"# {table.name.capitalize()}", table.about, table_text(frame), "## Columns", legend)


def joined(*blocks: str) -> str:
    """Blocks with one empty line between, leaving out the empty ones."""
    return "\n\n".join(block for block in blocks if block) + "\n"


def bullets(lines: Any) -> str:
    return "\n".join(f"* {line}" for line in lines)


def sentence(finding: Finding) -> str:
    said = "".join(code(part) if isinstance(part, Code) else escaped(part) for part in finding.parts)
    clause = f" ({finding.clause}):" if finding.clause else ""
    return f"**{escaped(finding.head)}{clause}** {said}"


def section(title: str, found: Sequence[Finding]) -> str:
    return f"### {title}\n\n{bullets(map(sentence, found))}" if found else ""


def report_page(tables: Frames, found: Findings, faults: Faults = NO_FAULTS) -> str:
    """The summary: warnings, findings, who was judged, the verdicts, the readings, what fails, and where the tables are."""
    return joined(
        "# Conformance report",
        "\n>\n".join(f"> **Warning.** {sentence(each)}" for each in found.warnings),
        "## Findings",
        section("Who was judged", found.summary),
        section("Which reading is followed", found.readings),
        section("What fails", found.deviations),
        section("Who computes the same", found.agreement),
        "## Runs",
        table_text(tables["runs"][RUNS]),
        "## Verdicts",
        table_text(tables["verdicts"]),
        "## Readings",
        table_text(matrix(tables["readings"])),
        "## Deviations",
        deviation_list(tables["deviations"]),
        "## Causes",
        "What is behind the failures that no known deviation explains.",
        table_text(tables["causes"][CAUSES]),
        "## Agreement",
        table_text(tables["agreement"][AGREEMENT]),
        "## Power",
        "Cases, over all clauses, that a wrong answer could have failed, and the failure rate that no failure among them excludes at 95 %.",
        table_text(power_matrix(tables["power"], list(tables["runs"]["implementation"]))),
        "## Unsupported",
        unsupported_list(tables["unsupported"]),
        *(kill_blocks(faults.kills) if faults.kills else ()),
        *(mutant_blocks(faults.mutants) if faults.mutants else ()),
        "## Files",
        bullets([*map(links, [*TABLES, *faults.tables]), "for CI: [JUnit XML](junit.xml)", "to read: [the page](index.html)"]),
    )


def kill_blocks(kills: Kills) -> list[str]:
    """What the laws can see, by family; `#` marks a saboteur that no other law finds."""
    said = f"{len(kills.saboteurs)} implementations that are wrong on purpose, against {len(kills.laws)} laws at level {kills.level}, "
    said += f"seed {kills.seed}. The small cases are in [tables/kills.md](tables/kills.md)."
    marks = "A column is a law, its clause written downwards. `x`: the law finds it, and so do others. `#`: no other law finds it."
    drawn = [f"### {escaped(name.capitalize())}\n\n```\n{text_matrix(kills, members)}\n```" for name, members in kills.families.items()]
    return ["## Kills", said, table_text(family_table(kills)), marks, *drawn]


def mutant_blocks(mutants: Mutants) -> list[str]:
    """What mutation testing found, and each survivor with its reason."""
    said = f"{mutants.total} small changes of convt's own implementation, held against its tests and, where these find nothing, against "
    said += escaped(f"the laws. Made by {mutants.tool} with Python {mutants.python} and NumPy {mutants.numpy} on {mutants.date}.")
    kinds = bullets(f"{kind}: {meaning}" for kind, meaning in mutants.kinds.items())
    return ["## Mutants", said, table_text(figure_table(mutants)), "### Left", kinds, table_text(survivor_table(mutants))]


def deviation_list(table: pd.DataFrame) -> str:
    """Each deviation with its case, what was seen, what is required, and the command."""
    return "\n\n".join(map(deviation_item, rows(table))) or "None."


def deviation_item(row: dict[Any, Any]) -> str:
    what = ", ".join(part for part in (row["verdict"], row["kind"], f"not {row['reading']}" if row["reading"] else "") if part)
    known = f"listed: {row['listed_reason']} {row['link']}".strip() if row["listed"] == "yes" else "new"
    facts = [f"observed: {escaped(row['observed'])}", f"required: {escaped(row['required'])}", code(row["command"])] if row["case"] else []
    facts += [escaped(row["note"])] if row["note"] else []
    head = f"**{row['clause']} {escaped(row['title'])}. {escaped(row['implementation'])}: {escaped(what)}** ({escaped(known)})"
    return "\n".join([f"* {head}", *(f"  * {fact}" for fact in facts)])


def unsupported_list(table: pd.DataFrame) -> str:
    """Each reason with the clauses that it keeps from being asked."""
    groups = table.groupby(["implementation", "reason"], sort=False)["clause"]
    said = [f"**{escaped(str(name))}**: {escaped(str(reason))} ({', '.join(dict.fromkeys(each))})" for (name, reason), each in groups]
    return bullets(said) or "None."


def links(table: Table) -> str:
    kinds = ", ".join(f"[{kind}](tables/{table.name}.{ending})" for kind, ending in (("CSV", "csv"), ("JSON", "json"), ("Markdown", "md")))
    return f"{table.name}: {kinds}. {table.about}"
