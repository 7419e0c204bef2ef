"""The parts of a report that stand beside records: written as files, and shown in its two pages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from convt_conformance.records import Record
from convt_reports import tables
from convt_reports.extras import Extras
from convt_reports.findings import findings
from convt_reports.markdown import report_page
from convt_reports.pages import index_page


def written(path: Path, value: Any) -> Path:
    """A file that holds a text as it is, or anything else as JSON."""
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def page(records: Sequence[Record], extras: Extras) -> str:
    """The page in HTML."""
    frames = tables.build(records)
    return index_page(records, frames, findings(frames), extras)


def summary(records: Sequence[Record], extras: Extras) -> str:
    """The report in Markdown."""
    frames = tables.build(records)
    return report_page(frames, findings(frames), extras)
