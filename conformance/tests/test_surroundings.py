"""Draws from Python's generator are seen, whether its state is read from memory or asked for."""

from __future__ import annotations

import platform
import random
from collections.abc import Callable

import pytest

from convt_conformance.surroundings import PythonGenerator

DRAWS = {"a number": random.random, "another seed": lambda: random.seed(5), "words": lambda: random.getrandbits(64)}


@pytest.fixture(params=["from memory", "asked for"])
def generator(request: pytest.FixtureRequest) -> PythonGenerator:
    found = PythonGenerator()
    if request.param == "asked for":
        found.address = None
    return found


@pytest.mark.skipif(platform.python_implementation() != "CPython", reason="the state lies elsewhere")
def test_the_state_is_found_in_memory() -> None:
    assert PythonGenerator().address is not None


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_a_draw_is_seen_and_taken_back(generator: PythonGenerator, draw: Callable[[], object]) -> None:
    before, state = generator.read(), random.getstate()
    draw()
    assert generator.read() != before
    generator.put(before)
    assert (generator.read(), random.getstate()) == (before, state)


def test_half_a_pair_of_normal_numbers_is_seen() -> None:
    """The second one of a pair is kept beside the words, which stay as they are when it is taken."""
    random.gauss(0, 1)
    found = PythonGenerator()
    before = found.read()
    random.gauss(0, 1)
    assert found.read() != before
    found.put(before)
    assert found.read() == before


def test_a_generator_of_another_kind_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that somebody put in the place of Python's own."""
    other = random.Random(3)
    monkeypatch.setattr(random, "_inst", None)
    monkeypatch.setattr(random, "getstate", lambda: other.getstate())
    monkeypatch.setattr(random, "setstate", other.setstate)
    found = PythonGenerator()
    before = found.read()
    other.random()
    assert found.address is None
    assert found.read() != before
    found.put(before)
    assert found.read() == before
