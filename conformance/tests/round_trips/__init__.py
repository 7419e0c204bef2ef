"""What adapters pass to their frameworks, read back by each framework's own documentation: `of_NAME.py` for each adapter NAME.

Each such module has `ADAPTERS`, the adapter over recording fakes for each variant, and `read(log)`, which returns what was `Sent`.
It must not look at the adapter's code for how to read a call, but at the framework's reference.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from convt_conformance.adapters.catalogue import CATALOGUE
from round_trips.recording import Log
from round_trips.sent import Sent

Reader = Callable[[Log], Sent]


def module(name: str) -> Any:
    """The module that reads the calls of a built-in implementation."""
    return importlib.import_module(f"round_trips.of_{CATALOGUE[name].module}")
