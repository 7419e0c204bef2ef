"""What an implementation says of itself is held against plain calls, and a mix-up is told as such."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from in_process import InProcess, in_process

import convt_impl
from convt_conformance import claims as claims_module
from convt_conformance.adapters.third_party import ThirdPartyAdapter
from convt_conformance.claims import asked, claims
from convt_conformance.deviations import Known
from convt_conformance.outcomes import CannotRun, NotExpressible
from convt_conformance.program import Program
from convt_conformance.protocol import FEATURES, Description
from convt_conformance.shares import Settings
from convt_spec.problem import Problem


def right(x: Any, weight: Any, bias: Any = None, **given: Any) -> Any:
    return convt_impl.conv1d_transpose(x, weight, bias, **given)


class Modest(ThirdPartyAdapter):
    """Says that it has no dilation, though it has; and claims a layer, which it has not."""

    def description(self) -> Description:
        described = super().description()
        return replace(described, supports=(*(each for each in described.supports if each != "dilation"), "layer"))


class Unable(ThirdPartyAdapter):
    def program(self, problem: Problem, dtype: str) -> Program:
        if problem.padding == "SAME":
            raise NotExpressible("there is no SAME")
        return super().program(problem, dtype)


def test_all_that_is_said_is_true() -> None:
    found = claims(in_process(right, "right"))
    assert {each.feature for each in found} == {"stride", *FEATURES}
    assert [each for each in found if not each.holds] == []
    assert [each.feature for each in found if not each.claimed] == ["layer"]


def test_what_is_claimed_or_not_against_the_facts_is_told() -> None:
    found = {each.feature: each for each in claims(InProcess(Modest(right, "odd:right", "0"))) if not each.holds}
    assert {name: each.works for name, each in found.items()} == {"dilation": True, "layer": False}
    assert found["layer"].observed == "unsupported: this is a function, and has no layer form"


def test_what_is_not_claimed_may_be_wrong() -> None:
    def wrong(x: Any, weight: Any, bias: Any = None, **given: Any) -> Any:
        return right(x, weight, bias, **given) + np.float32(given.get("dilation", 1) != 1)

    found = {each.feature: each for each in claims(InProcess(Modest(wrong, "odd:wrong", "0")))}
    assert (found["dilation"].works, found["dilation"].holds) == (None, True)


def test_what_the_adapter_cannot_express_does_not_work() -> None:
    (found,) = (each for each in claims(InProcess(Unable(right, "odd:right", "0"))) if not each.holds)
    assert (found.feature, found.works, found.miss) == ("SAME", False, None)


MIX_UPS: dict[str, tuple[Callable[..., Any], str]] = {
    "kernel reversed": (lambda x, w, b, g: right(x, w[:, :, ::-1], b, **g), "a kernel whose taps come in reverse"),
    "input reversed": (lambda x, w, b, g: right(x[:, :, ::-1], w, b, **g), "an input whose samples come in reverse"),
    "channels reversed": (lambda x, w, b, g: right(x[:, ::-1], w, b, **g), "input channels in reverse"),
    "bias forgotten": (lambda x, w, b, g: right(x, w, None, **g), "a call without the bias"),
    "stride for dilation": (
        lambda x, w, b, g: right(x, w, b, **{**g, "stride": g.get("dilation", 1), "dilation": g.get("stride", 1)}),
        "a call with stride=3 and dilation=2",
    ),
    "dilation counted from 0": (
        lambda x, w, b, g: right(x, w, b, **{**g, "dilation": g.get("dilation", 1) + 1}),
        "a call with stride=2 and dilation=4",
    ),
    "groups in turn": (
        lambda x, w, b, g: right(x, w if g.get("groups", 1) == 1 else w.reshape(2, 2, 3, 4).swapaxes(0, 1).reshape(w.shape), b, **g),
        "kernels whose groups come in turn",
    ),
}


@pytest.mark.parametrize("name", MIX_UPS)
def test_a_mix_up_is_told(name: str) -> None:
    call, told = MIX_UPS[name]

    def wrong(x: Any, weight: Any, bias: Any = None, **given: Any) -> Any:
        return call(x, weight, bias, given)

    found = [each for each in claims(in_process(wrong, "wrong")) if each.works is None]
    assert told in {each.mixed_up for each in found}


def reversed_kernel(x: Any, weight: Any, bias: Any = None, **given: Any) -> Any:
    return right(x, weight[:, :, ::-1], bias, **given)


def entry(when: str) -> Known:
    return Known(clauses=("W3",), kinds=("value",), when=when, reason="it is so")


def test_a_framework_is_not_judged_through_an_adapter_that_mixes_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims_module, "isolated", lambda *_: nullcontext(in_process(reversed_kernel, "reversed_kernel")))
    with pytest.raises(CannotRun, match=r"the adapter of torch is suspected: .* a kernel whose taps come in reverse") as caught:
        asked("torch", Settings(seed=1), [entry("groups > 1")])
    assert caught.value.kind == "broken"


def test_unless_the_framework_is_known_to_do_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims_module, "isolated", lambda *_: nullcontext(in_process(reversed_kernel, "reversed_kernel")))
    assert any(each.mixed_up for each in asked("torch", Settings(seed=1), [entry("")]))


def test_a_callable_claims_nothing() -> None:
    assert asked("some.py:callable", Settings(seed=1), []) == []
    assert asked("bundled", Settings(seed=1), []) == []


def test_another_fault_is_no_mix_up() -> None:
    def wrong(x: Any, weight: Any, bias: Any = None, **given: Any) -> Any:
        return right(x, weight, bias, **given) + np.float32(1)

    found = [each for each in claims(in_process(wrong, "wrong")) if each.works is None]
    assert len(found) > 10
    assert {each.mixed_up for each in found} == {""}
    assert {each.miss.kind for each in found if each.miss} == {"value"}
