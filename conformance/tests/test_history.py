"""What changed from release to release: only what one case shows again is told, and where it came."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import changes
import history
import pytest
from changes import suspected, unlike
from in_process import InProcess, in_process
from packaging.version import Version
from releases import Release

from convt_conformance.adapters.blank import ABSENT
from convt_conformance.adapters.catalogue import CATALOGUE
from convt_conformance.adapters.ncnn import NcnnAdapter
from convt_conformance.adapters.onnx import OnnxAdapter
from convt_conformance.adapters.openvino import OpenVinoAdapter
from convt_conformance.outcomes import NotExpressible, Outcome, Unsupported
from convt_conformance.records import Record
from convt_impl import conv1d_transpose as right
from convt_reports.history import load_history
from convt_spec.case import Case

BIASED = "N1,C1,M1,L2,K2,bias,float32,int:1"
SAME = "N1,C1,M1,L1,K1,stride=2,padding=SAME,float32,int:1"
ADDED = "N1,C1,M1,L1,K1,stride=2,output_padding=1,float32,int:1"
UNTOUCHED = "N1,C1,M1,L2,K2,float32,int:1"


def no_bias(x: Any, weight: Any, bias: Any = None, **given: Any) -> Any:
    return right(x, weight, None, **given)


def short_same(x: Any, weight: Any, bias: Any = None, *, padding: Any = 0, **given: Any) -> Any:
    """SAME by the forward rule on the input's length."""
    found = right(x, weight, bias, padding=padding, **given)
    return found[..., :1] if padding == "SAME" else found


def no_output_padding(x: Any, weight: Any, bias: Any = None, *, stride: Any = 1, padding: Any = 0, groups: Any = 1) -> Any:
    return right(x, weight, bias, stride=stride, padding=padding, groups=groups)


def any_output_padding(x: Any, weight: Any, bias: Any = None, *, output_padding: Any = 0, **given: Any) -> Any:
    return right(x, weight, bias, **given)


def writes(x: Any, weight: Any, bias: Any = None, **given: Any) -> Any:
    found = right(x, weight, bias, **given)
    x[...] = 0
    return found


class OnlyFloat32(InProcess):
    """Has no call for float64."""

    def run(self, case: Case) -> Outcome:
        return Unsupported(reason="float32 only") if case.dtype == "float64" else InProcess.run(self, case)


def evidence(case: str, after: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"case": case, "kind": "value", "observed": "[1]", "required": "[2]", "after": list(after)}


def line(law: str, verdict: str = "conforms", case: str = "", **facts: Any) -> dict[str, Any]:
    shown = {"evidence": evidence(case) if case else None, "failures": int(verdict == "deviates"), "judged": 5}
    return {"law": law, "clause": law.split("_")[1], "verdict": verdict, "kind": "", "follows": [], "refuted": {}, **shown, **facts}


def record(*results: dict[str, Any], causes: list[dict[str, Any]] | None = None) -> Record:
    return Record(path=Path("made.jsonl"), header={}, results=list(results), causes=causes or [])


def release(version: str, target: Callable[..., Any], made: Record | None) -> Release:
    return Release(version=version, record=made, judged=in_process(target, target.__name__), variables={})  # type: ignore[arg-type]


def test_a_deviation_that_went_is_told_with_its_smallest_case() -> None:
    law = "test_B1_bias_per_channel"
    larger = "N1,C1,M1,L3,K2,bias,float32,int:1"
    old = release("1.0", no_bias, record(line(law, "deviates", larger, kind="value"), causes=[cause(law, BIASED)]))
    new = release("2.0", right, record(line(law)))
    (found,), left = changes.changes(old, new)
    assert (found["clause"], found["law"], found["change"], found["case"], left) == ("B1", law, "mended", BIASED, [])
    assert found["before"] == {"version": "1.0", "verdict": "deviates", "kinds": ["value"], "follows": []}
    assert found["after"] == {"version": "2.0", "verdict": "conforms", "kinds": [], "follows": []}
    assert found["observed_before"] != found["observed_after"]


