"""No law finds fault with a right implementation, however it computes and whichever listed readings it follows."""

from __future__ import annotations

import pytest
from right.collection import COLLECTION, Right
from saboteurs import FOLLOWERS, implementation
from saboteurs.layer import LAYER_CLAUSES, LayerParts

from convt_conformance.law import LAWS, Law
from convt_conformance.laws import all_laws
from convt_conformance.results import Result
from convt_conformance.session import LEVELS, Session
from convt_spec.clauses import find, inventory

ALL_LAWS = all_laws()
NUMERIC = [
    LAWS[f"test_{name}"]
    for name in (
        "V1_values", "V1_values_of_large_sizes", "V2_linear_in_the_input", "V4_batch_does_not_mix", "V7_rounding", "B1_bias_per_channel",
        "S2_valid_is_no_padding", "L3_same_numbers", "N1_adjoint_of_conv1d", "E1_documented_numbers", "I14_same_again",
    )
]  # fmt: skip
"""The laws that one arithmetic can fail and another pass; what arguments mean is the same code in all of the collection."""
UNDER_ALL_LAWS = ("fft-layer", "mixed-readings", "cautious-layer", "generous-layer")
SENSITIVE = ("fft-of-any-length", "shuffled", "thread-pool")
"""Those whose numbers differ from the exact ones, or from call to call."""
RUNS = [(name, 100 + at) for at, name in enumerate(each for each in COLLECTION if each not in UNDER_ALL_LAWS)]
RUNS += [(name, 1) for name in SENSITIVE]
FOLLOWED = [pytest.param(*each, id="-".join(each)) for each in FOLLOWERS]


EITHER_BOUND = "test_V7_rounding_of_long_sums"
"""Over many channels a transform rounds within the bound of sums as well, so that this law tells no readings apart."""


def held(right: Right, seed: int, laws: list[Law]) -> list[Result]:
    """The results of laws at the smoke level; raises AssertionError on a false alarm."""
    session = Session(implementation=implementation(right.parts), seed=seed, examples=LEVELS["smoke"])
    results = [session.hold(law) for law in laws]
    assert [result for result in results if result.failed] == []
    return results


@pytest.mark.parametrize(("name", "seed"), RUNS)
def test_right_numbers_are_spared(name: str, seed: int) -> None:
    verdicts = {result.verdict for result in held(COLLECTION[name], seed, NUMERIC)}
    assert verdicts == {"conforms"}


@pytest.mark.parametrize("name", UNDER_ALL_LAWS)
def test_right_implementation_is_spared(name: str) -> None:
    right = COLLECTION[name]
    results = held(right, 1 + UNDER_ALL_LAWS.index(name), ALL_LAWS)
    unsupported = {result.clause for result in results if result.verdict == "unsupported"}
    sizeless = {"O4", "O5", "O6"} if right.follows.get("O7") == "absent" else set()
    assert unsupported == (sizeless if isinstance(right.parts, LayerParts) else LAYER_CLAUSES)
    read = [
        result for result in results if result.verdict == "conforms" and find(result.clause).has_readings and result.law != EITHER_BOUND
    ]
    followed = {result.clause: result.follows for result in read}
    assert followed == {clause: tuple(right.follows.get(clause, find(clause).ruling).split(" or ")) for clause in followed}


@pytest.mark.parametrize(("clause", "reading"), FOLLOWED)
def test_follower_of_a_reading_is_recognised(clause: str, reading: str) -> None:
    session = Session(implementation=implementation(FOLLOWERS[clause, reading]), seed=1, examples=LEVELS["smoke"])
    results = [session.hold(law) for law in LAWS.values() if law.clause == clause and law.name != EITHER_BOUND]
    assert [(result.verdict, result.follows) for result in results] == [("conforms", (reading,))]


@pytest.mark.parametrize(("clause", "reading"), FOLLOWED)
def test_follower_of_a_reading_deviates_under_our_ruling(clause: str, reading: str) -> None:
    rulings = {clause: find(clause).ruling}
    session = Session(implementation=implementation(FOLLOWERS[clause, reading]), seed=1, examples=LEVELS["smoke"], rulings=rulings)
    results = [session.hold(law) for law in LAWS.values() if law.clause == clause and law.name != EITHER_BOUND]
    assert [result.verdict for result in results] == ["deviates"]


def test_the_whole_collection_is_run() -> None:
    assert {name for name, _ in RUNS} | set(UNDER_ALL_LAWS) == set(COLLECTION)


def test_every_other_reading_has_a_follower() -> None:
    others = {(clause.id, reading) for clause in inventory().values() for reading in clause.readings if reading != clause.ruling}
    assert set(FOLLOWERS) == others
