"""The list of survivors: one reason each, no reason without a survivor, and what is published is about the code as it stands."""

import json
import sys
from pathlib import Path

import measurement
import pytest
import survivors
from survivors import Measured, Mutant, Reason

IMPL = Path(__file__).parents[2]

KEPT = Mutant(file="cpu.py", function="total", line="return a + b", mutated="return b + a")
NEW = Mutant(file="cpu.py", function="total", line="return a + b", mutated="return a - b")
TOML = """
[[mutant]]
file = "cpu.py"
function = "total"
line = "return a + b"
mutated = ["return b + a", "return +a + b"]
kind = "equivalent"
reason = "a sum has no order"
"""


def result(*left: Mutant) -> Measured:
    return Measured(
        tool="mutmut 3",
        python="3.11",
        numpy="2.4",
        date="2024-05-01",
        mutants={"cpu.py": 5, "layer.py": 2},
        by_tests=4,
        timeouts=1,
        by_laws=[NEW],
        survivors=list(left),
    )


def test_one_reason_covers_each_mutated_form() -> None:
    known = survivors.reasons(TOML)
    assert [each.mutated for each in known] == ["return b + a", "return +a + b"]
    assert set(known.values()) == {Reason(kind="equivalent", text="a sum has no order")}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TOML + TOML, "one reason per mutant"),
        (TOML.replace("equivalent", "boring"), "one of the kinds equivalent, slower, wording, got kind='boring'"),
        (TOML.replace("a sum has no order", " "), "a reason needs a text"),
    ],
)
def test_bad_reasons_are_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        survivors.reasons(text)


def test_survivor_without_a_reason_and_reason_without_a_survivor_are_told() -> None:
    known = {KEPT: Reason(kind="equivalent", text="a sum has no order")}
    assert survivors.mismatches([KEPT], known) == []
    (missing,) = survivors.mismatches([KEPT, NEW], known)
    assert missing.startswith("no reason for this survivor")
    (gone,) = survivors.mismatches([], known)
    assert gone.startswith("a reason for what is no survivor")
    # The text can be pasted into the file of reasons.
    pasted = missing.split("\n", 1)[1] + '\nkind = "slower"\nreason = "..."\n'
    assert survivors.reasons(pasted) == {NEW: Reason(kind="slower", text="...")}


def test_page_and_figures_say_the_same() -> None:
    known = survivors.reasons(TOML)
    figures = json.loads(survivors.as_json(result(KEPT), known))
    assert (figures["mutants"], figures["killed_by_tests"], figures["timeouts"], figures["killed_only_by_laws"]) == (7, 4, 1, 1)
    assert [(each["mutated"], each["kind"], each["reason"]) for each in figures["survivors"]] == [
        ("return b + a", "equivalent", "a sum has no order")
    ]
    page = survivors.as_markdown(result(KEPT), known)
    assert "| 7 | 4 | 1 | 1 | 1 |" in page
    assert "## Left: 1 equivalent" in page
    assert page.index("- return a + b\n+ return a - b") < page.index("## Left") < page.index("- return a + b\n+ return b + a")


@pytest.mark.parametrize(
    ("name", "function"),
    [("convt_impl.layer.xǁLayerǁ__init____mutmut_12", "Layer.__init__"), ("convt_impl.layer.x__taps__mutmut_3", "_taps")],
)
def test_mutant_is_described_by_its_lines(name: str, function: str) -> None:
    original = "def f(\n    a,\n    b=1,\n):\n    return g(\n        a,\n        b,\n    )\n"
    mutated = original.replace("        a,\n        b,\n", "        a,\n        None,\n")
    assert measurement.described(name, original, mutated) == Mutant(file="layer.py", function=function, line="b,", mutated="None,")


@pytest.mark.parametrize(
    ("program", "passed"),
    [("pass", True), ("raise SystemExit(1)", False), ("import os; os.abort()", False), ("import time; time.sleep(60)", False)],
)
def test_failures_crashes_and_hangs_are_kills(program: str, passed: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(measurement.SECONDS, "tests", 5)
    assert measurement.passes("tests", [sys.executable, "-c", program], tmp_path) is passed


def test_run_without_any_test_is_no_kill(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="the laws could not be run:\nno tests ran"):
        measurement.passes("laws", [sys.executable, "-c", "print('no tests ran'); raise SystemExit(5)"], tmp_path)


def published() -> dict[str, object]:
    figures: dict[str, object] = json.loads((IMPL.parent / "reports" / "published" / "mutants.json").read_text(encoding="utf-8"))
    return figures


def test_published_survivors_are_those_with_a_reason() -> None:
    known = survivors.reasons((IMPL / "mutants" / "reasons.toml").read_text(encoding="utf-8"))
    left = published()["survivors"]
    assert isinstance(left, list)
    names = ("file", "function", "line", "mutated")
    listed = {Mutant(**{name: each[name] for name in names}): Reason(kind=each["kind"], text=each["reason"]) for each in left}
    assert listed == known


def test_each_line_with_a_reason_still_stands() -> None:
    """A line that was edited since may have other mutants now: `nox -s mutants` measures them."""
    for each in survivors.reasons((IMPL / "mutants" / "reasons.toml").read_text(encoding="utf-8")):
        lines = [line.strip() for line in (IMPL / "convt_impl" / each.file).read_text(encoding="utf-8").splitlines()]
        assert set(each.line.split("\n")) <= set(lines), each
