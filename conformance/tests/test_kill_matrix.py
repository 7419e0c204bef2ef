"""The fast matrix says what `Session.hold` says; `nox -s kills` makes the whole of it and asks what must hold of it."""

from __future__ import annotations

from collections.abc import Sequence

import kill_matrix
import process_saboteurs
import pytest
from kill_matrix import ALL, Kill, held
from kill_report import EXCUSED, failings, unique
from saboteurs import CATALOGUE

from convt_conformance.law import LAWS
from convt_conformance.laws import all_laws
from convt_conformance.session import LEVELS, Session

ALL_LAWS = all_laws()
FAMILIES = {
    *("geometry", "tail", "groups", "bias", "layouts", "dtype", "arithmetic", "arguments", "state", "process"),
}
SAMPLE = ("test_A2_default_stride", "test_V1_values", "test_V4_batch_does_not_mix", "test_O3_output_padding_range", "test_I14_same_again")
"""Laws that compare, judge, look for an identity, tell readings apart, repeat a call."""
SUBJECTS = tuple(each.name for each in CATALOGUE if each.family != "state")[::9]
"""Those of the family `state` remember what another test did to them."""


def kill(law: str, saboteur: str) -> Kill:
    return Kill(law=law, saboteur=saboteur, verdict="deviates", evidence=None)


@pytest.mark.parametrize("name", SAMPLE)
def test_the_fast_way_gives_the_verdict_of_a_session(name: str) -> None:
    seed, examples = kill_matrix.SEED, LEVELS["smoke"]
    fast = {each.saboteur: each.verdict for each in held(name, chosen=SUBJECTS, seed=seed, examples=examples)}
    slow = {}
    for subject in SUBJECTS:
        result = Session(implementation=kill_matrix.implementation(ALL[subject].parts), seed=seed, examples=examples).hold(LAWS[name])
        slow.update({subject: result.verdict} if result.failed else {})
    assert fast == slow


@pytest.mark.parametrize("name", ["segfault", "exit-zero", "endless", "hungry"])
def test_saboteurs_of_processes_die_in_workers(name: str) -> None:
    (found,) = held("test_V1_values_of_large_sizes", chosen=[name], seed=kill_matrix.SEED, examples=LEVELS["standard"])
    assert found.verdict == {"endless": "hangs", "hungry": "exhausts-memory"}.get(name, "crashes")
    assert found.evidence


def test_a_saboteur_that_is_spared_everywhere_is_named() -> None:
    assert "no law finds segfault" in failings([])


def test_a_law_that_is_never_alone_is_named() -> None:
    names = [law.name for law in ALL_LAWS]
    shared = [kill(law, name) for name in ALL for law in names[:2]]
    assert [each for each in failings(shared) if "finds nobody" in each] == [
        f"{name} finds nobody whom no other law finds" for name in names if name not in EXCUSED
    ]


def test_an_excuse_that_is_not_needed_is_named() -> None:
    name = ALL_LAWS[0].name
    alone = [kill(name, each) for each in ALL]
    assert unique(alone)[name] == list(ALL)
    assert f"{name} is excused, yet it finds {', '.join(ALL)} alone" in failings(alone, excused={name: "none"})


def test_every_excuse_is_of_a_law_and_has_a_reason() -> None:
    assert set(EXCUSED) <= {law.name for law in ALL_LAWS}
    assert all(len(reason.split()) > 5 for reason in EXCUSED.values())


def names_of(family: str, saboteurs: Sequence[kill_matrix.Saboteur]) -> list[str]:
    return [each.name for each in saboteurs if each.family == family]


def test_there_are_saboteurs_of_every_family() -> None:
    assert {each.family for each in ALL.values()} >= FAMILIES
    assert len(ALL) == len(CATALOGUE) + len(process_saboteurs.SABOTEURS) >= 200
    assert all(len(names_of(family, tuple(ALL.values()))) >= 5 for family in FAMILIES)
