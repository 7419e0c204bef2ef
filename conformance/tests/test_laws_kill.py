"""Each law finds the implementations that are wrong in what it claims."""

from __future__ import annotations

from typing import Any

import pytest

from convt_conformance.judge import mismatch
from convt_conformance.law import LAWS, Deviation, Law, Trial, required
from convt_conformance.plugin import all_laws
from convt_conformance.session import LEVELS, Evidence, Result, Session
from convt_spec.case import Case
from convt_spec.clauses import find, inventory
from in_process import InProcess, in_process
from saboteurs import CATALOGUE, UNSEEN, Saboteur, implementation
from saboteurs.right import Array
from saboteurs.saboteur import finishing

ALL_LAWS = all_laws()
SEED = 1
PAIRS = [pytest.param(each, law, id=f"{law}-{each.name}") for each in CATALOGUE for law in each.laws]
UNSEEN_PAIRS = [pytest.param(each, law, id=f"{law}-{each.name}") for each in UNSEEN for law in each.laws]


def session(wrong: InProcess) -> Session:
    return Session(implementation=wrong, seed=SEED, examples=LEVELS["standard"])


def assert_shown(wrong: InProcess, law: Law, evidence: Evidence) -> None:
    """The evidence is a case, and running it again contradicts the ruling, or the law where the claim is about several runs."""
    case = Case.parse(evidence.case)
    assert str(case) == evidence.case
    if evidence.kind in ("changes-input", "not-deterministic"):
        trial = Trial(law=law, implementation=wrong, readings=find(law.clause).readings)
        with pytest.raises(Deviation):
            trial.hold(case)
        return
    assert mismatch(case, wrong.run(case), required(case, ()), strict_dtype=law.strict_dtype), f"{evidence.case} shows nothing"


@pytest.mark.parametrize(("saboteur", "name"), PAIRS)
def test_law_finds_saboteur(saboteur: Saboteur, name: str) -> None:
    law, wrong = LAWS[name], implementation(saboteur.parts)
    result = session(wrong).hold(law)
    assert result.verdict == "deviates", f"{name} says {result.verdict} of one where {saboteur.wrong}"
    assert (result.law, result.clause) == (name, law.clause)
    assert result.evidence
    assert_shown(wrong, law, result.evidence)


@pytest.mark.xfail(strict=True, reason="no case of the law reaches this; once one does, move the saboteur to the catalogue")
@pytest.mark.parametrize(("saboteur", "name"), UNSEEN_PAIRS)
def test_law_finds_unseen_saboteur(saboteur: Saboteur, name: str) -> None:
    assert session(implementation(saboteur.parts)).hold(LAWS[name]).failed


def test_every_law_has_a_saboteur() -> None:
    assert {name for each in CATALOGUE for name in each.laws} == {law.name for law in ALL_LAWS}


def test_every_clause_has_a_law() -> None:
    assert {law.clause for law in ALL_LAWS} == set(inventory())


def test_saboteurs_have_names_of_their_own() -> None:
    names = [each.name for each in (*CATALOGUE, *UNSEEN)]
    assert sorted(set(names)) == sorted(names)


def verdicts(wrong: InProcess) -> dict[str, Result]:
    held = Session(implementation=wrong, seed=SEED, examples=LEVELS["smoke"])
    return {law.name: held.hold(law) for law in ALL_LAWS}


def refuse(*_: Any, **__: Any) -> Array:
    raise ValueError("no")


def no_result(*_: Any, **__: Any) -> None:
    return None


LAYER_CLAUSES = {"A1", "A8", "A9", "A10", "B2", "O7"}
"""What only a layer can be asked."""

REFUSING = {
    "blank": {"A18": "refused", "A19": "exact", "R2": "refused", "I15": "empty"},
    "refuse": {"A12": "refused", "A16": "refused", "A18": "refused", "A19": "exact", "R2": "refused", "I15": "refused", "S4": "refused"},
}


def test_zeros_of_the_right_shape_fail_wherever_numbers_count() -> None:
    """Refusals, lengths and purity are all that an implementation of zeros gets right; identities between zeros prove nothing."""
    found = verdicts(implementation(finishing(lambda y, x, a: 0 * y)))
    passed = {result.clause for result in found.values() if not result.failed}
    refusals = {law.clause for law in ALL_LAWS if find(law.clause).kind == "rejections"}
    assert passed == refusals | {"R2", "I15", "N3", "I13", "I14"} | LAYER_CLAUSES
    mistrusted = {result.clause for result in found.values() if result.verdict == "mistrusted"}
    assert mistrusted == {"V2", "V4", "G1", "D1", "N2", "L3", "S2"}


def test_refusals_fail_wherever_a_call_is_valid() -> None:
    """One that refuses every call follows the readings that refuse, and nothing else."""
    found = verdicts(in_process(refuse, "refuse"))
    followed = {result.clause: result.follows for result in found.values() if result.verdict == "conforms" and result.follows}
    assert followed == {clause: (reading,) for clause, reading in REFUSING["refuse"].items()}
    refusals = {law.clause for law in ALL_LAWS if find(law.clause).kind == "rejections"}
    assert {result.clause for result in found.values() if not result.failed} == refusals | set(followed) | LAYER_CLAUSES


def test_no_result_fails_everywhere() -> None:
    found = verdicts(in_process(no_result, "no_result"))
    assert {result.clause for result in found.values() if not result.failed} == {"I13"} | LAYER_CLAUSES