def test_a_deviation_that_came_is_told_from_the_new_record() -> None:
    old = release("1.0", right, record(line("test_B1_bias_per_channel")))
    new = release("2.0", no_bias, record(line("test_B1_bias_per_channel", "deviates", BIASED, kind="value")))
    (found,), _ = changes.changes(old, new)
    assert (found["change"], found["before"]["verdict"], found["after"]["verdict"]) == ("broken", "conforms", "deviates")


def test_another_reading_is_told_and_blamed_on_nobody() -> None:
    old = release("1.0", short_same, record(line("test_S3_same", follows=["forward-on-input"], refuted={"inverse-end": evidence(SAME)})))
    new = release("2.0", right, record(line("test_S3_same", follows=["inverse-end"], refuted={"forward-on-input": evidence(SAME)})))
    (found,), _ = changes.changes(old, new)
    assert (found["change"], found["before"]["follows"], found["after"]["follows"]) == ("reading", ["forward-on-input"], ["inverse-end"])


def test_an_argument_that_is_not_there_is_blamed_on_nobody() -> None:
    law = "test_O2_added_samples"
    old = release("1.0", no_output_padding, record(line(law, "deviates", ADDED, kind="rejects-valid")))
    new = release("2.0", right, record(line(law)))
    assert [each["change"] for each in changes.changes(old, new)[0]] == ["offered"]
    assert [each["change"] for each in changes.changes(new, old)[0]] == ["withdrawn"]
    negative = "N1,C1,M1,L1,K2,output_padding=-1,float32,int:0"
    old = release("1.0", no_output_padding, record(line("test_I11_negative_output_padding")))
    new = release("2.0", any_output_padding, record(line("test_I11_negative_output_padding", "deviates", negative, kind="accepts-invalid")))
    assert [each["change"] for each in changes.changes(old, new)[0]] == ["offered"]


def test_what_one_call_does_not_show_the_law_shows() -> None:
    law = "test_I13_inputs_unchanged"
    old = release("1.0", writes, record(line(law, "deviates", UNTOUCHED, kind="changes-input")))
    new = release("2.0", right, record(line(law)))
    (found,), _ = changes.changes(old, new)
    assert (found["clause"], found["change"], found["case"]) == ("I13", "mended", UNTOUCHED)


def test_what_an_adapter_has_no_call_for_is_no_change() -> None:
    law, unlike_dtype = "test_I13_inputs_unchanged", UNTOUCHED.replace("float32", "float64")
    old = release("1.0", right, record(line(law)))
    new = release("2.0", writes, record(line(law, "deviates", unlike_dtype, kind="changes-input")))
    old.judged = OnlyFloat32(old.judged.adapter)  # type: ignore[assignment, attr-defined]
    told, left = changes.changes(old, new)
    assert (told, [each["clause"] for each in left]) == ([], ["I13"])


def test_a_fluke_is_not_told_but_counted() -> None:
    law = "test_B1_bias_per_channel"
    old = release("1.0", right, record(line(law, "deviates", BIASED, kind="value")))
    new = release("2.0", right, record(line(law)))
    assert changes.changes(old, new) == ([], [{"clause": "B1", "before": "1.0", "after": "2.0"}])


def test_what_one_record_lacks_is_not_compared() -> None:
    law, other = "test_B1_bias_per_channel", "test_V1_values"
    old = record(line(law, "unsupported"), line(other))
    assert suspected(old, record(line(other))) == []
    assert suspected(old, record(line(law), line(other))) == [law]
    one, two = release("1.0", no_bias, old), release("2.0", right, record(line(law), line(other)))
    assert changes.changes(one, two) == ([], [{"clause": "B1", "before": "1.0", "after": "2.0"}])


