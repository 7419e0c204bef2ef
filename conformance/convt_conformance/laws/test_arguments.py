"""The forms that the document allows for each argument, and the order of the constructor's parameters."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

from hypothesis import strategies as st

from convt_conformance.judge import SHAPE
from convt_conformance.law import law
from convt_conformance.laws.alike import judge_like
from convt_conformance.strategies import Strategy, Supports, any_form, calls, forms, in_company, small_cases, unpadded, varied, widely
from convt_conformance.telling import grid, telling_cases
from convt_conformance.trial import Trial
from convt_spec.case import Case
from convt_spec.problem import OMITTED, Items, plain

KINDS: tuple[Literal["list", "tuple"], ...] = ("list", "tuple")


def list_of(value: int) -> Items:
    return Items("list", (value,))


def tuple_of(value: int) -> Items:
    return Items("tuple", (value,))


def positional_cases(supports: Supports) -> Strategy:
    return small_cases(
        supports,
        call="positional",
        stride=st.integers(3, 5),
        padding=st.integers(0, 1),
        output_padding=2,
        groups=st.integers(1, 3),
        dilation=st.integers(1, 4),
        kernel_size=st.integers(2, 4),
        bias_attr=st.sampled_from([OMITTED, False]),
        data_format=st.sampled_from(["NCL", "NLC"]),
    )


@law("A1", positional_cases, every=True)
def test_A1_constructor_order(trial: Trial, case: Case) -> None:
    """All parameters passed by position in the printed order mean what they mean by name."""
    trial.judge(case)


def uncropped(supports: Supports, **pins: Any) -> Strategy:
    """Any surroundings in which no reading of a crop or of an added sample counts."""
    return in_company(supports, **{"padding": unpadded(supports), "output_padding": OMITTED, **pins})


def judge_form(trial: Trial, case: Case, name: str) -> None:
    """Judge a call, which may be refused only where it is refused with a plain int for the argument too."""
    judge_like(trial, case, case.with_(**{name: plain(getattr(case.problem, name))}))


def kernel_size_cases(supports: Supports) -> Strategy:
    return st.integers(1, 4).flatmap(
        lambda size: uncropped(supports, call="layer", kernel_size=size, kernel_form=st.sampled_from(forms(size)))
    )


@law("A10", kernel_size_cases)
def test_A10_kernel_size_forms(trial: Trial, case: Case) -> None:
    """kernel_size is an int, or a list or tuple that holds one."""
    judge_form(trial, case, "kernel_form")


def listed(supports: Supports, **pins: Any) -> Strategy:
    """Surroundings that any implementation takes, since a list may always be refused."""
    return small_cases(supports, call=calls(supports), **varied(supports), **pins)


def stride_cases(supports: Supports) -> Strategy:
    return uncropped(supports, stride=st.integers(1, 5).flatmap(lambda stride: st.sampled_from([stride, tuple_of(stride)])))


@law("A11", stride_cases)
def test_A11_stride_forms(trial: Trial, case: Case) -> None:
    """stride is an int or a tuple that holds one."""
    judge_form(trial, case, "stride")


@law("A12", lambda supports: listed(supports, stride=st.integers(1, 5).map(list_of)))
def test_A12_stride_list(trial: Trial, case: Case) -> None:
    """A list that holds one stride is accepted, or always refused."""
    trial.judge(case)


def padding_cases(supports: Supports) -> Strategy:
    return uncropped(supports, padding=any_form(0, 2), kernel_size=st.integers(5, 6))


@law("A13", padding_cases)
def test_A13_padding_forms(trial: Trial, case: Case) -> None:
    """padding is an int, or a list or tuple that holds one."""
    judge_form(trial, case, "padding")


def output_padding_cases(supports: Supports) -> Strategy:
    return uncropped(supports, output_padding=any_form(0, 2), stride=st.integers(3, 4))


@law("A14", output_padding_cases, free=("O2",))
def test_A14_output_padding_forms(trial: Trial, case: Case) -> None:
    """output_padding is an int, or a list or tuple that holds one."""
    judge_form(trial, case, "output_padding")


def dilation_cases(supports: Supports) -> Strategy:
    dilations = st.integers(1, 4).flatmap(lambda dilation: st.sampled_from([dilation, tuple_of(dilation)]))
    return uncropped(supports, dilation=dilations, kernel_size=st.integers(2, 4))


@law("A15", dilation_cases)
def test_A15_dilation_forms(trial: Trial, case: Case) -> None:
    """dilation is an int or a tuple that holds one."""
    judge_form(trial, case, "dilation")


@law("A16", lambda supports: listed(supports, dilation=st.integers(1, 4).map(list_of), kernel_size=3))
def test_A16_dilation_list(trial: Trial, case: Case) -> None:
    """A list that holds one dilation is accepted, or always refused."""
    trial.judge(case)


def other_counts(size: int) -> list[Items]:
    """Two kernel sizes, the first of which is right, or none."""
    return [Items(kind, values) for kind in KINDS for values in ((size, size), (size, size + 1), ())]


def several_cases(supports: Supports) -> Strategy:
    """Two or three numbers in a list or tuple, or none, for one argument; in a layer also for its kernel's size."""
    values = st.lists(st.integers(1, 3), min_size=2, max_size=3) | st.sampled_from([[], [0, 0], [1, 0]])
    held = st.builds(Items, st.sampled_from(KINDS), values.map(tuple))
    names = st.sampled_from([name for name in ("stride", "dilation", "output_padding") if name in ("stride", *supports)])
    by_name = names.flatmap(lambda name: in_company(supports, **{"stride": st.integers(2, 4), name: held}))
    kernels = st.integers(1, 3).flatmap(
        lambda size: in_company(supports, call="layer", kernel_size=size, kernel_form=st.sampled_from(other_counts(size)))
    )
    return by_name | kernels if "layer" in supports else by_name


