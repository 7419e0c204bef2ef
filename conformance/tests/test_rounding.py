"""What the laws make of rounding: which reading of V7 is followed, which arithmetic is named, and what may differ from call to call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import jsonschema
import numpy as np
import pytest
from in_process import InProcess
from right.collection import COLLECTION
from saboteurs import implementation
from saboteurs.of_values import cut_to
from saboteurs.readings import no_output_size
from saboteurs.right import RIGHT, Arguments, Array, require, scatter
from saboteurs.saboteur import finishing, layered, scattered

from convt_conformance.law import LAWS
from convt_conformance.laws import all_laws
from convt_conformance.records import schema
from convt_conformance.results import Result
from convt_conformance.session import LEVELS, Session

all_laws()


def held(name: str, judged: InProcess, **rulings: str) -> Result:
    return Session(implementation=judged, seed=3, examples=LEVELS["standard"], rulings=rulings).hold(LAWS[f"test_{name}"])


def by_name(name: str) -> InProcess:
    return implementation(COLLECTION[name].parts)


def test_V7_sums_follow_sums_and_no_case_is_wasted() -> None:
    result = held("V7_rounding", by_name("plain"))
    assert (result.verdict, result.follows, result.refuted) == ("conforms", ("sums",), {})
    assert result.effective == result.judged > 50
    names = {each.rsplit(" (", 1)[0] for each in result.arithmetic.split(", ")}
    assert names == {"sums in float32", "sums in float64"}


def test_V7_a_transform_follows_transform_and_shows_what_is_no_sum() -> None:
    result = held("V7_rounding", by_name("fft"))
    assert (result.verdict, result.follows, set(result.refuted)) == ("conforms", ("transform",), {"sums"})
    assert result.evidence == result.refuted["sums"]
    assert "a transform in float64 (" in result.arithmetic


@pytest.mark.parametrize("reading", ["sums", "transform"])
def test_V7_sums_conform_under_either_ruling(reading: str) -> None:
    result = held("V7_rounding", by_name("plain"), V7=reading)
    assert (result.verdict, result.follows) == ("conforms", ())


def test_V7_an_ulp_on_whole_numbers_is_seen() -> None:
    off = finishing(lambda y, x, a: np.nextafter(y, y.dtype.type(np.inf)) if (y == np.rint(y)).all() else y)
    result = held("V7_rounding", implementation(off))
    assert (result.verdict, result.follows) == ("conforms", ("transform",))
    assert held("V7_rounding", implementation(off), V7="sums").verdict == "deviates"


SHORTER: dict[str, tuple[str, Callable[[Array, Array, Arguments], Array]]] = {
    "tf32": ("operands in TF32 or float16", lambda x, w, a: scatter(cut_to(10, x), cut_to(10, w), a)),
    "bfloat16": ("operands in bfloat16", lambda x, w, a: scatter(cut_to(7, x), cut_to(7, w), a)),
    "float16": ("results in float16", lambda x, w, a: scatter(x, w, a).astype(np.float16).astype(x.dtype)),
    "float32": ("results in float32", lambda x, w, a: scatter(x.astype(np.float32), w.astype(np.float32), a).astype(x.dtype)),
}


@pytest.mark.parametrize("reading", ["sums", "transform"])
@pytest.mark.parametrize("fault", SHORTER)
def test_V7_a_shorter_format_deviates_under_either_ruling_and_is_named(fault: str, reading: str) -> None:
    name, full = SHORTER[fault]
    result = held("V7_rounding", implementation(scattered(full)), V7=reading)
    assert (result.verdict, result.kind) == ("deviates", "value")
    assert name in result.arithmetic


def test_the_arithmetic_fits_the_schema_of_a_record() -> None:
    line = {**held("V7_rounding", by_name("fft")).as_line(), "listed": None}
    assert line["arithmetic"]
    jsonschema.Draft202012Validator({**schema(), "oneOf": [{"$ref": "#/$defs/result"}]}).validate(line)


def by_turns(changed: Callable[[Array], Array]) -> InProcess:
    """An implementation that changes every other result."""
    calls = [0]

    def finished(y: Array, x: Array, a: Arguments) -> Array:
        calls[0] += 1
        return changed(y) if calls[0] % 4 > 1 else y

    return implementation(finishing(finished))


def whole(y: Array) -> bool:
    return bool((y == np.rint(y)).all())


@pytest.mark.parametrize("only", [whole, lambda y: not whole(y)], ids=["whole numbers", "full-width numbers"])
def test_I14_another_rounding_of_the_same_sums_is_allowed_where_they_round(only: Callable[[Array], bool]) -> None:
    def last_bit(y: Array) -> Array:
        return np.nextafter(y, y.dtype.type(np.inf)) if only(y) else y

    result = held("I14_same_again", by_turns(last_bit))
    assert (result.verdict, result.kind) == (("deviates", "not-deterministic") if only is whole else ("conforms", ""))


@pytest.mark.parametrize("changed", [lambda y: cut_to(10, y), lambda y: y.astype(np.float16).astype(y.dtype), lambda y: y[..., ::-1]])
def test_I14_more_than_rounding_is_not_allowed(changed: Callable[[Array], Array]) -> None:
    result = held("I14_same_again", by_turns(lambda y: y if whole(y) else changed(y)))
    assert (result.verdict, result.kind) == ("deviates", "not-deterministic")


def test_I14_a_transform_may_round_otherwise_over_whole_numbers_too() -> None:
    """As long as it is never exact there."""
    calls = [0]
    through = {False: COLLECTION["fft"].parts.scatter, True: COLLECTION["fft-of-any-length"].parts.scatter}

    def full(x: Array, weight: Array, a: Arguments) -> Array:
        calls[0] += 1
        return np.nextafter(through[calls[0] % 4 > 1](x, weight, a), x.dtype.type(np.inf))

    assert held("I14_same_again", implementation(scattered(full))).verdict == "conforms"


@pytest.mark.parametrize("law", ["O4_output_size", "O5_output_size_range", "O6_output_size_too_small"])
def test_O7_a_layer_without_output_size_is_not_asked_about_it(law: str) -> None:
    layer = layered(replace(RIGHT, readers={**RIGHT.readers, "output_size": no_output_size}))
    result = held(law, implementation(layer))
    assert (result.verdict, result.reason) == ("unsupported", "the layer takes no output_size, which O7 allows")
    assert held("O7_output_size_in_the_call", implementation(layer)).follows == ("absent",)


def test_O7_a_layer_that_takes_output_size_now_and_then_deviates() -> None:
    def added(a: Arguments, plain: int) -> int:
        require(a.output_size is None or a.groups == 1, "output_size needs one group", groups=a.groups)
        return RIGHT.added(a, plain)

    result = held("O7_output_size_in_the_call", implementation(layered(replace(RIGHT, added=added))))
    assert (result.verdict, result.kind) == ("deviates", "reading")
