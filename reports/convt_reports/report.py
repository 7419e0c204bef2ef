"""A report in a folder, all of it or nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from convt_conformance.records import Record
from convt_reports import tables
from convt_reports.extras import NO_EXTRAS, Extras
from convt_reports.findings import findings
from convt_reports.junit import junit
from convt_reports.load import printable
from convt_reports.markdown import report_page, table_page
from convt_reports.pages import index_page
from convt_reports.tables import TABLES, Frames, Table


def write_report(records: Sequence[Record], out: Path, extras: Extras = NO_EXTRAS) -> list[Path]:
    """Write tables/, report.md, index.html and junit.xml into `out` and return their paths; an earlier report there is replaced.

    With `extras` the report also shows what does not come from records.

    The files are made in a hidden folder inside `out`, which is sure to be on the same file system, and moved at the end.
    """
    if not records:
        raise ValueError("a report needs at least one record")
    texts = report_files(records, extras)
    targets = [out / name for name in texts]
    blocked = next((path for path in targets if path.is_dir()), None)
    if blocked:
        raise IsADirectoryError(f"{blocked} is a folder where the report needs a file: remove it, or choose another folder")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".report-", dir=out) as made:
        (Path(made) / "tables").mkdir()
        for name, text in texts.items():
            (Path(made) / name).write_text(text, encoding="utf-8", newline="\n")
        (out / "tables").mkdir(exist_ok=True)
        return [(Path(made) / name).replace(out / name) for name in texts]


def report_files(records: Sequence[Record], extras: Extras = NO_EXTRAS) -> dict[str, str]:
    """The texts of all files, by name."""
    records = [printable(record) for record in records]
    frames = tables.build(records)
    found = findings(frames)
    return {
        **table_files(TABLES, frames),
        **table_files(extras.tables, {table.name: table.build(()) for table in extras.tables}),
        "report.md": report_page(frames, found, extras),
        "index.html": index_page(records, frames, found, extras),
        "junit.xml": junit(records),
    }


def table_files(those: Sequence[Table], frames: Frames) -> dict[str, str]:
    """Each table as CSV, JSON and Markdown, by file name."""
    files: dict[str, str] = {}
    for table in those:
        files.update(table_texts(table, frames[table.name]))
    return files


def table_texts(table: Table, frame: pd.DataFrame) -> dict[str, str]:
    name = f"tables/{table.name}"
    csv = frame.to_csv(index=False, lineterminator="\n")
    return {f"{name}.csv": csv, f"{name}.json": json_text(frame), f"{name}.md": table_page(table, frame)}


def json_text(frame: pd.DataFrame) -> str:
    """A list of one object per row."""
    return frame.to_json(orient="records", indent=2, force_ascii=False) + "\n"
