"""[I14 I17 I18] Calls around the one that is judged: the lines, and what they show of a call with a memory."""

from __future__ import annotations

import sys
from typing import Any

import harness
import numpy as np
import pytest
from in_process import in_process
from saboteurs import Conv1DTranspose, conv1d_transpose
from saboteurs.right import Array

from convt_conformance.isolation import Isolated
from convt_conformance.outcomes import Computed, Rejected, Unsupported
from convt_conformance.protocol import IN_PROCESS, missing
from convt_conformance.sequence import CHANGED, LATER, ROUNDS, TURNS
from convt_spec.case import Case
from convt_spec.problem import Problem

STATES = ["kept", "rewritten", "freed", "threads", "watched"]


def case(state: str, call: str = "function") -> Case:
    bias = "bias," if call == "function" else ""
    return Case.parse(f"{'' if call == 'function' else 'layer,'}N1,C2,M2,L4,K3,{bias}state={state},float32,int:3")


def computed(target: Any, state: str, call: str = "function") -> Array:
    outcome = in_process(target, "Conv1DTranspose" if call == "layer" else "conv1d_transpose").run(case(state, call))
    assert isinstance(outcome, Computed), outcome
    assert outcome.array is not None
    assert not outcome.changed_input
    return outcome.array


@pytest.mark.parametrize("call", ["function", "layer"])
@pytest.mark.parametrize("state", STATES)
def test_a_right_implementation_gives_the_same_whatever_is_called_around_it(state: str, call: str) -> None:
    target = conv1d_transpose if call == "function" else Conv1DTranspose
    assert (computed(target, state, call) == computed(target, "once", call)).all()


@pytest.mark.parametrize(
    ("state", "calls"), [("once", 1), ("kept", 1 + LATER), ("rewritten", 2), ("freed", 2), ("threads", 1 + ROUNDS * len(TURNS))]
)
def test_other_calls_have_other_numbers_or_another_stride(state: str, calls: int) -> None:
    seen: list[bytes] = []

    def watched(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
        seen.append(x.tobytes() + weight.tobytes() + repr(given).encode())
        return conv1d_transpose(x, weight, bias, **given)

    computed(watched, state)
    assert len(seen) == calls
    assert len(set(seen)) == {"once": 1, "kept": 1 + LATER, "threads": len(set(TURNS))}.get(state, 2)


def test_calls_at_the_same_time_share_their_arrays_or_have_their_own() -> None:
    owners: dict[int, set[int]] = {}

    def watched(x: Array, weight: Array, bias: Array, **given: Any) -> Array:
        owners.setdefault(id(weight), set()).add(id(bias))
        kernels.append(weight)
        return conv1d_transpose(x, weight, bias, **given)

    kernels: list[Array] = []
    computed(watched, "threads")
    shared = [name for name in owners if sum(id(each) == name for each in kernels) > 1]
    assert len(shared) == 1
    assert sum(id(each) == shared[0] for each in kernels) == 1 + ROUNDS * sum(turn != 2 for turn in TURNS)
    assert len(owners) == 1 + ROUNDS * TURNS.count(2)


@pytest.mark.parametrize("call", ["function", "layer"])
def test_a_list_that_the_call_changes_is_told(call: str) -> None:
    def greedy(*given: Any, **named: Any) -> Array:
        named["padding"].append(1)
        return conv1d_transpose(*given, **{**named, "padding": 1})

    class Greedy(Conv1DTranspose):  # type: ignore[misc, valid-type]
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **{**named, "padding": 1})
            named["padding"].append(1)

    text = f"{'' if call == 'function' else 'layer,'}N1,C2,M2,L4,K3,padding=list:1,{{}}float32,int:3"
    wrong = in_process(Greedy if call == "layer" else greedy, "Conv1DTranspose" if call == "layer" else "conv1d_transpose")
    found = wrong.run(Case.parse(text.format("state=watched,")))
    assert isinstance(found, Rejected)
    assert found.message == f"{CHANGED}: padding=[1, 1]"
    assert isinstance(wrong.run(Case.parse(text.format(""))), Computed)


