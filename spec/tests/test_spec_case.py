"""The text of a case: it parses back, needs no quotes, and says what is wrong with it."""

from __future__ import annotations

import re
import shlex
from typing import Any, get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from convt_spec.case import Case, CaseError, Integers, Literal, Reals, Special, SpecialKind
from convt_spec.problem import CALL_ARGUMENTS, OMITTED, Call, Flaw, Items, Memory, Parameters, Problem, State, WeightAxes

WORDS = st.sampled_from(["SAME", "VALID", "same", "FULL", "NCL", "NLC", "nwc", "x_1", "float32", "int", "bias", "layer", "L5", "omitted"])
FRACTIONS = st.integers(-999, 999).map(lambda eighths: eighths / 8)
ITEMS = st.builds(Items, st.sampled_from(["list", "tuple"]), st.lists(st.integers(-2, 99) | FRACTIONS, max_size=3).map(tuple))
ARGUMENTS = st.just(OMITTED) | st.integers(-3, 99) | ITEMS | FRACTIONS | WORDS | st.none() | st.booleans()
NUMBERS = st.lists(st.integers(-99, 99), max_size=5).map(tuple)
SEEDS = st.integers(0, 2**64 - 1)
SPECIALS = st.builds(Special, st.sampled_from(get_args(SpecialKind)), SEEDS)
DATA = st.builds(Integers, SEEDS) | st.builds(Reals, SEEDS) | SPECIALS | st.builds(Literal, NUMBERS, NUMBERS, NUMBERS)
SHELL_SAFE = re.compile(r"[A-Za-z0-9_.,:=/+-]+")


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Cases with every attribute, meaningful or not."""
    call = draw(st.sampled_from(get_args(Call)))
    own: dict[str, Any] = {"bias": draw(st.booleans())}
    if call != "function":
        own = {"bias_attr": draw(ARGUMENTS), "kernel_form": draw(ARGUMENTS), "parameters": draw(st.sampled_from(get_args(Parameters)))}
    arguments: dict[str, Any] = {name: draw(ARGUMENTS) for name in CALL_ARGUMENTS}
    sizes = [draw(st.integers(0, 140)) for _ in range(5)]
    problem = Problem(
        call=call,
        batch=sizes[0],
        in_channels=sizes[1],
        out_channels=sizes[2],
        length=sizes[3],
        kernel_size=sizes[4],
        weight=draw(st.sampled_from(get_args(WeightAxes))),
        flaw=draw(st.sampled_from(get_args(Flaw))),
        memory=draw(st.sampled_from(get_args(Memory))),
        state=draw(st.sampled_from(get_args(State))),
        **own,
        **arguments,
    )
    return Case(problem=problem, dtype=draw(st.sampled_from(["float32", "float64"])), data=draw(DATA))


def assert_same(found: Case, expected: Case) -> None:
    """Equal, and of the same types: True is not 1, 2.0 is not 2."""
    assert found == expected
    assert repr(found) == repr(expected)


@given(cases())
@settings(max_examples=500)
@example(Case(problem=Problem(stride=True, padding=False, output_padding=1.0, dilation=1, output_size=0)))
def test_the_text_parses_back_to_the_case(case: Case) -> None:
    assert_same(Case.parse(str(case)), case)


@given(cases())
@settings(max_examples=300)
def test_the_text_is_safe_in_a_shell(case: Case) -> None:
    assert SHELL_SAFE.fullmatch(str(case))
    assert shlex.quote(str(case)) == str(case)
    assert shlex.split(f"convt repro torch {case}")[-1] == str(case)


@given(cases(), cases())
@settings(max_examples=100)
def test_equal_texts_mean_equal_cases(one: Case, other: Case) -> None:
    assert (str(one) == str(other)) == (repr(one) == repr(other))


PLAIN = Problem()
ROUND = Problem(batch=1, in_channels=2, out_channels=1, length=4, kernel_size=2, stride=2)
TEXTS = [
    (Case(problem=ROUND, data=Integers(7)), "N1,C2,M1,L4,K2,stride=2,float32,int:7"),
    (Case(problem=Problem(), dtype="float64", data=Reals(3)), "N1,C1,M1,L1,K1,float64,real:3"),
    (Case(problem=Problem(memory="crossed"), dtype="float64", data=Reals(3, "level")), "N1,C1,M1,L1,K1,memory=crossed,float64,level:3"),
    (Case(problem=Problem(memory="cropped"), data=Special("uneven", 3)), "N1,C1,M1,L1,K1,memory=cropped,float32,uneven:3"),
    (Case(problem=Problem(bias=True, padding="SAME"), data=Literal((1, -2), (3,))), "N1,C1,M1,L1,K1,padding=SAME,bias,float32,lit:1:-2/3"),
    (Case(problem=Problem(), dtype="float64", data=Special("nonfinite", 3)), "N1,C1,M1,L1,K1,float64,nonfinite:3"),
    (Case(problem=Problem(length=2), data=Literal((1, 2), (3,), (4, -5))), "N1,C1,M1,L2,K1,float32,lit:1:2/3/4:-5"),
    (
        Case(problem=Problem(call="layer", bias_attr=False, kernel_form=Items("tuple", (1,)), output_size=None)),
        "layer,N1,C1,M1,L1,K1,output_size=none,bias_attr=false,kernel_form=tuple:1,float32,int:0",
    ),
    (
        Case(problem=Problem(call="positional", padding=Items("list", (1, 0)), stride=-1, dilation=1.5, groups=True)),
        "positional,N1,C1,M1,L1,K1,stride=-1,padding=list:1:0,groups=true,dilation=1.5,float32,int:0",
    ),
    (
        Case(problem=Problem(padding=Items("list", (1.5,)), stride=Items("tuple", (-2, 0.5)), dilation=Items("list", ()))),
        "N1,C1,M1,L1,K1,stride=tuple:-2:0.5,padding=list:1.5,dilation=list,float32,int:0",
    ),
    (Case(problem=Problem(memory="swapped", state="freed")), "N1,C1,M1,L1,K1,memory=swapped,state=freed,float32,int:0"),
    (Case(problem=Problem(call="layer", parameters="fresh-bias")), "layer,N1,C1,M1,L1,K1,parameters=fresh-bias,float32,int:0"),
    (Case(problem=Problem(weight="out-in", flaw="input-rank-4")), "N1,C1,M1,L1,K1,weight=out-in,flaw=input-rank-4,float32,int:0"),
]


@pytest.mark.parametrize(("case", "text"), TEXTS, ids=[text for _, text in TEXTS])
def test_golden_texts(case: Case, text: str) -> None:
    assert str(case) == text
    assert_same(Case.parse(f"  {text}\n"), case)


BAD = [
    ("", "got ''"),
    ("N1", "got 'N1'"),
    ("N1,C1,float32", "got 'float32'"),
    ("N1,float16,int:1", "got 'float16'"),
    ("N1,int:1", "got 'N1'"),
    ("N1,float32,int:x", "got 'int:x'"),
    ("N1,float32,int:", "got 'int:'"),
    ("N1,float32,int:-1", "got 'int:-1'"),
    ("N1,float32,real:-3", "got 'real:-3'"),
    ("N1,float32,int:+7", "got 'int:+7'"),
    ("N1,float32,int:1_0", "got 'int:1_0'"),
    ("N1,float32,real:1.5", "got 'real:1.5'"),
    ("N1,float32,float:1", "got 'float:1'"),
    ("N1,float32,zeros:-1", "got 'zeros:-1'"),
    ("N1,float32,nan:1", "got 'nan:1'"),
    ("N1,float32,lit:1:2", "got 'lit:1:2'"),
    ("N1,float32,lit:1/2/3/4", "got 'lit:1/2/3/4'"),
    ("N1,float32,lit:1:a/2", "got 'lit:1:a/2'"),
    ("N1,Q3,float32,int:1", "'Q3'"),
    ("N-1,float32,int:1", "'N-1'"),
    ("N1x,float32,int:1", "'N1x'"),
    ("N,float32,int:1", "'N'"),
    ("batch=2,float32,int:1", "'batch=2'"),
    ("N1,strides=2,float32,int:1", "'strides=2'"),
    ("N1,stride,float32,int:1", "'stride'"),
    ("N1,stride=,float32,int:1", "not an argument: ''"),
    ("N1,stride=1e3,float32,int:1", "not an argument: '1e3'"),
    ("N1,padding=a-b,float32,int:1", "not an argument: 'a-b'"),
    ("N1,stride=list:x,float32,int:1", "'x'"),
    ("N1,stride=2:3,float32,int:1", "not an argument: '2:3'"),
    ("N1,stride=list:1_0,float32,int:1", "not an argument: '1_0'"),
    ("N1,stride=list:SAME,float32,int:1", "not an argument: 'SAME'"),
    ("N1,stride=tuple:1e3,float32,int:1", "not an argument: '1e3'"),
    ("N1,N2,float32,int:1", "batch is given twice"),
    ("stride=1,N1,stride=1,float32,int:1", "stride is given twice"),
    ("layer,function,float32,int:1", "call is given twice"),
    ("bias,bias,float32,int:1", "bias is given twice"),
    ("N1,memory=odd,float32,int:1", "memory='odd'"),
    ("N1,state=odd,float32,int:1", "state='odd'"),
    ("N1,parameters=fresh,float32,int:1", "parameters='fresh'"),
    ("N1,weight=odd,float32,int:1", "weight='odd'"),
    ("N1,flaw=odd,float32,int:1", "flaw='odd'"),
    ("layer,bias,float32,int:1", "bias=True"),
    ("N1,bias_attr=false,float32,int:1", "bias_attr"),
    ("N1,float32,float32,int:1", "'float32'"),
]


@pytest.mark.parametrize(("text", "said"), BAD, ids=[text or "nothing" for text, _ in BAD])
def test_a_bad_text_is_an_error_that_names_the_part(text: str, said: str) -> None:
    with pytest.raises(CaseError) as raised:
        Case.parse(text)
    whole, reason = str(raised.value).removeprefix("not a case: ").split(": ", maxsplit=1)
    assert whole == repr(text)
    assert said in reason


def test_an_unknown_dtype_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(CaseError, match=r"^dtype must be one of float32, float64, got 'bfloat16'$"):
        Case(problem=Problem(), dtype="bfloat16")


@pytest.mark.parametrize("word", ["", "two words", "a-b", "a;b", "true", "false", "list", "tuple", "1st", "a,b", "a=b", "ä"])
@pytest.mark.parametrize("name", ["padding", "data_format"])
def test_a_string_that_is_no_plain_word_has_no_text(name: str, word: str) -> None:
    assert_no_text(PLAIN.with_(**{name: word}), word)


@pytest.mark.parametrize("word", ["none", "in-out", "bias-length"])
def test_a_name_of_weight_or_flaw_is_no_plain_word_elsewhere(word: str) -> None:
    assert_no_text(PLAIN.with_(padding=word), word)


def assert_no_text(problem: Problem, word: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"one plain word, got {word!r}")):
        str(Case(problem=problem))


@pytest.mark.parametrize("number", [1e20, 1e-5, float("inf"), float("-inf"), float("nan")])
def test_a_float_that_is_no_plain_fraction_has_no_text(number: float) -> None:
    with pytest.raises(ValueError, match=re.escape(f"plain decimal fraction, got {number!r}")):
        str(Case(problem=Problem(stride=number)))


def test_with_keeps_dtype_and_data() -> None:
    case = Case(problem=ROUND, dtype="float64", data=Reals(5)).with_(stride=3, data_format="NLC")
    assert case == Case(problem=ROUND.with_(stride=3, data_format="NLC"), dtype="float64", data=Reals(5))
    assert (case.layout, Case(problem=ROUND).layout) == ("NLC", "NCL")


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [
        ("N1,C1,M1,L3,K3,stride=99,bias,float32,int:99", "N1,C1,M1,L4,K3,float32,int:0"),
        ("N1,C1,M1,L4,K3,float32,int:0", "N2,C1,M1,L4,K3,float32,int:0"),
        ("N1,C2,M1,L2,K3,stride=99,float32,int:0", "N1,C2,M2,L2,K3,stride=1,float32,int:0"),
        ("N1,C1,M1,L2,K3,stride=9,padding=20,float32,int:0", "N1,C1,M1,L2,K3,stride=10,padding=20,float32,int:0"),
        ("N1,C1,M1,L4,K3,stride=99,float32,int:0", "N1,C1,M1,L4,K3,stride=2,padding=1,float32,int:0"),
        ("N1,C1,M1,L4,K3,stride=2,float32,int:9", "N1,C1,M1,L4,K3,stride=10,float32,int:1"),
        ("N1,C1,M1,L4,K3,stride=2,float32,int:1", "N1,C1,M1,L4,K3,stride=2,float32,int:2"),
    ],
)
def test_size_orders_by_numbers_then_words_then_sizes(smaller: str, larger: str) -> None:
    assert Case.parse(smaller).size < Case.parse(larger).size
