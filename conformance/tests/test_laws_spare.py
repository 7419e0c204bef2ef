"""No law finds fault with a right implementation, however it computes and whichever listed readings it follows."""

from __future__ import annotations

import pytest
from saboteurs import FOLLOWERS, VARIANTS, implementation
from saboteurs.layer import LAYER_CLAUSES, LayerParts

from convt_conformance.law import LAWS
from convt_conformance.plugin import all_laws
from convt_conformance.session import LEVELS, Session
from convt_spec.clauses import find, inventory

ALL_LAWS = all_laws()
RUNS = [("function", 1), ("function", 2), ("function", 3), ("layer", 4), ("double", 5), ("blocks", 6), ("gather", 7), ("matrix", 8)]
"""Variants and seeds: five runs of functions and three of layers, no two under the same seed, since a run costs seconds."""
FOLLOWED = [pytest.param(*each, id="-".join(each)) for each in FOLLOWERS]


@pytest.mark.parametrize(("name", "seed"), RUNS)
def test_right_implementation_is_spared(name: str, seed: int) -> None:
    variant = VARIANTS[name]
    session = Session(implementation=implementation(variant.parts), seed=seed, examples=LEVELS["smoke"])
    results = [session.hold(law) for law in ALL_LAWS]
    assert [result for result in results if result.failed] == []
    unsupported = {result.clause for result in results if result.verdict == "unsupported"}
    assert unsupported == (set() if isinstance(variant.parts, LayerParts) else LAYER_CLAUSES)
    followed = {result.clause: result.follows for result in results if result.verdict == "conforms" and find(result.clause).has_readings}
    assert followed == {clause: (variant.follows.get(clause, find(clause).ruling),) for clause in followed}


@pytest.mark.parametrize(("clause", "reading"), FOLLOWED)
def test_follower_of_a_reading_is_recognised(clause: str, reading: str) -> None:
    session = Session(implementation=implementation(FOLLOWERS[clause, reading]), seed=1, examples=LEVELS["smoke"])
    results = [session.hold(law) for law in LAWS.values() if law.clause == clause]
    assert [(result.verdict, result.follows) for result in results] == [("conforms", (reading,))]


@pytest.mark.parametrize(("clause", "reading"), FOLLOWED)
def test_follower_of_a_reading_deviates_under_our_ruling(clause: str, reading: str) -> None:
    rulings = {clause: find(clause).ruling}
    session = Session(implementation=implementation(FOLLOWERS[clause, reading]), seed=1, examples=LEVELS["smoke"], rulings=rulings)
    results = [session.hold(law) for law in LAWS.values() if law.clause == clause]
    assert [result.verdict for result in results] == ["deviates"]


def test_every_variant_is_run() -> None:
    assert {name for name, _ in RUNS} == set(VARIANTS)


def test_every_other_reading_has_a_follower() -> None:
    others = {(clause.id, reading) for clause in inventory().values() for reading in clause.readings if reading != clause.ruling}
    assert set(FOLLOWERS) == others
