"""No law finds fault with a right implementation, however it computes and whichever listed readings it follows."""

from __future__ import annotations

import pytest

from convt_conformance.law import LAWS
from convt_conformance.plugin import all_laws
from convt_conformance.session import LEVELS, Session
from convt_spec.clauses import find, inventory
from saboteurs import FOLLOWERS, VARIANTS, Variant, implementation
from saboteurs.layer import LayerParts

ALL_LAWS = all_laws()
SEEDS = (1, 2, 3)
LAYER_LAWS = {
    "test_A1_constructor_order", "test_A8_weight_without_weight_attr", "test_A9_bias_without_bias_attr", "test_A10_kernel_size_forms",
    "test_B2_no_bias", "test_O7_output_size_in_the_call",
}  # fmt: skip
"""What only a layer can be asked."""


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_right_implementation_is_spared(variant: Variant, seed: int) -> None:
    session = Session(implementation=implementation(variant.parts), seed=seed, examples=LEVELS["smoke"])
    results = [session.hold(law) for law in ALL_LAWS]
    assert [result for result in results if result.failed] == []
    unsupported = {result.law for result in results if result.verdict == "unsupported"}
    assert unsupported == (set() if isinstance(variant.parts, LayerParts) else LAYER_LAWS)
    followed = {result.clause: result.follows for result in results if result.verdict == "conforms" and find(result.clause).has_readings}
    assert followed == {clause: (variant.follows.get(clause, find(clause).ruling),) for clause in followed}


@pytest.mark.parametrize(("clause", "reading"), FOLLOWERS, ids="-".join)
def test_follower_of_a_reading_is_recognised(clause: str, reading: str) -> None:
    session = Session(implementation=implementation(FOLLOWERS[clause, reading]), seed=1, examples=LEVELS["smoke"])
    results = [session.hold(law) for law in LAWS.values() if law.clause == clause]
    assert [(result.verdict, result.follows) for result in results] == [("conforms", (reading,))]


@pytest.mark.parametrize(("clause", "reading"), FOLLOWERS, ids="-".join)
def test_follower_of_a_reading_deviates_under_our_ruling(clause: str, reading: str) -> None:
    rulings = {clause: find(clause).ruling}
    session = Session(implementation=implementation(FOLLOWERS[clause, reading]), seed=1, examples=LEVELS["smoke"], rulings=rulings)
    results = [session.hold(law) for law in LAWS.values() if law.clause == clause]
    assert [result.verdict for result in results] == ["deviates"]


def test_every_other_reading_has_a_follower() -> None:
    others = {(clause.id, reading) for clause in inventory().values() for reading in clause.readings if reading != clause.ruling}
    assert set(FOLLOWERS) == others
