"""An adapter passes what the case says, and nothing else: each of its calls is recorded and read back."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import round_trips
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from round_trips.recording import Call, Log, recorded
from round_trips.sent import Sent, assert_sent

from convt_conformance.adapters.catalogue import CATALOGUE
from convt_conformance.exploration import EVEN
from convt_conformance.outcomes import NotExpressible
from convt_conformance.program import Program
from convt_conformance.strategies import combined_cases, ordinary_cases
from convt_spec.case import Case
from convt_spec.data import arrays

FRAMEWORKS = [name for name, entry in CATALOGUE.items() if entry.environment]
CASES = 400


@cache
def drawn(supports: tuple[str, ...]) -> list[Case]:
    found: list[Case] = []

    @seed(1)
    @settings(
        max_examples=CASES, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), backend=EVEN
    )
    @given(st.one_of(ordinary_cases(supports), combined_cases(supports)))
    def collect(case: Case) -> None:
        found.append(case)

    collect()
    return list(dict.fromkeys(found))


def expressible(adapter: Any) -> list[tuple[Case, Program]]:
    found = []
    for case in drawn(adapter.description().supports):
        with contextlib.suppress(NotExpressible):
            found.append((case, adapter.program(case.problem, case.dtype)))
    return found


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_every_argument_arrives(name: str) -> None:
    module = round_trips.module(name)
    adapter = module.ADAPTERS[name]
    cases = expressible(adapter)
    assert len(cases) > CASES / 3
    for case, program in cases:
        log = recorded(module.LOG, program, adapter.namespace, *arrays(case))
        try:
            assert_sent(module.read(log), case)
        except AssertionError as error:
            raise AssertionError(f"{case}: {error}\n" + "\n".join(program.lines)) from error


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_each_attribute_is_varied(name: str) -> None:
    """Otherwise the round trip would show nothing of those that are supported."""
    adapter = round_trips.module(name).ADAPTERS[name]
    supports = adapter.description().supports
    problems = [case.problem for case, _ in expressible(adapter)]
    assert len({problem.stride for problem in problems}) > 3
    for name, feature in {"dilation": "dilation", "groups": "groups", "output_padding": "output_padding"}.items():
        if feature in supports:
            assert len({getattr(problem, name) for problem in problems}) > 2, name
    words = {problem.padding for problem in problems if isinstance(problem.padding, str)}
    assert words >= {word for word in ("SAME", "VALID") if word in supports}
    assert "padding" not in supports or len({problem.padding for problem in problems} - words) > 3


FAULTS = {
    "flipped": lambda sent: replace(sent, weight=sent.weight[:, :, ::-1]),
    "channels swapped": lambda sent: replace(sent, weight=sent.weight[::-1]),
    "stride for dilation": lambda sent: replace(sent, stride=sent.dilation, dilation=sent.stride),
    "one side": lambda sent: replace(sent, padding=(sent.padding[0], sent.padding[1] + 1)),
    "longer": lambda sent: replace(sent, output_padding=sent.output_padding + 1),
    "no groups": lambda sent: replace(sent, groups=1),
    "no bias": lambda sent: replace(sent, bias=None),
    "another length": lambda sent: replace(sent, length=99),
    "double": lambda sent: replace(sent, x=sent.x.astype(np.float64)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_call_is_seen(fault: str) -> None:
    case = Case.parse("N2,C4,M6,L5,K3,stride=2,dilation=3,padding=1,output_padding=1,groups=2,bias,float32,int:1")
    x, weight, bias = arrays(case)
    right = Sent(x=x, weight=weight, bias=bias, stride=2, dilation=3, padding=(1, 1), output_padding=1, groups=2)
    assert_sent(right, case)
    with pytest.raises(AssertionError):
        assert_sent(FAULTS[fault](right), case)


def test_a_log_names_what_it_lacks() -> None:
    with pytest.raises(AssertionError, match=r"0 calls of conv among \['a.b'\]"):
        Log([Call(path="a.b", args=(), kwargs={})]).only("conv")
