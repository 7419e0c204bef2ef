"""The cases beside a failing one differ from it in one thing, and tell what the failure depends on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis.strategies import sampled_from
from in_process import InProcess
from saboteurs import implementation
from saboteurs.right import RIGHT

from convt_conformance.beside import beside
from convt_conformance.conditions import quantities
from convt_conformance.diagnosis import Failure
from convt_conformance.inquiry import Asked
from convt_conformance.judge import Mismatch
from convt_conformance.law import Law
from convt_conformance.laws import all_laws
from convt_conformance.outcomes import Computed, Crashed, Outcome
from convt_conformance.protocol import FEATURES, Description
from convt_conformance.results import Result
from convt_conformance.session import Session
from convt_spec.case import Case

BASES = (
    "N1,C1,M1,L1,K4,stride=2,padding=1,float32,int:1",
    "N2,C6,M4,L57,K12,stride=4,padding=SAME,groups=2,dilation=5,data_format=NLC,bias,float32,int:65535",
    "N2,C6,M3,L20,K3,stride=tuple:2,output_size=44,groups=3,dilation=2,float64,real:1",
    "layer,N1,C2,M2,L4,K3,kernel_form=list:3,float32,int:7",
)
TOGETHER = {
    *("extent", "full_length", "output_size", "in_per_group", "out_per_group", "kernel_form", "kernel_form_form"),
    *(f"{name}_form" for name in ("stride", "padding", "output_padding", "dilation", "data_format", "groups")),
}
"""What follows from something else, or says how it is written."""
MOVED = ({"groups", "in_channels", "out_channels"}, {"data_format", "layout"})
"""What changes at once."""


@pytest.mark.parametrize("text", BASES)
def test_one_thing_differs(text: str) -> None:
    case = Case.parse(text)
    before = quantities(case)
    found = list(beside(case, FEATURES))
    assert len(found) == len(set(found)) > 50
    assert case not in found
    for each in found:
        changed = {name for name, value in quantities(each).items() if value != before[name]} - TOGETHER
        assert len(changed) <= 1 or any(changed <= together for together in MOVED), (str(each), changed)


@pytest.mark.parametrize("text", BASES)
def test_every_attribute_that_is_a_number_is_changed(text: str) -> None:
    case = Case.parse(text)
    found = [quantities(each) for each in beside(case, FEATURES)]
    before = quantities(case)
    for name in ("batch", "in_channels", "out_channels", "length", "kernel_size", "stride", "dilation", "dtype"):
        assert any(each[name] != before[name] for each in found), name


@pytest.mark.parametrize("law", all_laws(), ids=lambda law: law.name)
def test_any_case_of_a_law_has_cases_beside_it(law: Law) -> None:
    """Sizes of 0, flaws and meaningless arguments too."""

    drawn = law.cases(FEATURES)

    @settings(max_examples=10, deadline=None, database=None, derandomize=True, phases=[Phase.generate])
    @given(sampled_from(drawn) if isinstance(drawn, list) else drawn)
    def look(case: Case) -> None:
        found = list(beside(case, FEATURES))
        assert found
        assert case not in found

    look()


def test_an_output_size_keeps_its_distance() -> None:
    case = Case.parse("N1,C1,M1,L3,K2,stride=2,output_size=7,float32,int:1")
    lengths = {each.problem.length: each.problem.output_size for each in beside(case, FEATURES) if each.problem.length != 3}
    assert all(size == (length - 1) * 2 + 2 + 1 for length, size in lengths.items())


def test_what_is_not_supported_is_left_out() -> None:
    case = Case.parse("N1,C1,M1,L3,K2,float32,int:1")
    for each in beside(case, ("NCL", "function", "float32")):
        assert quantities(each)["dilation"] == 1
        assert (each.layout, each.dtype, each.problem.bias) == ("NCL", "float32", False)


@dataclass(slots=True)
class Fragile:
    """A right implementation but for `wrong`, whose results are one too large, and `deadly`, which end the process."""

    wrong: Callable[[Case], bool]
    deadly: Callable[[Case], bool]
    right: InProcess = field(default_factory=lambda: implementation(RIGHT))
    asked: list[Case] = field(default_factory=list)
    history: tuple[Case, ...] = ()

    @property
    def description(self) -> Description:
        return self.right.description

    def run(self, case: Case) -> Outcome:
        self.asked.append(case)
        if self.deadly(case):
            return Crashed(how="exit status 1")
        outcome = self.right.run(case)
        return replace(outcome, array=outcome.array + 1) if isinstance(outcome, Computed) and self.wrong(case) else outcome

    def run_ahead(self, cases: Sequence[Case]) -> list[Outcome]:
        return [self.run(cases[0])]

    def restart(self, before: Sequence[Case] = ()) -> None:
        """There is no process to start anew."""


def asked_beside(fragile: Fragile) -> tuple[list[Case], list[Case]]:
    """The cases beside the first base that fail, and those that pass."""
    case = Case.parse(BASES[0])
    session = Session(implementation=fragile, seed=1, examples=0)
    miss = Mismatch(verdict="deviates", kind="value", observed="", required="")
    result = Result(law="test_V1_values", clause="V1", verdict="deviates")
    found = Asked(session=session, explained=lambda *_: False).beside(Failure(result=result, case=case, miss=miss))
    return [each.case for each in found[0]], found[1]


def test_the_cases_beside_a_failure_tell_what_it_depends_on() -> None:
    fragile = Fragile(wrong=lambda case: case.problem.kernel_size == 4, deadly=lambda _: False)
    failing, passing = asked_beside(fragile)
    assert len(failing) > 20
    assert all(case.problem.kernel_size == 4 for case in failing)
    assert len(passing) > 5
    assert all(case.problem.kernel_size != 4 for case in passing)


def test_a_lost_process_ends_the_search_beside_a_failure() -> None:
    """Each further one might take as long as a hang may."""
    fragile = Fragile(wrong=lambda case: case.problem.kernel_size == 4, deadly=lambda case: case.problem.length > 3)
    failing, _ = asked_beside(fragile)
    assert {case.problem.length for case in failing} == {1, 2, 3}
    assert sum(map(fragile.deadly, fragile.asked)) == 1
    assert fragile.deadly(fragile.asked[-1])
