"""Known deviations: which files are refused, what an entry explains, and that one which is gone is an error."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from runs import SEED, convt, use_few_laws
from strangers import named

from convt_conformance.adapters.catalogue import CATALOGUE
from convt_conformance.deviations import DeviationsError, Known, built_in, device, explanation, gone, load
from convt_conformance.judge import Mismatch
from convt_conformance.results import Evidence, Result
from convt_spec.case import Case

WHOLE = """
[[deviation]]
clause = "O3"
kind = "reading"
reason = "a story"
link = "https://example.org/1"
versions = ">=2,<3"
platform = "linux-*"
device = "cpu"
when = "stride == 2 and not bias and padding == 'SAME'"
"""
LEAST = {"clause": '"V1"', "kind": '"value"', "reason": '"a story"'}


def toml(**values: str) -> str:
    return "[[deviation]]\n" + "".join(f"{name} = {value}\n" for name, value in values.items())


def loaded(tmp_path: Path, text: str) -> list[Known]:
    (tmp_path / "known.toml").write_text(text, encoding="utf-8")
    return load(tmp_path / "known.toml")


def test_an_entry_comes_back_as_it_was_written(tmp_path: Path) -> None:
    (known,) = loaded(tmp_path, WHOLE)
    story = {"reason": "a story", "link": "https://example.org/1", "versions": ">=2,<3", "platform": "linux-*", "device": "cpu"}
    when = "stride == 2 and not bias and padding == 'SAME'"
    assert known == Known(clauses=("O3",), kinds=("reading",), when=when, **story)
    assert str(known) == f"O3 reading when {when}"


def test_a_file_without_entries_is_fine(tmp_path: Path) -> None:
    assert loaded(tmp_path, "") == []
    assert loaded(tmp_path, "# nothing\n") == []


REFUSED = {
    "no TOML": ("deviation = ", "is no TOML"),
    "another key": ('[[deviations]]\nclause = "V1"\n', "deviations"),
    "a table in place of a list": ('[deviation]\nclause = "V1"\n', "[[deviation]]"),
    "a number in place of a list": ("deviation = 3\n", "[[deviation]]"),
    "a list of tables": ('deviation = [{ clause = "V1", kind = "value" }]\n', "[[deviation]]"),
    "a list of numbers": ("deviation = [1]\n", "entry 1"),
    "an empty list of clauses": (toml(**{**LEAST, "clause": "[]"}), "a text or a list of texts"),
    "a number among clauses": (toml(**{**LEAST, "clause": '["V1", 2]'}), "a text or a list of texts"),
    "an unknown clause among several": (toml(**{**LEAST, "clause": '["V1", "Q9"]'}), "Q9"),
    "an unknown kind among several": (toml(**{**LEAST, "kind": '["value", "odd"]'}), "odd"),
    "no clause": (toml(kind='"value"', reason='"r"'), "entry 1 needs clause and kind"),
    "no kind": (toml(clause='"V1"', reason='"r"'), "entry 1 needs clause and kind"),
    "the same twice": (toml(**LEAST) * 2, "twice"),
    "an unknown field": (toml(**LEAST, note='"n"'), "note"),
    "an unknown clause": (toml(**{**LEAST, "clause": '"V99"'}), "unknown clause 'V99'"),
    "a clause in lower case": (toml(**{**LEAST, "clause": '"v1"'}), "near it: V1"),
    "an unknown kind": (toml(**{**LEAST, "kind": '"wrong"'}), "unknown kind 'wrong'"),
    "a verdict as kind": (toml(**{**LEAST, "kind": '"deviates"'}), "unknown kind 'deviates'"),
    "an odd version": (toml(**LEAST, versions='"two"'), "two"),
    "an unknown attribute": (toml(**LEAST, when='"strides == 2"'), "unknown name 'strides'"),
    "a condition that calls": (toml(**LEAST, when='"print(stride)"'), "may call gcd, min, max only"),
    "a condition that reaches in": (toml(**LEAST, when='"stride.real"'), "cannot hold 'stride.real'"),
    "a condition that is no expression": (toml(**LEAST, when='"stride = 2"'), "not a condition: 'stride = 2'"),
    "a clause that is a number": (toml(**{**LEAST, "clause": "3"}), "clause"),
    "a reason that is a number": (toml(**{**LEAST, "reason": "3"}), "reason"),
    "a kind that is a list": (toml(**{**LEAST, "kind": "[1]"}), "kind"),
    "a link that is a number": (toml(**LEAST, link="3"), "link"),
    "versions that are a number": (toml(**LEAST, versions="3"), "versions"),
    "a condition that is a table": (toml(**LEAST, when="{ stride = 2 }"), "when is a text"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path, case: str) -> None:
    text, word = REFUSED[case]
    with pytest.raises(DeviationsError) as found:
        loaded(tmp_path, text)
    assert str(tmp_path / "known.toml") in str(found.value)
    assert word in str(found.value)


def test_the_entry_that_is_wrong_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeviationsError, match="entry 2"):
        loaded(tmp_path, toml(**LEAST) + toml(**{**LEAST, "kind": '"wrong"'}))


def test_a_missing_file_and_a_file_that_is_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DeviationsError, match="No such file"):
        load(tmp_path / "missing.toml")
    (tmp_path / "odd.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(DeviationsError, match="no TOML"):
        load(tmp_path / "odd.toml")


VERSIONS = {
    ("", "1.0"): True,
    (">=2,<3", "2.0"): True,
    (">=2,<3", "2.9.1+cpu"): True,
    (">=2,<3", "2.1.0a0"): True,
    (">=2,<3", "3.0"): False,
    (">=2,<3", "1.13"): False,
    ("==2.13.*", "2.13.0"): True,
    ("!=2.1", "2.1"): False,
    (">=2", "unversioned"): True,
}


@pytest.mark.parametrize(("versions", "version"), VERSIONS)
def test_an_entry_applies_to_its_versions(versions: str, version: str) -> None:
    known = Known(clauses=("V1",), kinds=("value",), reason="r", versions=versions)
    assert known.applies(version) == VERSIONS[versions, version]


CASE = "layer,N1,C1,M1,L2,K1,stride=2,padding=list:1,data_format=NLC,bias_attr=false,float64,int:1"


MISS = Mismatch(verdict="deviates", kind="value", observed="", required="")


def result(**changes: Any) -> Result:
    shown = {"evidence": Evidence(case=CASE, kind="value", observed="", required=""), "failing": ((Case.parse(CASE), MISS),)}
    return Result(**{"law": "test_V1_values", "clause": "V1", "verdict": "deviates", "kind": "value", **shown, **changes})


def entry(**changes: Any) -> Known:
    return Known(**{"clauses": ("V1",), "kinds": ("value",), "reason": "r", **changes})


MATCHING = [
    "",
    "stride == 2",
    "padding == 1 and padding_form == 'list'",
    "dtype == 'float64' and layout == 'NLC' and call == 'layer'",
    "dilation_form == 'omitted' and dilation == 1",
    "not bias",
    "flaw == 'none' and weight == 'mapped'",
    "kernel_size < length and gcd(stride, length) == 2",
]


@pytest.mark.parametrize("when", MATCHING)
def test_an_entry_explains_what_meets_its_condition(when: str) -> None:
    known = entry(when=when)
    assert explanation(result(), [known]) == (known,)
    assert gone([known], [result()]) == []


MISSING = ["stride == 1", "stride == 2 and dtype == 'float32'", "dilation > 1", "padding_form == 'number'", "padding < 'SAME'"]


@pytest.mark.parametrize("when", MISSING)
def test_an_entry_does_not_explain_what_misses_its_condition(when: str) -> None:
    known = entry(when=when)
    assert explanation(result(), [known]) == ()
    assert gone([known], [result()]) == [str(known)]


def test_an_entry_explains_its_clause_and_kind_only() -> None:
    assert not explanation(result(), [entry(clauses=("V2",))])
    assert not explanation(result(), [entry(kinds=("length",))])


def test_an_entry_may_speak_of_several_clauses_and_kinds() -> None:
    """One cause may show in either; the entry is gone when it shows in none."""
    known = entry(clauses=("V2", "V1"), kinds=("length", "value"))
    assert explanation(result(), [known]) == (known,)
    assert gone([known], [result()]) == []
    assert gone([entry(clauses=("V2", "B1"), kinds=("length", "value"))], [result()])
    assert str(known) == "V2, V1 length or value"


def test_a_list_is_read_as_its_texts(tmp_path: Path) -> None:
    (known,) = loaded(tmp_path, toml(**{**LEAST, "clause": '["S3", "S4"]', "kind": '["value", "length"]'}))
    assert (known.clauses, known.kinds) == (("S3", "S4"), ("value", "length"))


def test_every_failing_case_must_be_explained() -> None:
    """A second fault cannot hide behind a known one of the same clause and kind."""
    other = Case.parse("N1,C1,M1,L2,K1,stride=3,float64,int:1")
    two = result(failing=((Case.parse(CASE), MISS), (other, MISS)))
    first, second = entry(when="stride == 2"), entry(when="stride == 3")
    assert explanation(two, [first]) == ()
    assert explanation(two, [second, first]) == (first, second)


@pytest.mark.parametrize("verdict", ["crashes", "hangs", "exhausts-memory"])
def test_the_end_of_a_process_is_explained_by_its_verdict(verdict: str) -> None:
    ended = result(verdict=verdict, kind="", failing=((Case.parse(CASE), replace(MISS, verdict=verdict, kind="")),))
    assert explanation(ended, [entry(kinds=(verdict,))])
    assert not explanation(ended, [entry(kinds=("value",))])


def test_what_proves_nothing_is_never_explained() -> None:
    assert not explanation(result(verdict="mistrusted", kind="", evidence=None, failing=()), [entry()])


WHERE = {("", ""): True, ("linux-*", ""): True, ("win32-*", ""): False, ("", "cpu"): True, ("", "cuda"): False, ("linux-*", "cuda"): False}


@pytest.mark.skipif(sys.platform != "linux", reason="the patterns are about Linux")
@pytest.mark.parametrize(("platform", "device"), WHERE)
def test_an_entry_applies_to_its_machine(platform: str, device: str) -> None:
    assert entry(platform=platform, device=device).applies("1.0") == WHERE[platform, device]


NAMES = {(): "torch torch:native jax", ("torch",): "torch", ("torch*",): "torch torch:native", ("torch:native", "jax"): "torch:native jax"}


@pytest.mark.parametrize("patterns", NAMES)
def test_an_entry_applies_to_the_implementations_that_it_names(patterns: tuple[str, ...]) -> None:
    known = entry(implementations=patterns)
    assert [name for name in ("torch", "torch:native", "jax") if known.applies("1.0", name)] == NAMES[patterns].split()


DEVICES = {"torch": "cpu", "torch:cuda": "cuda", "jax:gpu": "gpu", "module:gpu_conv": "cpu", "file.py:cuda": "cpu"}


@pytest.mark.parametrize("name", DEVICES)
def test_the_device_is_part_of_the_name(name: str) -> None:
    assert device(name) == DEVICES[name]


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_entries_that_are_shipped_can_be_loaded(name: str) -> None:
    for known in built_in(name):
        assert known.reason


def test_a_stranger_has_no_shipped_entries() -> None:
    assert built_in(named("right")) == []


WRONG = named("reversed_kernel")
REVERSED = toml(clause='"W3"', kind='"value"', reason='"we like it so"', link='"https://example.org/2"')
EXAMPLE = toml(clause='"E1"', kind='"value"', reason='"the same"')


@pytest.fixture
def few_laws(monkeypatch: pytest.MonkeyPatch) -> None:
    use_few_laws(monkeypatch, "W3 E1 R1")


def checked(tmp_path: Path, text: str, name: str = WRONG) -> Any:
    (tmp_path / "known.toml").write_text(text, encoding="utf-8")
    return convt("check", name, "--level", "smoke", "--seed", SEED, "--out", tmp_path / "out", "--deviations", tmp_path / "known.toml")


@pytest.mark.usefixtures("few_laws")
def test_listed_deviations_conform(tmp_path: Path) -> None:
    ran = checked(tmp_path, REVERSED + EXAMPLE)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.count("deviates (listed)") == 2
    assert "we like it so" in ran.out
    assert "0 fail, 2 fail as listed" in ran.out


@pytest.mark.usefixtures("few_laws")
def test_a_deviation_beside_the_listed_ones_is_new(tmp_path: Path) -> None:
    ran = checked(tmp_path, REVERSED)
    assert ran.code == 1
    assert "1 fail, 1 fail as listed" in ran.out


@pytest.mark.usefixtures("few_laws")
def test_a_listed_deviation_that_is_gone_fails(tmp_path: Path) -> None:
    old = toml(clause='"R1"', kind='"length"', reason='"it was too long"', when='"stride == 2"')
    ran = checked(tmp_path, REVERSED + EXAMPLE + old)
    assert ran.code == 1
    assert "it explains no failure of this run: R1 length when stride == 2" in ran.out
    assert "take the entry out" in ran.out


@pytest.mark.usefixtures("few_laws")
def test_a_listed_deviation_of_another_version_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "versioned.py").write_text("__version__ = '2.5'\nfrom convt_impl import conv1d_transpose\n")
    other = toml(clause='"R1"', kind='"length"', reason='"in the old days"', versions='"<2"')
    ran = checked(tmp_path, other, f"{tmp_path}/versioned.py:conv1d_transpose")
    assert ran.code == 0
    assert "versioned.py:conv1d_transpose 2.5" in ran.out


@pytest.mark.usefixtures("few_laws")
def test_the_record_says_what_is_listed_and_what_is_gone(tmp_path: Path) -> None:
    from convt_conformance.records import read

    checked(tmp_path, REVERSED + toml(clause='"R1"', kind='"length"', reason='"gone"'))
    record = read(tmp_path / "out" / "strangers.py-reversed_kernel.jsonl")
    listed = {result["clause"]: result["listed"] for result in record.results if result["listed"]}
    assert listed == {"W3": {"reason": "we like it so", "link": "https://example.org/2"}}
    assert record.footer["stale"] == ["R1 length"]