@pytest.mark.parametrize("count", [1, 3, LATER])
def test_a_kept_result_shows_buffers_that_take_turns(count: int) -> None:
    ring = [np.empty((1, 2, 6), np.float32) for _ in range(count)]

    def taking_turns(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
        ring.append(ring.pop(0))
        ring[-1][...] = conv1d_transpose(x, weight, bias, **given)
        return ring[-1]

    assert (computed(taking_turns, "kept") != computed(conv1d_transpose, "once")).any()


@pytest.mark.parametrize("text", ["stride=3,", "padding=1,stride=tuple:2,", "stride=2,output_padding=1,", "padding=SAME,", ""])
def test_a_layer_is_asked_for_another_length_before(text: str) -> None:
    asked: list[Any] = []

    class Watched(Conv1DTranspose):  # type: ignore[valid-type,misc]
        def __call__(self, x: Array, output_size: Any = None) -> Array:
            asked.append(output_size)
            return super().__call__(x, output_size=output_size)  # type: ignore[no-any-return]

    plain = Case.parse(f"layer,N1,C1,M1,L4,K3,{text}float32,int:3")
    judged = in_process(Watched, "Conv1DTranspose")
    once, again = judged.run(plain), judged.run(plain.with_(state="rewritten"))
    assert isinstance(once, Computed)
    assert isinstance(again, Computed)
    assert once.array is not None
    assert again.array is not None
    assert (once.array == again.array).all()
    own, before, size, last = asked
    assert own is before is last is None
    assert text == "padding=SAME," or size in (once.array.shape[2] + 1, once.array.shape[2] - 1)


def test_a_layer_without_output_size_is_not_refused_for_it() -> None:
    class Sizeless(Conv1DTranspose):  # type: ignore[valid-type,misc]
        def __call__(self, x: Array) -> Array:
            return super().__call__(x)  # type: ignore[no-any-return]

    assert (computed(Sizeless, "rewritten", "layer") == computed(Conv1DTranspose, "once", "layer")).all()


def test_a_layer_is_made_once_and_set_again() -> None:
    made: list[int] = []

    class Watched(Conv1DTranspose):  # type: ignore[valid-type,misc]
        def __init__(self, *positional: Any, **named: Any) -> None:
            made.append(1)
            super().__init__(*positional, **named)

    computed(Watched, "rewritten", "layer")
    assert made == [1]


def test_an_error_in_one_thread_is_a_refusal_and_leaves_nobody_waiting() -> None:
    calls: list[int] = []

    def failing(x: Array, weight: Array, bias: Array | None = None, **given: Any) -> Array:
        calls.append(1)
        if len(calls) == 4:
            raise ValueError("not now")
        return conv1d_transpose(x, weight, bias, **given)

    outcome = in_process(failing, "failing").run(case("threads"))
    assert isinstance(outcome, Rejected)
    assert (outcome.error, outcome.message) == ("ValueError", "not now")


def test_arrays_that_are_converted_have_no_arrangement() -> None:
    for problem in (Problem(memory="strided"), Problem(state="kept"), Problem(call="layer", parameters="fresh")):
        assert missing(IN_PROCESS, problem) == ""
    assert "how they lie in memory" in missing(("state", "parameters"), Problem(memory="strided"))
    assert "one at a time" in missing(("memory", "parameters"), Problem(state="kept"))
    assert "come with the call" in missing(("memory", "state"), Problem(call="layer", parameters="fresh-bias"))
    assert missing((), Problem()) == ""


def test_what_the_adapter_does_not_support_is_not_run() -> None:
    judged = in_process(conv1d_transpose, "conv1d_transpose")
    adapter = judged.adapter

    class Converting:
        namespace, imports, program = adapter.namespace, adapter.imports, adapter.program

        def description(self) -> Any:
            found = adapter.description()
            return type(found)(**{**{name: getattr(found, name) for name in found.__slots__}, "supports": ("NCL", "function", "float32")})

    converting = type(judged)(Converting())
    assert isinstance(converting.run(Case.parse("N1,C1,M1,L4,K2,memory=reversed,float32,int:1")), Unsupported)
    assert isinstance(converting.run(Case.parse("N1,C1,M1,L4,K2,state=kept,float32,int:1")), Unsupported)
    assert np.shape(converting.run(Case.parse("N1,C1,M1,L4,K2,float32,int:1")).array) == (1, 1, 5)  # type: ignore[union-attr]


def test_a_program_is_asked_for_single_plain_calls_only() -> None:
    plain = Case.parse("N1,C1,M1,L4,K2,float32,int:1")
    others = [plain.with_(memory="swapped"), plain.with_(state="kept"), plain.with_(call="layer", parameters="fresh")]
    with Isolated(f"cmd:{sys.executable} {harness.__file__} right") as judged:
        found = judged.run_many([others[0], plain, *others[1:], plain])
        assert [type(outcome) for outcome in found] == [Unsupported, Computed, Unsupported, Unsupported, Computed]
        assert "unsupported" in judged.script(others[0])
