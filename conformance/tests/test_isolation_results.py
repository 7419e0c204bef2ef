"""Whatever a call gives or raises comes back as the right outcome, in the same process."""

from __future__ import annotations

import json

import numpy as np
import pytest
import strangers
from in_process import in_process
from isolated import (
    EVEN_CASE,
    LIMITS,
    ODD_CASE,
    assert_recovers,
    assert_right,
    computed,
    right_answer,
)
from strangers import named

from convt_conformance.isolation import Isolated
from convt_conformance.outcomes import Computed, Outcome, OutOfMemory, Rejected, Unsupported
from convt_conformance.protocol import outcome_from_message, outcome_message
from convt_conformance.worker import MEMORY_WORDS
from convt_spec.case import Case
from convt_spec.data import arrays

pytestmark = pytest.mark.usefixtures("leaves_no_process")

REFUSALS = {
    "leaves": Rejected(error="SystemExit", message="the call tried to end the process"),
    "raises_system_exit": Rejected(error="SystemExit", message="the call tried to end the process"),
    "raises_interrupt": Rejected(error="KeyboardInterrupt", message="the call tried to end the process"),
    "raises_unspeakable": Rejected(error="Unspeakable", message="(the exception's own text could not be made)"),
    "raises_many_lines": Rejected(error="ValueError", message="the size is wrong"),
    "raises_beside_its_files": Rejected(error="ValueError", message="lib/room/shapes.py:12: the size is wrong"),
    "raises_nameless": Rejected(error="Nameless", message="odd"),
    "raises_odd_name": Rejected(error="Odd  " * 20, message=""),
    "recurses": Rejected(error="RecursionError", message="maximum recursion depth exceeded"),
}
NO_ARRAYS = {
    "gives_list": "list",
    "gives_none": "NoneType",
    "gives_number": "float32",
    "gives_masked": "MaskedArray",
    "gives_lazy": "Lazy",
    "gives_pretender": "Pretender",
}
OTHER_MEMORY = ("gives_strided", "gives_transposed_memory", "gives_big_endian", "gives_read_only", "gives_mapped_file")


def told(name: str, case: Case = ODD_CASE) -> Outcome:
    """What the runner hears of a stranger's call; no process is needed for strangers that leave theirs alone."""
    outcome = in_process(getattr(strangers, name), name).run(case)
    assert isinstance(outcome, Computed | Rejected | Unsupported | OutOfMemory)
    return outcome_from_message(json.loads(json.dumps(outcome_message(outcome))))


@pytest.mark.parametrize("name", REFUSALS)
def test_whatever_is_raised_is_a_refusal(name: str) -> None:
    outcome = told(name)
    assert isinstance(outcome, Rejected), outcome
    assert outcome.error == REFUSALS[name].error
    assert outcome.message.startswith(REFUSALS[name].message)
    assert len(outcome.message) <= 300
    assert_right(told(name, EVEN_CASE), EVEN_CASE)


@pytest.mark.parametrize("text", ["OOM: no block of 64 MiB", "CUDA out of memory", "std::bad_alloc", "RESOURCEEXHAUSTED: 8 GiB"])
def test_words_for_too_little_memory(text: str) -> None:
    assert MEMORY_WORDS.search(text)


@pytest.mark.parametrize("text", ["no room for the bias", "/tmp/tmpoom31/model.onnx is wrong"])
def test_words_with_the_same_letters_are_a_refusal(text: str) -> None:
    assert not MEMORY_WORDS.search(text)


def test_an_exception_whose_text_ends_the_process_is_a_refusal() -> None:
    with Isolated(named("raises_unspeakably"), limits=LIMITS) as implementation:
        assert implementation.run(ODD_CASE) == Rejected(error="Unspeakably", message="(the exception's own text could not be made)")


def test_nothing_can_be_asked_of_the_user() -> None:
    with Isolated(named("asks"), limits=LIMITS) as implementation:
        assert implementation.run(ODD_CASE) == Rejected(error="EOFError", message="EOF when reading a line")
        assert_right(implementation.run(EVEN_CASE), EVEN_CASE)


def test_the_text_of_a_refusal_can_be_written_to_a_record() -> None:
    outcome = told("raises_surrogates")
    assert isinstance(outcome, Rejected), outcome
    assert outcome.message.startswith("no such file: ")
    assert outcome.message.encode("utf-8")


@pytest.mark.parametrize("name", NO_ARRAYS)
def test_a_result_that_is_no_array_is_named_by_its_type(name: str) -> None:
    assert told(name) == Computed(array=None, dtype=NO_ARRAYS[name])


@pytest.mark.parametrize(("name", "dtype"), [("gives_objects", "object"), ("gives_words", "str")])
def test_an_array_that_holds_no_numbers_is_named_by_its_dtype(name: str, dtype: str) -> None:
    outcome = told(name)
    assert isinstance(outcome, Computed), outcome
    assert outcome.array is None
    assert dtype in outcome.dtype


@pytest.mark.parametrize("name", OTHER_MEMORY)
def test_the_memory_of_a_result_does_not_matter(name: str) -> None:
    assert_right(told(name), ODD_CASE)


def test_a_result_of_another_rank_comes_back_as_it_is() -> None:
    np.testing.assert_array_equal(computed(told("gives_rank_two")), right_answer(ODD_CASE)[0])
    found = computed(told("gives_rank_zero"))
    assert (found.shape, found.item()) == ((), 1.5)


def test_a_subclass_cannot_claim_another_shape_or_dtype() -> None:
    found = told("gives_liar")
    assert (computed(found).shape, computed(found).dtype) == (right_answer(ODD_CASE)[..., :-1].shape, np.float64)
    assert computed(told("gives_matrix")).ndim == 2


def test_a_view_of_the_input_is_what_it_was_then() -> None:
    np.testing.assert_array_equal(computed(told("gives_input")), arrays(ODD_CASE)[0][:, ::-1])


def test_a_result_that_only_claims_to_be_huge_is_not_made() -> None:
    with Isolated(named("claims_terabytes"), limits=LIMITS) as implementation:
        assert isinstance(implementation.run(ODD_CASE), OutOfMemory)
        assert_recovers(implementation)


def test_a_result_of_another_dtype_comes_back_as_it_is() -> None:
    assert computed(told("gives_complex")).dtype == np.complex64


@pytest.mark.parametrize("name", ["writes_input", "writes_kernel", "reshapes_input"])
def test_a_changed_argument_is_told(name: str) -> None:
    outcome = told(name)
    assert isinstance(outcome, Computed), outcome
    assert outcome.changed_input


def test_one_process_goes_on_after_every_strange_result() -> None:
    with Isolated(named("takes_turns"), limits=LIMITS) as implementation:
        for stranger in strangers.STRANGE_RESULTS:
            observed, expected = implementation.run(ODD_CASE), told(stranger.__name__)
            assert type(observed) is type(expected)
            assert str(observed) == str(expected)
            assert_right(implementation.run(EVEN_CASE), EVEN_CASE)
        assert implementation.restarts == 0
