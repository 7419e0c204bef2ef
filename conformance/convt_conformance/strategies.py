"""Hypothesis strategies for cases: a problem and a data seed are drawn, never array elements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

from convt_spec.case import Case, Integers
from convt_spec.lengths import SAME_READINGS, full_length, printed_length
from convt_spec.problem import OMITTED, Items, Problem, plain

Strategy = st.SearchStrategy[Case]
Supports = Sequence[str]
Cases = Callable[[Supports], Strategy | list[Case]]

COUNTS = st.integers(1, 3)
LENGTHS = st.integers(1, 9) | st.integers(10, 140)
KERNELS = st.integers(1, 6) | st.integers(7, 20)
BOTH = st.booleans()
SEEDS = st.integers(0, 2**16 - 1).map(Integers)

LONG = {"length": st.integers(5000, 15000), "kernel_size": st.integers(2, 4), "batch": 1, "in_per_group": 1, "out_per_group": 1}
"""Inputs of thousands of samples, for laws that ask for the length only."""


def around(*sizes: int) -> st.SearchStrategy[int]:
    """The sizes at which blocks end, one less and one more."""
    return st.sampled_from(sizes).flatmap(lambda size: st.integers(size - 1, size + 1))


def forms(value: float) -> list[Any]:
    """A number as itself, in a list and in a tuple."""
    return [value, Items("list", (value,)), Items("tuple", (value,))]


def any_form(least: int, most: int) -> st.SearchStrategy[Any]:
    """A number of a range, as an int, in a list or in a tuple."""
    return st.integers(least, most).flatmap(lambda value: among(*forms(value)))


@lru_cache(maxsize=1 << 10, typed=True)
def among(*values: Any) -> st.SearchStrategy[Any]:
    """One of the values; a strategy that is made once need not be checked again at each draw."""
    return st.just(values[0]) if len(values) == 1 else st.sampled_from(values)


@lru_cache(maxsize=1 << 10)
def whole(least: int, most: int) -> st.SearchStrategy[int]:
    return st.integers(least, most)


@lru_cache(maxsize=1 << 10)
def paddings(most: int, ints: bool, valid: bool) -> st.SearchStrategy[Any]:
    """Numbers up to `most`, those up to 8 more often, and the string."""
    offered: list[st.SearchStrategy[Any]] = [st.integers(0, min(most, 8))] if ints else [st.just(0)]
    if ints and most > 8:
        offered.append(st.integers(9, most))
    return st.one_of(*offered, *[st.just("VALID")] * valid)


class Choice:
    """One case being drawn: an attribute is its pin, else what is offered for it; either is a value or a strategy for one."""

    def __init__(self, draw: st.DrawFn, supports: Supports, pins: dict[str, Any]) -> None:
        self.draw, self.supports, self.pins = draw, supports, pins

    def value(self, name: str, offered: Any) -> Any:
        found = self.pins.get(name, offered)
        return self.draw(found) if isinstance(found, st.SearchStrategy) else found

    def argument(self, name: str, default: Any, offered: st.SearchStrategy[Any], feature: str | None = None) -> Any:
        """An argument of the call, at its default where the feature is missing; a default is passed or left out, either."""
        found = self.value(name, offered if feature is None or feature in self.supports else default)
        return OMITTED if name not in self.pins and found == default and self.draw(BOTH) else found

    def padding(self, reach: int) -> Any:
        """An int that leaves at least one sample of `reach`, or VALID."""
        return self.argument("padding", 0, paddings(max(reach - 1, 0) // 2, "padding" in self.supports, "VALID" in self.supports))


@st.composite
def ordinary_cases(draw: st.DrawFn, /, supports: Supports, **pins: Any) -> Case:
    """Cases on which all readings agree, of whatever the implementation supports.

    `pins` fix attributes of the problem, by a value or by a strategy, supported or not; the outcome then says so. `in_per_group` and
    `out_per_group` (channels) are drawn in place of in_channels and out_channels. At least one sample remains after the crop.
    """
    of = Choice(draw, supports, pins)
    call = of.value("call", among(*[form for form in ("function", "layer") if form in supports]))
    length, kernel = of.value("length", LENGTHS), of.value("kernel_size", KERNELS)
    stride = of.argument("stride", 1, whole(1, 5))
    dilation = of.argument("dilation", 1, whole(1, 4), "dilation")
    groups = of.argument("groups", 1, COUNTS, "groups")
    reach = full_length(length, kernel, plain(stride), plain(dilation))
    layouts = [layout for layout in ("NCL", "NLC") if layout in supports]
    problem = Problem(
        call=call,
        batch=of.value("batch", COUNTS),
        in_channels=of.value("in_per_group", COUNTS) * max(plain(groups), 1),
        out_channels=of.value("out_per_group", COUNTS) * max(plain(groups), 1),
        length=length,
        kernel_size=kernel,
        kernel_form=of.value("kernel_form", OMITTED),
        stride=stride,
        padding=of.padding(reach),
        output_padding=of.argument("output_padding", 0, whole(0, max(plain(stride) - 1, 0)), "output_padding"),
        output_size=of.value("output_size", OMITTED),
        groups=groups,
        dilation=dilation,
        data_format=of.argument("data_format", "NCL", among(*layouts)),
        bias=call == "function" and of.value("bias", BOTH if "bias" in supports else False),
        bias_attr=OMITTED if call == "function" else of.value("bias_attr", among(OMITTED, False)),
        weight=of.value("weight", "mapped"),
        flaw=of.value("flaw", "none"),
        memory=of.value("memory", "plain"),
        state=of.value("state", "once"),
        parameters=of.value("parameters", "set"),
    )
    dtypes = [dtype for dtype in ("float32", "float64") if dtype in supports]
    return Case(problem=problem, dtype=of.value("dtype", among(*dtypes)), data=of.value("data", SEEDS))


def widely(supports: Supports, wide: dict[str, Any], **pins: Any) -> Strategy:
    """Ordinary cases, half of them with attributes beyond the sizes that the other laws draw."""
    return ordinary_cases(supports, **pins) | ordinary_cases(supports, **{**pins, **wide})


def also_asked(supports: Supports, cases: Strategy) -> Strategy:
    """The cases, half of them with the length that they have passed as their output_size."""
    return cases | cases.map(asked) if "output_size" in supports else cases


def one_wide_side(supports: Supports, **sizes: Any) -> Strategy:
    """Groups with many channels on one side, the input's or the output's."""
    return st.sampled_from(["in_per_group", "out_per_group"]).flatmap(
        lambda name: ordinary_cases(supports, **sizes, **{name: st.integers(4, 40)})
    )


def asked(case: Case) -> Case:
    """The case with the length that it has passed as its output_size; a number without a meaning counts as the least that has one."""
    problem = case.problem
    stride, dilation, padding = max(plain(problem.stride), 1), max(plain(problem.dilation), 1), max(plain(problem.padding, 0), 0)
    length = printed_length(problem.length, max(problem.kernel_size, 1), stride, dilation, padding) + plain(problem.output_padding, 0)
    return case.with_(output_size=length, output_padding=OMITTED)


HELD = {"stride": ("tuple",), "padding": ("list", "tuple"), "output_padding": ("list", "tuple"), "dilation": ("tuple",)}
"""[A11 A13 A14 A15] What may hold the number of an argument. A list as stride or dilation is a matter of reading."""


@st.composite
def in_any_form(draw: st.DrawFn, /, cases: Strategy) -> Case:
    """The cases, each number as itself or held in what the document allows for its argument."""
    case = draw(cases)
    problem = case.problem
    given = {name: getattr(problem, name) for name in HELD}
    changes = {
        name: draw(among(value, *(Items(kind, (value,)) for kind in HELD[name])))  # type: ignore[arg-type]
        for name, value in given.items()
        if isinstance(value, int)
    }
    if problem.call != "function" and problem.kernel_form is OMITTED:
        changes["kernel_form"] = draw(among(OMITTED, *forms(problem.kernel_size)[1:]))
    return case.with_(**changes)


@st.composite
def combined_cases(draw: st.DrawFn, /, supports: Supports) -> Case:
    """SAME, VALID or a padding, perhaps with an output_size inside its range or with output_padding, and whatever else is supported.

    Half of SAME are long, with a wide kernel. Every number is in some form that the document allows for its argument.
    """
    return draw(in_any_form(combinations(supports)))


@st.composite
def combinations(draw: st.DrawFn, /, supports: Supports) -> Case:
    small = {"length": st.integers(1, 12), "kernel_size": st.integers(1, 8)}
    wide = {"length": st.integers(13, 140), "kernel_size": st.integers(8, 20), "stride": st.integers(2, 5)}
    paddings = among(*(name for name in ("SAME", "SAME", "VALID", "padding") if name in supports))
    padding = draw(paddings)
    sizes = {"output_padding": OMITTED, **(wide if padding == "SAME" and draw(BOTH) else small)}
    case = draw(ordinary_cases(supports, **sizes, **({} if padding == "padding" else {"padding": padding})))
    problem = case.problem
    stride, dilation = plain(problem.stride), plain(problem.dilation)
    arguments = (problem.length, problem.kernel_size, stride, dilation)
    if padding == "SAME":
        if "output_padding" in supports and draw(BOTH):
            return case.with_(output_padding=draw(st.integers(0, stride - 1)))
        lengths = [OMITTED, *sorted({reading(*arguments).length for reading in SAME_READINGS.values()})]
        return case.with_(output_size=draw(st.sampled_from(lengths)))
    shortest = full_length(*arguments) - 2 * plain(problem.padding, 0)
    more = draw(st.integers(0, stride - 1))
    if "output_size" in supports and draw(st.booleans()):
        return case.with_(output_size=shortest + more)
    return case.with_(output_padding=more) if "output_padding" in supports else case


def small_cases(supports: Supports, **pins: Any) -> Strategy:
    """As `ordinary_cases`, but with every attribute that is not pinned at its plainest, so that a refusal is about the pinned ones."""
    plainest = {
        "call": "function" if "function" in supports else "layer",
        "batch": 1,
        "kernel_size": st.integers(1, 4),
        "length": st.integers(1, 6),
        "stride": OMITTED,
        "dilation": OMITTED,
        "groups": OMITTED,
        "padding": OMITTED if "padding" in supports else "VALID",
        "output_padding": OMITTED,
        "data_format": "NLC" if natural_layout(supports) == "NLC" else OMITTED,
        "bias": False,
        "bias_attr": OMITTED,
        "dtype": "float32",
    }
    return ordinary_cases(supports, **{**plainest, **pins})


def varied(supports: Supports) -> dict[str, Any]:
    """Pins for laws about one attribute of small cases: batch, channels, groups and layout as supported, the rest at its plainest."""
    return {
        "batch": COUNTS,
        "in_per_group": COUNTS,
        "out_per_group": COUNTS,
        "groups": st.sampled_from([OMITTED, OMITTED, 2, 3] if "groups" in supports else [OMITTED]),
        "data_format": st.sampled_from([layout for layout in ("NCL", "NLC") if layout in supports]),
    }


def unpadded(supports: Supports) -> st.SearchStrategy[Any]:
    """The ways to say that nothing is cropped."""
    return st.sampled_from(
        [OMITTED, 0, "VALID"] if {"padding", "VALID"} <= {*supports} else [OMITTED, 0] if "padding" in supports else ["VALID"]
    )


def in_company(supports: Supports, **pins: Any) -> Strategy:
    """Small cases of the pinned attributes: a third with the others at their plainest, where nothing else can be the reason of a refusal,
    a third with any batch, groups and layout, and a third with whatever is supported, in any form, perhaps with an output_size."""
    plainest = small_cases(supports, **{"call": calls(supports), **pins})
    roomier = small_cases(supports, **{"call": calls(supports), **varied(supports), **pins})
    full = ordinary_cases(supports, **{"length": st.integers(1, 9), "kernel_size": st.integers(1, 6), **pins})
    lengthened = "output_padding" in pins or "output_size" in pins
    return plainest | roomier | in_any_form(full if lengthened else also_asked(supports, full))


def natural_layout(supports: Supports) -> str:
    """The layout that an implementation names first."""
    return next(feature for feature in supports if feature in ("NCL", "NLC"))


def natural(case: Case, supports: Supports) -> Case:
    """A case in the plainest form that the implementation supports: its call, its layout, its way to say no padding."""
    problem = case.problem
    if problem.call == "function" and "function" not in supports:
        problem = problem.with_(call="layer", bias=False, bias_attr=OMITTED if problem.bias else False)
    if problem.data_format is OMITTED and natural_layout(supports) == "NLC":
        problem = problem.with_(data_format="NLC")
    if problem.padding is OMITTED and "padding" not in supports:
        problem = problem.with_(padding="VALID")
    return Case(problem=problem, dtype=case.dtype, data=case.data)


def calls(supports: Supports) -> st.SearchStrategy[str]:
    """The forms of the call that are supported."""
    return st.sampled_from([form for form in ("function", "layer") if form in supports])