@law("A17", several_cases)
def test_A17_one_int_only(trial: Trial, case: Case) -> None:
    """Several strides, dilations, output_paddings or kernel sizes are refused, and none as well."""
    trial.judge(case)


PAIRS = [Items(kind, pair) for kind in KINDS for pair in ((1, 0), (0, 1), (1, 1), (1, 2))]


OTHERS = [Items(kind, values) for kind in KINDS for values in ((), (1, 1, 1))]


@law(
    "A18",
    lambda supports: listed(supports, padding=st.sampled_from([*PAIRS, *OTHERS]), kernel_size=st.integers(4, 6)),
    first=partial(telling_cases, "A18", grid(length=(1, 2), kernel_size=(1, 2, 3), padding=PAIRS)),
    free=("P1",),
)
def test_A18_two_paddings(trial: Trial, case: Case) -> None:
    """Two paddings are refused, or mean left and right; three and none are refused."""
    trial.judge(case)


@law(
    "A19",
    lambda supports: listed(supports, padding=st.sampled_from(["valid", "same"]), stride=st.integers(1, 3)),
    first=partial(telling_cases, "A19", grid(length=(1, 2), kernel_size=(1, 2), padding=("valid", "same"))),
    free=("S3",),
)
def test_A19_lower_case_padding(trial: Trial, case: Case) -> None:
    """The two strings in lower case are refused, or mean the same."""
    trial.judge(case)


WRONG_WORDS = st.sampled_from(["FOO", "FULL", "REFLECT", "SAMES", "VALI"])


@law("A20", lambda supports: in_company(supports, padding=WRONG_WORDS))
def test_A20_other_padding_strings(trial: Trial, case: Case) -> None:
    """Any other string is refused."""
    trial.judge(case)


def output_channel_cases(supports: Supports) -> Strategy:
    wide = {"out_per_group": st.integers(81, 200), "length": st.integers(1, 9)}
    return widely(supports, wide, in_per_group=st.integers(1, 2), out_per_group=st.integers(3, 5))


@law("A21", output_channel_cases, aspects=SHAPE)
def test_A21_out_channels(trial: Trial, case: Case) -> None:
    """The output has out_channels channels, also where the input has fewer."""
    trial.judge(case)
