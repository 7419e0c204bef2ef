"""What several modules ask of their tests."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from isolated import children

signal.signal(signal.SIGINT, signal.default_int_handler)
"""What was started in the background ignores Ctrl-C, and so would each command that a test starts and interrupts."""


@pytest.fixture
def leaves_no_process() -> Iterator[None]:
    """The test ends what it has started."""
    before = children()
    yield
    assert children() <= before
