"""What several modules ask of their tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from isolated import children


@pytest.fixture
def leaves_no_process() -> Iterator[None]:
    """The test ends what it has started."""
    before = children()
    yield
    assert children() <= before
