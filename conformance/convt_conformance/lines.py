"""The lines of a run's record beside its footer."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from typing import Any

from convt_conformance import records
from convt_conformance.deviations import Known
from convt_conformance.diagnosis import Diagnosis
from convt_conformance.process import ONE_THREAD
from convt_conformance.protocol import Description
from convt_conformance.results import Result
from convt_conformance.session import examples
from convt_conformance.shares import Settings, Share


def write_rest(writer: records.Writer, whole: Share, causes: list[Diagnosis]) -> None:
    for line in (*(each.as_line() for each in causes), *whole.power.lines()):
        writer.write(line)
    for line in sorted(whole.answers, key=lambda answer: str(answer["case"])):
        writer.write(line)
    for attribute in sorted({name for name, _ in whole.coverage}):
        values = {value: count for (name, value), count in sorted(whole.coverage.items()) if name == attribute}
        writer.write({"line": "coverage", "attribute": attribute, "values": values})


def result_line(result: Result, listed: tuple[Known, ...]) -> dict[str, Any]:
    reasons, links = (list(dict.fromkeys(getattr(each, name) for each in listed)) for name in ("reason", "link"))
    told = {"reason": "; ".join(filter(None, reasons)), "link": next(filter(None, links), "")}
    return {**result.as_line(), "listed": told if listed else None}


def header(name: str, description: Description, settings: Settings) -> dict[str, Any]:
    """Who was judged, by what, on what, how: enough to run it again."""
    implementation = {
        "name": description.name,
        "version": description.version,
        "language": description.language,
        "home": description.home,
        "supports": list(description.supports),
        "packages": description.packages,
    }
    return {
        "convt": records.convt_version(),
        "asked": name,
        "implementation": implementation,
        "seed": settings.seed,
        "level": settings.level,
        "examples": examples(name, settings.level),
        "rulings": settings.rulings,
        "command": settings.command,
        "platform": {
            "system": platform.system(),
            "machine": platform.machine(),
            "python": platform.python_version(),
            "libc": " ".join(platform.libc_ver()),
            "threads": os.environ.get("OMP_NUM_THREADS", ONE_THREAD["OMP_NUM_THREADS"]),
        },
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }
