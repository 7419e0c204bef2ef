"""The command that shows a case again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

MOST_AFTER = 5
"""Cases that a command runs before; a record holds them all."""


def command(
    name: str, case: str, *, after: Sequence[str] = (), law: str | None = "", rulings: Mapping[str, str] | None = None, about: Sequence[str]
) -> str:
    """`convt repro` with what it needs: the cases before, the law, and of the run's rulings those of the clauses that it is `about`."""
    before = [word for each in after[:MOST_AFTER] for word in ("--after", each)]
    ruled = [word for clause, reading in (rulings or {}).items() if clause in about for word in ("--ruling", f"{clause}={reading}")]
    return shlex.join(["convt", "repro", name, case, *before, *(["--law", law] if law else []), *ruled])
