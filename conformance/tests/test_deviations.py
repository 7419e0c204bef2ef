"""Known deviations: which files are refused, what an entry explains, and that one which is gone is an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from strangers import SEED, convt, named, use_few_laws

from convt_conformance.adapters import BUILT_IN
from convt_conformance.deviations import DeviationsError, Known, built_in, load
from convt_conformance.session import Evidence, Result

WHOLE = """
[[deviation]]
clause = "O3"
kind = "reading"
reason = "a story"
link = "https://example.org/1"
versions = ">=2,<3"
where = { stride = 2, bias = false, padding = "SAME", dtype = "float64", layout = "NLC", flaw = "input-rank-2", dilation = "omitted" }
"""
LEAST = {"clause": '"V1"', "kind": '"value"', "reason": '"a story"'}


def toml(**values: str) -> str:
    return "[[deviation]]\n" + "".join(f"{name} = {value}\n" for name, value in values.items())


def loaded(tmp_path: Path, text: str) -> list[Known]:
    (tmp_path / "known.toml").write_text(text, encoding="utf-8")
    return load(tmp_path / "known.toml")


def test_an_entry_comes_back_as_it_was_written(tmp_path: Path) -> None:
    (known,) = loaded(tmp_path, WHOLE)
    where = {"stride": "2", "bias": "false", "padding": "SAME", "dtype": "float64", "layout": "NLC", "flaw": "input-rank-2"}
    where["dilation"] = "omitted"
    wanted = Known(clause="O3", kind="reading", reason="a story", link="https://example.org/1", versions=">=2,<3", where=where)
    assert known == wanted
    assert str(known).startswith("O3 reading, stride=2, bias=false")


def test_a_file_without_entries_is_fine(tmp_path: Path) -> None:
    assert loaded(tmp_path, "") == []
    assert loaded(tmp_path, "# nothing\n") == []


REFUSED = {
    "no TOML": ("deviation = ", "is no TOML"),
    "another key": ('[[deviations]]\nclause = "V1"\n', "deviations"),
    "a table in place of a list": ('[deviation]\nclause = "V1"\n', "[[deviation]]"),
    "a number in place of a list": ("deviation = 3\n", "[[deviation]]"),
    "a list of numbers": ("deviation = [1]\n", "entry 1"),
    "no clause": (toml(kind='"value"', reason='"r"'), "entry 1 needs clause, kind and reason"),
    "no kind": (toml(clause='"V1"', reason='"r"'), "entry 1 needs clause, kind and reason"),
    "no reason": (toml(clause='"V1"', kind='"value"'), "entry 1 needs clause, kind and reason"),
    "an unknown field": (toml(**LEAST, note='"n"'), "note"),
    "an empty reason": (toml(**{**LEAST, "reason": '"  "'}), "reason is empty"),
    "an unknown clause": (toml(**{**LEAST, "clause": '"V99"'}), "unknown clause 'V99'"),
    "a clause in lower case": (toml(**{**LEAST, "clause": '"v1"'}), "near it: V1"),
    "an unknown kind": (toml(**{**LEAST, "kind": '"wrong"'}), "unknown kind 'wrong'"),
    "a verdict as kind": (toml(**{**LEAST, "kind": '"deviates"'}), "unknown kind 'deviates'"),
    "an odd version": (toml(**LEAST, versions='"two"'), "two"),
    "an unknown attribute": (toml(**LEAST, where="{ strides = 2 }"), "strides"),
    "an attribute that is none": (toml(**LEAST, where="{ given = 2 }"), "given"),
    "a clause that is a number": (toml(**{**LEAST, "clause": "3"}), "clause"),
    "a reason that is a number": (toml(**{**LEAST, "reason": "3"}), "reason"),
    "a kind that is a list": (toml(**{**LEAST, "kind": "[1]"}), "kind"),
    "a link that is a number": (toml(**LEAST, link="3"), "link"),
    "versions that are a number": (toml(**LEAST, versions="3"), "versions"),
    "a condition that is a word": (toml(**LEAST, where='"stride"'), "where"),
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
    known = Known(clause="V1", kind="value", reason="r", versions=versions)
    assert known.applies(version) == VERSIONS[versions, version]


CASE = "layer,N1,C1,M1,L2,K1,stride=2,padding=list:1,data_format=NLC,bias_attr=false,float64,int:1"


def result(**changes: Any) -> Result:
    evidence = Evidence(case=CASE, kind="value", observed="", required="")
    return Result(**{"law": "test_V1_values", "clause": "V1", "verdict": "deviates", "kind": "value", "evidence": evidence, **changes})


def entry(**changes: Any) -> Known:
    return Known(**{"clause": "V1", "kind": "value", "reason": "r", **changes})


MATCHING = [
    {},
    {"stride": "2"},
    {"padding": "list:1"},
    {"dtype": "float64", "layout": "NLC", "call": "layer"},
    {"dilation": "omitted"},
    {"bias_attr": "false"},
    {"flaw": "none", "weight": "mapped"},
    {"kernel_size": "1", "length": "2"},
]


@pytest.mark.parametrize("where", MATCHING)
def test_an_entry_explains_what_meets_its_conditions(where: dict[str, str]) -> None:
    assert entry(where=where).explains(result())


MISSING = [{"stride": "1"}, {"stride": "2", "dtype": "float32"}, {"dilation": "1"}, {"padding": "1"}, {"call": "function"}]


@pytest.mark.parametrize("where", MISSING)
def test_an_entry_does_not_explain_what_misses_a_condition(where: dict[str, str]) -> None:
    assert not entry(where=where).explains(result())


def test_an_entry_explains_its_clause_and_kind_only() -> None:
    assert not entry(clause="V2").explains(result())
    assert not entry(kind="length").explains(result())


@pytest.mark.parametrize("verdict", ["crashes", "hangs", "exhausts-memory"])
def test_the_end_of_a_process_is_explained_by_its_verdict(verdict: str) -> None:
    assert entry(kind=verdict).explains(result(verdict=verdict, kind=""))
    assert not entry(kind="value").explains(result(verdict=verdict, kind=""))


def test_what_proves_nothing_is_never_explained() -> None:
    assert not entry().explains(result(verdict="mistrusted", kind="", evidence=None))


@pytest.mark.parametrize("name", BUILT_IN)
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
    gone = toml(clause='"R1"', kind='"length"', reason='"it was too long"', where="{ stride = 2 }")
    ran = checked(tmp_path, REVERSED + EXAMPLE + gone)
    assert ran.code == 1
    assert "no longer occurs: R1 length, stride=2" in ran.out
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
