"""Tables and the summary as Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd

from convt_reports.absent import Absent, reason_table
from convt_reports.extras import NO_EXTRAS, Extras
from convt_reports.findings import MOST_PAIRS, Code, Finding, Findings, rows
from convt_reports.history import JUDGED, History, release_table, step_table
from convt_reports.kills import Kills, family_table, text_matrix
from convt_reports.mutants import Mutants, figure_table, survivor_table
from convt_reports.scripts import Scripts, script_figures, script_table
from convt_reports.tables import TABLES, Frames, Table
from convt_reports.tables.agreement import agreement_matrix
from convt_reports.tables.causes import power_matrix
from convt_reports.tables.exports import figures as export_figures
from convt_reports.tables.exports import lost
from convt_reports.tables.readings import matrix
from convt_reports.translations import Translations, translation_matrix

CODE = (
    *("saboteur", "only_by", "found_by", "condition", "where"),
    *("source_case", "target_case"),
    *("case", "command", "law", "reading", "ruling", "against", "smallest_difference"),
    *("file", "function", "line", "mutated"),
)
"""Columns whose texts stand as they are."""
CAUSES = ["implementation", "clauses", "verdict", "kinds", "condition", "failures", "passes", "command"]
RUNS = ["implementation", "version", "level", "seed", "laws", "conforms", "fails", "listed", "unsupported", "judged", "complete"]
EXPORTS = ["route", "clause", "title", "framework_verdict", "framework_reading", "route_verdict", "route_reading", "case", "command"]
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


def report_page(tables: Frames, found: Findings, extras: Extras = NO_EXTRAS) -> str:
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
        agreement_text(tables),
        *(export_blocks(tables["exports"]) if len(tables["exports"]) else ()),
        "## Power",
        "Cases, over all clauses, that a wrong answer could have failed, and the failure rate that no failure among them excludes at 95 %.",
        table_text(power_matrix(tables["power"], list(tables["runs"]["implementation"]))),
        "## Unsupported",
        unsupported_list(tables["unsupported"]),
        *(absent_blocks(extras.absent) if extras.absent else ()),
        *(script_blocks(extras.scripts) if extras.scripts else ()),
        *(translation_blocks(extras.translations) if extras.translations else ()),
        *(history_blocks(extras.history) if extras.history else ()),
        *(kill_blocks(extras.kills) if extras.kills else ()),
        *(mutant_blocks(extras.mutants) if extras.mutants else ()),
        "## Files",
        bullets([*map(links, [*TABLES, *extras.tables]), "for CI: [JUnit XML](junit.xml)", "to read: [the page](index.html)"]),
    )


def agreement_text(tables: Frames) -> str:
    """A row for each pair; for many pairs the shares only."""
    table = tables["agreement"]
    if len(table) <= MOST_PAIRS:
        return table_text(table[AGREEMENT])
    said = "A cell is the share of the cases computed by both that came out equal. "
    said += "The pairs are in [tables/agreement.md](tables/agreement.md)."
    return f"{said}\n\n{table_text(agreement_matrix(table, list(tables['runs']['implementation'])))}"


def absent_blocks(absent: Absent) -> list[str]:
    """What could not be judged, and why."""
    return ["## Absent", "What could not be judged where the report was made. That is no verdict.", table_text(reason_table(absent))]


def translation_blocks(translations: Translations) -> list[str]:
    """How many calls of each implementation have an equal one in each other."""
    said = "Calls of the implementation in a row, translated into the one of a column by `convt translate` and run in both, each in its "
    said += f"own environment, seed {translations.seed}, {translations.date}. A cell counts those that gave the same numbers to the bit, "
    said += f"out of those drawn; the others have no equal call there. {translations.verified:,} translations gave the same numbers, "
    said += f"{translations.wrong} did not. The reasons are in [tables/translations.md](tables/translations.md)."
    absent = bullets(f"{escaped(name)} could not be run: {escaped(why)}" for name, why in translations.absent.items())
    return ["## Translations", said, table_text(translation_matrix(translations)), absent]


def script_blocks(scripts: Scripts) -> list[str]:
    """How many deviations a program of the framework alone shows, and those that none shows by its one call."""
    said = "Each deviation as a program of the framework alone, run in a clean process of its environment, without convt."
    left = f"Deviations of these records without a program yet: {scripts.missing}. Run `nox -s scripts`." if scripts.missing else ""
    table = script_table(scripts)
    apart = table[table["shown"] != "yes"][["implementation", "version", "clauses", "case", "shown", "why", "command"]]
    words = bullets(f"{word}: {meaning}" for word, meaning in scripts.meanings.items() if word != "yes")
    rest = "All others are in [tables/scripts.md](tables/scripts.md)."
    return ["## Scripts", said, left, table_text(script_figures(scripts)), "### Not by one call", words, table_text(apart), rest]


def export_blocks(table: pd.DataFrame) -> list[str]:
    """What survives on each export route, and each clause that does not."""
    said = "A framework's own call, sent through its own exporter and run on the other side. All clauses are in "
    said += "[tables/exports.md](tables/exports.md)."
    return ["## Exports", said, table_text(export_figures(table)), "### Lost", table_text(lost(table)[EXPORTS])]


def history_blocks(history: History) -> list[str]:
    """What changed from release to release, clauses that the same case shows in one line; then the releases."""
    said = "Releases of frameworks on the same cases, and the first of them where a clause's verdict changed. One case shows each change, "
    said += "which both releases were asked again in fresh processes. All clauses are in [tables/history.md](tables/history.md)."
    words = bullets(f"{word}: {meaning}" for word, meaning in history.words.items())
    judged = bullets(f"{word}: {meaning}" for word, meaning in JUDGED.items())
    return ["## History", said, words, table_text(step_table(history)), "### Releases", judged, table_text(release_table(history))]


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