def test_a_change_stands_between_the_releases_where_it_came() -> None:
    law = "test_B1_bias_per_channel"
    old = release("1.0", no_bias, record(line(law, "deviates", BIASED, kind="value")))
    new = release("4.0", right, record(line(law)))
    between = [release("2.0", no_bias, None), release("3.0", right, None)]
    (found,), _ = changes.changes(old, new, between)
    assert (found["before"]["version"], found["after"]["version"]) == ("2.0", "3.0")
    assert (found["before"]["verdict"], found["after"]["verdict"]) == ("deviates", "conforms")
    odd = [release("2.0", right, None), release("3.0", no_bias, None)]
    assert [each["change"] for each in changes.changes(old, new, odd)[0]] == ["mended", "broken", "mended"]


def test_a_release_in_which_nothing_works_is_not_compared() -> None:
    claims = [{"claimed": True, "works": False, "observed": "AttributeError: no such thing"}, {"claimed": False, "works": True}]
    assert unlike(claims) == "AttributeError: no such thing"
    assert unlike([*claims, {"claimed": True, "works": True}]) == unlike([]) == ""


def test_the_file_names_what_there_is_exactly() -> None:
    for name, framework in history.frameworks().items():
        assert set(framework.implementations) <= set(CATALOGUE)
        versions = [Version(each.version) for each in framework.releases]
        assert versions == sorted(set(versions)) and len(versions) >= 6
        assert all(each.judged in ("laws", "cases") for each in framework.releases) and framework.releases[-1].judged == "laws"
        for each in framework.releases:
            assert f"{name}=={each.version}" in each.requirements and all("==" in one for one in each.requirements)


def test_each_run_writes_its_part_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    law = "test_B1_bias_per_channel"
    plans = [history.Planned(version=version, released="2030-01", requirements=[]) for version in ("1.0", "2.0")]
    framework = history.Framework(implementations=["bundled"], level="smoke", absent=[], releases=plans)

    def attempt(entry: Any, name: str, planned: Any, *_: Any) -> history.Attempt:
        made = record(line(law) if planned.version == "2.0" else line(law, "deviates", BIASED, kind="value"))
        return history.Attempt(planned=planned, python=sys.executable, record=made)

    monkeypatch.setattr(history, "frameworks", lambda: {"bundled": framework})
    monkeypatch.setattr(history, "attempt", attempt)
    out = tmp_path / "history.json"
    folders = ["--cache", str(tmp_path), "--records", str(tmp_path), "--out", str(out)]
    for seed in ("1", "2"):
        monkeypatch.setattr(sys, "argv", ["history.py", "bundled", "--seed", seed, *folders])
        assert history.main() == 0
    (part,) = json.loads(out.read_text())["implementations"]
    assert (part["seed"], part["changes"], len(part["unconfirmed"])) == (2, [], 1)
    assert [(each["judged"], each["fail"]) for each in part["releases"]] == [("laws", 1), ("laws", 0)]
    assert load_history(out).parts[0].unconfirmed == 1


def test_old_releases_are_called_by_what_they_have() -> None:
    problem = Case.parse(UNTOUCHED).problem
    assert any("make_opsetid('', 18)" in line for line in OnnxAdapter(ABSENT, "reference", 18).program(problem, "float32").lines)
    assert OpenVinoAdapter(ABSENT, "openvino.runtime").imports == ("import openvino.runtime.opset1", "import openvino.runtime as openvino")
    lines = NcnnAdapter(ABSENT, "", batches=False).program(problem, "float32").lines
    assert lines[-7:-5] == ("parts = []", "for item in x:") and lines[-1] == "y = np.stack(parts)"
    assert '    extractor.input("x", ncnn.Mat(item))' in lines
    with pytest.raises(NotExpressible, match="never sees the input's rank"):
        NcnnAdapter(ABSENT, "", batches=False).program(problem.with_(flaw="input-rank-2"), "float32")


def cause(law: str, case: str) -> dict[str, Any]:
    return {"law": "", "laws": [law], "evidence": evidence(case)}
