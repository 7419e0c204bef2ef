"""Outcomes against answers: each kind of mismatch, and what is no mismatch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from convt_conformance.judge import (
    DTYPE,
    EVERYTHING,
    KINDS,
    ROUNDING,
    SHAPE,
    VERDICTS,
    Mismatch,
    could_fail,
    mismatch,
    required_numbers,
    requirement,
)
from convt_conformance.outcomes import Computed, Crashed, Outcome, OutOfMemory, Rejected, TimedOut
from convt_spec import clauses
from convt_spec.case import Case
from convt_spec.data import arrays
from convt_spec.interpretation import Answer, Refusal, interpret

EXAMPLE = Case.parse("N1,C2,M1,L4,K2,float32,lit:4:0:9:7:8:0:9:2/7:0:4:2")
EXAMPLE_NUMBERS = np.array([[[60, 16, 99, 75, 4]]], np.float32)
BATCH = Case.parse("N2,C1,M3,L4,K2,stride=2,float32,int:3")
IN_NLC = Case.parse("N2,C1,M3,L4,K2,stride=2,data_format=NLC,float32,int:3")
REALS = Case.parse("N2,C3,M4,L30,K5,stride=2,float32,real:3")
FORBIDDEN = Case.parse("N1,C1,M1,L4,K2,stride=0,float32,int:3")


def answer(case: Case, **choices: str) -> Answer | Refusal:
    return interpret(case.problem, {**clauses.rulings(), **choices})


def scattered(case: Case, dtype: Any = np.float64) -> np.ndarray:
    """The result by its own short way: one outer product per pair of positions, in NCL, for stride 2 and two taps or more."""
    x, weight, _ = arrays(case)
    x = (x.transpose(0, 2, 1) if case.layout == "NLC" else x).astype(dtype)
    taps, length = weight.shape[2], x.shape[2]
    y = np.zeros((x.shape[0], weight.shape[1], (length - 1) * 2 + taps), dtype)
    for i in range(length):
        for k in range(taps):
            y[:, :, i * 2 + k] += x[:, :, i] @ weight[:, :, k].astype(dtype)
    return y


def result(array: Any) -> Computed:
    return Computed(array=array, dtype=array.dtype.name)


def assert_conforms(case: Case, outcome: Outcome, **settings: Any) -> None:
    assert mismatch(case, outcome, answer(case), **settings) is None


def assert_deviates(case: Case, outcome: Outcome, kind: str, **settings: Any) -> Mismatch:
    found = mismatch(case, outcome, answer(case), **settings)
    assert found is not None
    assert (found.verdict, found.kind) == ("deviates", kind)
    assert found.observed
    assert found.required
    return found


def test_the_documented_example_conforms() -> None:
    assert_conforms(EXAMPLE, result(EXAMPLE_NUMBERS))


def test_a_batch_with_a_stride_conforms() -> None:
    assert_conforms(BATCH, result(scattered(BATCH, np.float32)))


@pytest.mark.parametrize("position", [(0, 0, 0), (1, 2, 7), (0, 2, 3)])
def test_one_wrong_number_is_a_value(position: tuple[int, int, int]) -> None:
    wrong = scattered(BATCH, np.float32)
    wrong[position] += 1
    found = assert_deviates(BATCH, result(wrong), "value")
    index = ",".join(map(str, position))
    assert f"1 of 48 samples differ, first y[{index}] = {wrong[position]:g}" in found.observed
    assert f"{wrong[position] - 1:g} there" in found.required


def test_a_small_wrong_result_is_shown_whole() -> None:
    found = assert_deviates(EXAMPLE, result(EXAMPLE_NUMBERS + 1), "value")
    assert (found.observed, found.required) == ("[61 17 100 76 5] as NCL", "[60 16 99 75 4] as NCL")


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_a_value(number: float) -> None:
    assert_deviates(BATCH, result(np.full((2, 3, 8), number, np.float32)), "value")
    assert_deviates(REALS, result(np.full((2, 4, 63), number, np.float32)), "value")


def test_the_last_bit_of_whole_numbers_matters_to_sums() -> None:
    last_bit = result(np.nextafter(EXAMPLE_NUMBERS, np.float32(0)))
    assert_deviates(EXAMPLE, last_bit, "value", aspects=ROUNDING)
    assert mismatch(EXAMPLE, last_bit, answer(EXAMPLE, V7="transform"), ROUNDING) is None
    assert_conforms(EXAMPLE, last_bit)


@pytest.mark.parametrize("off", [1.0, 0.25, -0.13, 0.01, np.nan])
def test_whole_numbers_that_are_off_by_more_than_rounding_are_a_value(off: float) -> None:
    wrong = result(EXAMPLE_NUMBERS + np.float32([0, 0, 0, off, 0]))
    assert_deviates(EXAMPLE, wrong, "value")
    assert mismatch(EXAMPLE, wrong, answer(EXAMPLE, V7="transform"), ROUNDING) is not None


def test_real_numbers_through_a_transform_are_a_value_to_sums_alone() -> None:
    case = Case.parse("N2,C3,M4,L30,K5,stride=2,float64,real:3")
    x, weight, _ = arrays(case)
    spectra = np.fft.rfft(np.kron(x, [1.0, 0.0]), 64), np.fft.rfft(weight, 64)
    through = result(np.fft.irfft(np.einsum("ncf,cmf->nmf", *spectra), 64)[..., :63])
    assert_deviates(case, through, "value", aspects=ROUNDING)
    assert mismatch(case, through, answer(case, V7="transform"), ROUNDING) is None
    assert_conforms(case, through)


def test_the_sign_of_zero_does_not_matter() -> None:
    case = Case.parse("N1,C1,M1,L1,K1,float32,lit:0/5")
    assert_conforms(case, result(np.array([[[-0.0]]], np.float32)))


SHAPES = {
    "one sample more": ((1, 1, 6), "length"),
    "one sample less": ((1, 1, 4), "length"),
    "no sample": ((1, 1, 0), "length"),
    "channels last": ((1, 5, 1), "layout"),
    "one channel more": ((1, 2, 5), "layout"),
    "one item more": ((2, 1, 5), "layout"),
    "no item": ((0, 1, 5), "layout"),
    "rank 2": ((1, 5), "layout"),
    "rank 4": ((1, 1, 1, 5), "layout"),
    "rank 0": ((), "layout"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_wrong_shape_is_a_length_or_a_layout(name: str) -> None:
    shape, kind = SHAPES[name]
    found = assert_deviates(EXAMPLE, result(np.ones(shape, np.float32)), kind)
    assert str(shape) in found.observed
    assert found.required == "shape (1, 1, 5) [60 16 99 75 4]"


@pytest.mark.parametrize("dtype", [np.float64, np.float16, np.int64, np.uint8])
def test_the_dtype_matters_only_where_it_is_asked_for(dtype: Any) -> None:
    outcome = result(EXAMPLE_NUMBERS.astype(dtype))
    assert_conforms(EXAMPLE, outcome)
    found = assert_deviates(EXAMPLE, outcome, "dtype", aspects=EVERYTHING)
    assert np.dtype(dtype).name in found.observed
    assert "float32" in found.required


def test_the_right_dtype_conforms_where_it_is_asked_for() -> None:
    assert_conforms(EXAMPLE, result(EXAMPLE_NUMBERS), aspects=EVERYTHING)


def test_a_wrong_shape_comes_before_a_wrong_dtype() -> None:
    assert_deviates(EXAMPLE, result(np.ones((1, 1, 6))), "length", aspects=EVERYTHING)


def test_only_the_aspects_that_are_asked_for_are_compared() -> None:
    wrong_numbers, wrong_dtype = result(EXAMPLE_NUMBERS + 1), result(EXAMPLE_NUMBERS.astype(np.float64))
    assert_conforms(EXAMPLE, wrong_numbers, aspects=SHAPE)
    assert_conforms(EXAMPLE, wrong_numbers, aspects=DTYPE)
    assert_conforms(EXAMPLE, wrong_dtype, aspects=SHAPE)
    assert_deviates(EXAMPLE, result(EXAMPLE_NUMBERS[..., 1:]), "length", aspects=SHAPE)
    assert_deviates(EXAMPLE, wrong_dtype, "dtype", aspects=DTYPE)
    assert_deviates(EXAMPLE, wrong_numbers, "value", aspects=EVERYTHING)


def test_what_is_no_array_is_a_dtype() -> None:
    found = assert_deviates(EXAMPLE, Computed(array=None, dtype="list"), "dtype")
    assert found.observed == "a result of type list, which is no array"


@pytest.mark.parametrize("case", [EXAMPLE, BATCH, REALS], ids=["example", "batch", "reals"])
def test_complex_numbers_are_judged_too(case: Case) -> None:
    right = EXAMPLE_NUMBERS if case is EXAMPLE else scattered(case)
    assert mismatch(case, result(right + 1j), answer(case)) is not None
    assert_deviates(case, result(right.astype(np.complex64)[..., 1:]), "length")


def test_complex_numbers_are_a_dtype_also_where_only_the_numbers_are_asked_for() -> None:
    found = assert_deviates(EXAMPLE, result(EXAMPLE_NUMBERS.astype(np.complex64)), "dtype")
    assert found.observed.startswith("a complex result, complex64 (1, 1, 5)")
    assert found.required == "real numbers, as the input has"


def test_an_accepted_call_that_must_be_refused() -> None:
    found = assert_deviates(FORBIDDEN, result(EXAMPLE_NUMBERS), "accepts-invalid")
    assert found.observed.startswith("float32 (1, 1, 5) [60")
    assert found.required == "a refusal ([I1] stride >= 1 is required)"


def test_a_refused_call_that_must_be_refused() -> None:
    assert_conforms(FORBIDDEN, Rejected(error="ValueError", message="no"))


def test_a_refused_call_that_means_something() -> None:
    found = assert_deviates(EXAMPLE, Rejected(error="ValueError", message="no"), "rejects-valid")
    assert found.observed == "ValueError: no"


@pytest.mark.parametrize("case", [EXAMPLE, FORBIDDEN], ids=["valid", "forbidden"])
@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        (Crashed(how="signal 11 (SIGSEGV)"), "crashes"),
        (TimedOut(seconds=2), "hangs"),
        (OutOfMemory(message="MemoryError"), "exhausts-memory"),
    ],
)
def test_the_end_of_the_process_is_a_verdict_of_its_own(case: Case, outcome: Outcome, verdict: str) -> None:
    found = mismatch(case, outcome, answer(case))
    assert found is not None
    assert (found.verdict, found.kind, found.observed) == (verdict, "", str(outcome))
    assert found.required == requirement(case, answer(case))


def test_channels_last_is_judged_in_its_own_layout() -> None:
    right = scattered(IN_NLC, np.float32)
    assert_conforms(IN_NLC, result(right.transpose(0, 2, 1)))
    found = assert_deviates(IN_NLC, result(right), "layout")
    assert "shape (2, 8, 3)" in found.required
    assert_deviates(IN_NLC, result(right.transpose(0, 2, 1)[:, 1:]), "length")


def test_channels_first_in_place_of_channels_last_shows_also_where_the_shape_does_not_tell() -> None:
    case = Case.parse("N1,C1,M4,L3,K2,data_format=NLC,float32,int:3")
    x, weight, _ = arrays(case)
    right = np.stack([np.convolve(x[0, :, 0], weight[0, m]) for m in range(4)])[None]
    assert_conforms(case, result(right.transpose(0, 2, 1)))
    assert_deviates(case, result(right), "value")


def test_reals_are_judged_by_their_bound() -> None:
    right = scattered(REALS)
    assert_conforms(REALS, result(right.astype(np.float32)))
    assert_conforms(REALS, result(scattered(REALS, np.float32)))


def test_a_real_beyond_its_bound_is_a_value() -> None:
    wrong = scattered(REALS).astype(np.float32)
    wrong[1, 3, 20] += 4e-5
    found = assert_deviates(REALS, result(wrong), "value")
    assert found.observed.startswith("y[1,3,20] = ")
    assert "of its limit" in found.observed
    assert "within the rounding of float32" in found.required


def test_a_wrong_real_is_shown_beside_the_right_one() -> None:
    case = Case.parse("N1,C2,M3,L1,K1,float32,real:5")
    x, weight, _ = (None if each is None else each.astype(np.float64) for each in arrays(case))
    right = np.einsum("ncl,cm->nml", x, weight[:, :, 0])
    wrong = right.copy()
    wrong[0, 1, 0] += 0.5
    found = assert_deviates(case, result(wrong.astype(np.float32)), "value")
    assert found.observed.startswith(f"y[0,1,0] = {float(np.float32(wrong[0, 1, 0]))!r} (largest error ")
    assert found.required == f"{float(right[0, 1, 0])!r} within the rounding of float32"
    shown = [float(number) for number in requirement(case, answer(case)).split("[")[1].strip("]").split()]
    np.testing.assert_allclose(shown, right.ravel(), rtol=1e-4)  # the text has at least five digits


def test_reals_from_cut_operands_are_a_value() -> None:
    x, weight, _ = arrays(REALS)
    cut = [(each.view(np.uint32) & np.uint32(0xFFFFE000)).view(np.float32).astype(np.float64) for each in (x, weight)]
    y = np.zeros((2, 4, 63))
    for i in range(30):
        for k in range(5):
            y[:, :, i * 2 + k] += cut[0][:, :, i] @ cut[1][:, :, k]
    assert_deviates(REALS, result(y.astype(np.float32)), "value")


def test_float64_reals_do_not_pass_in_single_precision() -> None:
    case = replace(REALS, dtype="float64")
    assert_conforms(case, result(scattered(case)))
    assert_deviates(case, result(scattered(case).astype(np.float32).astype(np.float64)), "value")


OPEN = Case.parse("N1,C1,M1,L5,K3,stride=2,padding=SAME,float32,lit:1:2:3:4:5/1:10:100")
FULL = [1, 10, 102, 20, 203, 30, 304, 40, 405, 50, 500]


def open_crop(numbers: list[float]) -> Mismatch | None:
    printed = answer(OPEN, S3="as-printed")
    assert isinstance(printed, Answer)
    assert (printed.left, printed.length) == (None, 3)
    return mismatch(OPEN, result(np.array(numbers, np.float32).reshape(1, 1, -1)), printed)


@pytest.mark.parametrize("left", range(9))
def test_an_open_crop_takes_any_neighbouring_samples(left: int) -> None:
    assert open_crop(FULL[left : left + 3]) is None


@pytest.mark.parametrize("numbers", [[1, 102, 203], [10, 1, 102], [0, 0, 1], [1, 10, 103]])
def test_an_open_crop_takes_nothing_else(numbers: list[float]) -> None:
    found = open_crop(numbers)
    assert found is not None
    assert found.kind == "value"
    assert "3 neighbouring samples" in found.required


@pytest.mark.parametrize("numbers", [[405, 50, 500], [50, 500, 0], [500, 0, 0]])
def test_an_open_crop_ends_with_the_last_sample(numbers: list[float]) -> None:
    assert open_crop(numbers) is None


@pytest.mark.parametrize("text", [str(OPEN), "N1,C1,M1,L1,K1,padding=SAME,float32,lit:3/5"])
def test_an_open_crop_is_not_past_the_last_sample(text: str) -> None:
    case = Case.parse(text)
    printed = answer(case, S3="as-printed")
    found = mismatch(case, result(np.zeros((1, 1, printed.length), np.float32)), printed)  # type: ignore[union-attr]
    assert found is not None
    assert (found.kind, found.observed.split("[")[0]) == ("value", f"float32 (1, 1, {printed.length}) ")  # type: ignore[union-attr]


@pytest.mark.parametrize("count", [2, 4, 11])
def test_an_open_crop_has_its_length(count: int) -> None:
    found = open_crop(FULL[:count])
    assert found is not None
    assert (found.kind, found.required) == ("length", "3 samples per channel")


def test_an_open_crop_is_the_same_for_all_channels() -> None:
    case = Case.parse("N1,C1,M2,L5,K3,stride=2,padding=SAME,float32,lit:1:2:3:4:5/1:10:100:1:10:100")
    printed = answer(case, S3="as-printed")
    together, apart = np.array([[FULL[2:5], FULL[2:5]]], np.float32), np.array([[FULL[2:5], FULL[3:6]]], np.float32)
    assert mismatch(case, result(together), printed) is None
    assert mismatch(case, result(apart), printed) is not None


def test_a_case_with_numbers_could_fail() -> None:
    assert could_fail(EXAMPLE, answer(EXAMPLE))
    assert could_fail(FORBIDDEN, answer(FORBIDDEN))
    assert could_fail(OPEN, answer(OPEN, S3="as-printed"))


@pytest.mark.parametrize("text", ["N1,C1,M1,L2,K1,float32,lit:0:0/5", "N0,C1,M1,L2,K1,float32,int:1"])
def test_a_case_of_zeros_or_nothing_could_not_fail(text: str) -> None:
    case = Case.parse(text)
    assert not could_fail(case, answer(case))
    assert could_fail(case, answer(case), SHAPE)


def test_requirements_in_words() -> None:
    assert requirement(EXAMPLE, answer(EXAMPLE)) == "shape (1, 1, 5) [60 16 99 75 4]"
    assert requirement(FORBIDDEN, answer(FORBIDDEN)) == "a refusal ([I1] stride >= 1 is required)"
    assert requirement(OPEN, answer(OPEN, S3="as-printed")) == "3 samples per channel"


def test_a_requirement_in_the_layout_of_the_case() -> None:
    case = Case.parse("N1,C1,M2,L1,K2,data_format=NLC,float32,lit:1/1:2:3:4")
    assert requirement(case, answer(case)) == "shape (1, 2, 2) [1 3 2 4]"
    channels_first = Case.parse("N1,C1,M2,L1,K2,float32,lit:1/1:2:3:4")
    assert requirement(channels_first, answer(channels_first)) == "shape (1, 2, 2) [1 2 3 4]"


def test_the_required_numbers_are_in_the_layout_of_the_case() -> None:
    for case in (BATCH, IN_NLC):
        numbers = required_numbers(case, answer(case))
        assert numbers is not None
        np.testing.assert_array_equal(numbers, scattered(case).transpose(0, 2, 1) if case is IN_NLC else scattered(case))
    reals = required_numbers(REALS, answer(REALS))
    assert reals is not None
    np.testing.assert_allclose(reals, scattered(REALS), rtol=0, atol=1e-14)  # sums of 15 products below 1, each rounded at 2^-53


def test_what_is_refused_or_left_open_has_no_required_numbers() -> None:
    fresh = Case.parse("layer,N1,C1,M1,L1,K1,parameters=fresh,float32,int:0")
    for case, choices in ((FORBIDDEN, {}), (OPEN, {"S3": "as-printed"}), (fresh, {})):
        assert required_numbers(case, answer(case, **choices)) is None


def test_verdicts_and_kinds_are_those_of_the_record() -> None:
    from convt_conformance.records import schema

    properties = schema()["$defs"]["result"]["properties"]
    assert tuple(properties["verdict"]["enum"]) == VERDICTS
    assert tuple(properties["kind"]["enum"]) == ("", *KINDS)
