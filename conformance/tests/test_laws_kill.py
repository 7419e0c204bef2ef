"""Each law finds the implementations that are wrong in what it claims."""

from __future__ import annotations

from typing import Any

import pytest
from in_process import InProcess, in_process
from saboteurs import CATALOGUE, Saboteur, implementation, of_calls
from saboteurs.layer import LAYER_CLAUSES
from saboteurs.right import Array
from saboteurs.saboteur import finishing

from convt_conformance.judge import mismatch
from convt_conformance.law import LAWS, Law
from convt_conformance.laws import all_laws
from convt_conformance.requirements import required
from convt_conformance.results import Evidence, Result
from convt_conformance.session import LEVELS, Session
from convt_conformance.trial import Deviation, Trial
from convt_spec.case import Case
from convt_spec.clauses import find, inventory

ALL_LAWS = all_laws()
SEED = 1
FEW = 5
"""Cases per law that are enough where every case is wrong."""
TRIES = 50
"""Rounds until a fault that depends on addresses or on threads must have shown again."""
PAIRS = [pytest.param(each, law, id=f"{law}-{each.name}") for each in CATALOGUE for law in each.laws]


def session(wrong: InProcess) -> Session:
    return Session(implementation=wrong, seed=SEED, examples=LEVELS["standard"])


def assert_shown(wrong: InProcess, law: Law, evidence: Evidence) -> None:
    """The evidence is a case, and running it again contradicts the ruling, or the law where the claim is about several runs."""
    case = Case.parse(evidence.case)
    assert str(case) == evidence.case
    if evidence.kind in ("changes-input", "not-deterministic") and case.problem.state == "once":
        trial = Trial(law=law, implementation=wrong, readings=find(law.clause).readings)
        with pytest.raises(Deviation):
            trial.round(case)
        return
    if case.problem.state != "once":
        assert any(fails(wrong, law, case) for _ in range(TRIES)), f"{evidence.case} shows nothing"
        return
    assert mismatch(case, wrong.run(case), required(case, ()), law.aspects), f"{evidence.case} shows nothing"


def fails(wrong: InProcess, law: Law, case: Case) -> bool:
    """Whether one more round of the law finds fault with the case, after a call that has nothing to do with it."""
    wrong.run(Case.parse("N1,C2,M3,L7,K5,float32,int:2"))
    try:
        Trial(law=law, implementation=wrong, readings=find(law.clause).readings).round(case)
    except Deviation:
        return True
    return False


@pytest.mark.parametrize(("saboteur", "name"), PAIRS)
def test_law_finds_saboteur(saboteur: Saboteur, name: str) -> None:
    """Those that remember calls have learned from them by the time that the evidence could be looked at again."""
    law, wrong = LAWS[name], implementation(saboteur.parts)
    result = session(wrong).hold(law)
    assert result.verdict == "deviates", f"{name} says {result.verdict} of one where {saboteur.wrong}"
    assert (result.law, result.clause) == (name, law.clause)
    assert result.evidence
    if saboteur not in of_calls.SABOTEURS:
        assert_shown(wrong, law, result.evidence)


def test_every_law_has_a_saboteur() -> None:
    assert {name for each in CATALOGUE for name in each.laws} == {law.name for law in ALL_LAWS}


def test_every_clause_has_a_law() -> None:
    assert {law.clause for law in ALL_LAWS} == set(inventory())


def test_saboteurs_have_names_of_their_own() -> None:
    names = [each.name for each in CATALOGUE]
    assert sorted(set(names)) == sorted(names)


def verdicts(wrong: InProcess) -> list[Result]:
    held = Session(implementation=wrong, seed=SEED, examples=FEW)
    return [held.hold(law) for law in ALL_LAWS]


def passed(found: list[Result]) -> set[str]:
    return {each.clause for each in found if not each.failed}


def refuse(*_: Any, **__: Any) -> Array:
    raise ValueError("no")


def no_result(*_: Any, **__: Any) -> None:
    return None


REFUSALS = {law.clause for law in ALL_LAWS if find(law.clause).kind == "rejections"}
REFUSING = {
    ("A12", "refused"),
    ("A16", "refused"),
    ("A18", "refused"),
    ("A19", "exact"),
    ("R2", "refused"),
    ("S4", "refused"),
    ("I15", "refused"),
}
"""The readings under which a call is refused."""


def test_zeros_of_the_right_shape_fail_wherever_numbers_count() -> None:
    """Refusals, shapes and purity are all that an implementation of zeros gets right; identities between zeros prove nothing."""
    found = verdicts(implementation(finishing(lambda y, x, a: 0 * y)))
    without_numbers = {law.clause for law in ALL_LAWS if "values" not in law.aspects}
    assert passed(found) == REFUSALS | without_numbers | {"R2", "I15", "N3", "I13", "I14"} | LAYER_CLAUSES
    assert {"V2", "V4", "G1", "N2", "L3", "S2"} <= {each.clause for each in found if each.verdict == "mistrusted"}


def test_refusals_fail_wherever_a_call_is_valid() -> None:
    """One that refuses every call follows the readings that refuse, and conforms to nothing else but what asks for refusals."""
    found = verdicts(in_process(refuse, "refuse"))
    assert {(each.clause, reading) for each in found if not each.failed for reading in each.follows} <= REFUSING
    assert passed(found) <= REFUSALS | {clause for clause, _ in REFUSING} | LAYER_CLAUSES


def test_no_result_fails_everywhere() -> None:
    """A call that returns nothing leaves its arguments alone, and that is all."""
    assert passed(verdicts(in_process(no_result, "no_result"))) == {"I13"} | LAYER_CLAUSES
