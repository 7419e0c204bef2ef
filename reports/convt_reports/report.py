"""A report in a folder, all of it or nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from convt_conformance.records import Record
from convt_reports import tables
from convt_reports.findings import findings
from convt_reports.junit import junit
from convt_reports.kills import KILL_COLUMNS, Kills, kill_table
from convt_reports.load import printable
from convt_reports.markdown import report_page, table_page
from convt_reports.pages import index_page
from convt_reports.tables import TABLES, Frames, Table


def write_report(records: Sequence[Record], out: Path, kills: Kills | None = None) -> list[Path]:
    """Write tables/, report.md, index.html and junit.xml into `out` and return their paths; an earlier report there is replaced.

    With `kills` the report also shows what the laws find among implementations that are wrong on purpose.

    The files are made in a hidden folder inside `out`, which is sure to be on the same file system, and moved at the end.
    """
    if not records:
        raise ValueError("a report needs at least one record")
    texts = report_files(records, kills)
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


def report_files(records: Sequence[Record], kills: Kills | None = None) -> dict[str, str]:
    """The texts of all files, by name."""
    records = [printable(record) for record in records]
    frames = tables.build(records)
    found = findings(frames)
    return {
        **table_files(frames),
        **(kill_files(kills) if kills else {}),
        "report.md": report_page(frames, found, kills),
        "index.html": index_page(records, frames, found, kills),
        "junit.xml": junit(records),
    }


def table_files(frames: Frames) -> dict[str, str]:
    """Each table as CSV, JSON and Markdown, by file name."""
    files: dict[str, str] = {}
    for table in TABLES:
        files.update(table_texts(table, frames[table.name]))
    return files


def kill_files(kills: Kills) -> dict[str, str]:
    """The table of saboteurs, as the other tables."""
    about = "Implementations that are wrong on purpose, and which laws find them."
    return table_texts(Table(name="kills", about=about, columns=KILL_COLUMNS, build=lambda _: kill_table(kills)), kill_table(kills))


def table_texts(table: Table, frame: pd.DataFrame) -> dict[str, str]:
    name = f"tables/{table.name}"
    csv = frame.to_csv(index=False, lineterminator="\n")
    return {f"{name}.csv": csv, f"{name}.json": json_text(frame), f"{name}.md": table_page(table, frame)}


def json_text(frame: pd.DataFrame) -> str:
    """A list of one object per row."""
    return frame.to_json(orient="records", indent=2, force_ascii=False) + "\n"
