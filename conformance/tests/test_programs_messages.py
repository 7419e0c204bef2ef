"""What both sides really say fits the published schema, many requests under way change no outcome, and the view shows it all."""

from __future__ import annotations

import io
import json
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import harness
import jsonschema
import pytest
from runs import convt, use_few_laws
from strangers import EVEN, ODD, named
from test_programs import BROKEN, EVEN_CASE, ODD_CASE, STARTS, program

import convt_conformance
from convt_conformance import isolation, panel
from convt_conformance.debug import abbreviated, faults, view
from convt_conformance.foreign import run_request, start_request
from convt_conformance.isolation import AHEAD, Isolated, Limits
from convt_conformance.outcomes import Computed, Crashed, TimedOut
from convt_conformance.protocol import DTYPES, FEATURES, IN_PROCESS, LENGTHS, array_message
from convt_spec.case import Case

SCHEMA = json.loads((Path(convt_conformance.__file__ or "").parent / "schemas" / "protocol.schema.json").read_text(encoding="utf-8"))
TEXTS = (
    *(
        EVEN,
        ODD,
        "N0,C1,M1,L5,K3,float32,int:1",
        "N1,C1,M1,L5,K3,stride=1.5,float32,int:1",
        "N1,C1,M1,L5,K3,output_size=none,float32,int:1",
    ),
    *("N2,C4,M6,L5,K3,stride=tuple:2,padding=list:1,groups=2,dilation=3,data_format=NLC,bias,float64,real:7",),
    *("layer,N1,C1,M1,L5,K3,kernel_form=list:3,bias_attr=false,float32,int:1", "positional,N1,C2,M1,L5,K3,stride=2,float32,int:1"),
    *(
        "N1,C2,M3,L5,K3,weight=out-in,float32,int:1",
        "N1,C2,M3,L5,K3,flaw=input-rank-4,float32,int:1",
        "N1,C2,M3,L5,K3,bias,flaw=bias-rank-0,float32,int:1",
        "N1,C2,M3,L5,K3,padding=list:1.5,stride=tuple,float32,int:1",
        "N1,C1,M1,L5,K3,stride=0,float32,int:1",
    ),
)
CASES = [Case.parse(text) for text in TEXTS]


class Heard:
    """Every message and every line of noise, with its direction."""

    def __init__(self) -> None:
        self.said: list[tuple[str, Any]] = []

    def __call__(self, direction: str, message: Any) -> None:
        self.said.append((direction, message))


@pytest.mark.parametrize("name", ["bundled", program(), named("gives_list"), "convt_impl:Conv1DTranspose"])
def test_what_is_really_said_fits_the_schema(name: str) -> None:
    heard = Heard()
    with Isolated(name, watch=heard) as judged:
        judged.run_many(CASES)
        judged.script(CASES[0])
    assert [direction for direction, _ in heard.said].count("<-") >= len(CASES) + 1
    for direction, message in heard.said:
        assert list(faults(direction, message)) == [], message


def test_the_schema_is_one_itself() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_names_what_the_code_does() -> None:
    assert tuple(SCHEMA["$defs"]["array"]["properties"]["dtype"]["enum"]) == DTYPES
    features = SCHEMA["$defs"]["description"]["properties"]["description"]["properties"]["supports"]["items"]["enum"]
    assert sorted(features) == sorted((*FEATURES, *IN_PROCESS, LENGTHS))


BEYOND_A_SCHEMA = {"another id", "too few bytes", "a shape beyond any memory"}
"""What a schema of one message cannot say."""


@pytest.mark.parametrize("mode", sorted(set(BROKEN) - BEYOND_A_SCHEMA))
def test_an_answer_that_is_refused_does_not_fit_the_schema(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[Any] = []
    monkeypatch.setattr(harness, "say", said.append)
    harness.ODD[mode]({"id": 1, "outcome": "computed", "array": array_message(harness.np.ones((1, 3, 2), "float32"))})
    (answer,) = said
    assert list(faults("<-", json.loads(json.dumps(answer))))


@pytest.mark.parametrize("mode", sorted(mode for mode, (kind, _) in STARTS.items() if kind == "broken"))
def test_a_start_that_is_refused_does_not_fit_the_schema(mode: str) -> None:
    assert list(faults("<-", harness.START[mode]))


def test_a_request_holds_the_arguments_as_the_caller_writes_them() -> None:
    text = "N1,C1,M1,L5,K3,stride=tuple:2,padding=list:1,output_size=none,dilation=1.5,groups=true,data_format=NCL,float32,int:1"
    case = Case.parse(text)
    request = run_request(case)
    written = {
        "stride": {"tuple": [2]},
        "padding": {"list": [1]},
        "output_size": None,
        "groups": True,
        "dilation": 1.5,
        "data_format": "NCL",
    }
    assert (request["case"], request["call"], request["arguments"], request["bias"]) == (str(case), "function", written, None)


def test_a_layers_request_holds_its_sizes() -> None:
    request = run_request(Case.parse("layer,N1,C2,M3,L5,K4,kernel_form=list:4,bias_attr=false,float32,int:1"))
    assert request["arguments"] == {"in_channels": 2, "out_channels": 3, "kernel_size": {"list": [4]}, "bias_attr": False}


@pytest.mark.parametrize("name", ["bundled", program()])
def test_many_at_once_are_what_they_are_one_by_one(name: str) -> None:
    cases = list(panel.cases()[: 2 * AHEAD + 3])
    with Isolated(name) as judged:
        together = judged.run_many(cases)
        assert judged.history == cases
        assert [str(each) for each in together] == [str(judged.run(case)) for case in cases]
        assert judged.restarts == 0


@pytest.mark.parametrize(("name", "kind"), [("segfault", Crashed), ("spins", TimedOut)])
def test_an_end_among_many_costs_that_case_and_one_process(name: str, kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "FIRST_CALL_SECONDS", 5.0)
    cases = [EVEN_CASE] * 100 + [ODD_CASE] + [EVEN_CASE] * 100
    with Isolated(named(name), limits=Limits(seconds=1.0)) as judged:
        outcomes = judged.run_many(cases)
        assert judged.restarts == 1
        assert judged.history == cases[101:]
    assert [number for number, each in enumerate(outcomes) if not isinstance(each, Computed)] == [100]
    assert isinstance(outcomes[100], kind)


def test_no_cases_need_no_process() -> None:
    with Isolated("cmd:/no/such/program") as judged:
        assert judged.run_many([]) == []


def test_the_view_shows_both_directions_on_one_line_each() -> None:
    stream = io.StringIO()
    with Isolated(program("noisy"), watch=view(stream)) as judged:
        judged.run(ODD_CASE)
    lines = stream.getvalue().splitlines()
    assert lines[0] == f"-> {json.dumps(start_request())}"
    assert all(re.match("(->|<-) ", line) for line in lines)
    assert "<- noise, skipped: 'hello'" in lines
    assert max(map(len, lines)) < 800


def test_the_view_names_what_does_not_fit() -> None:
    stream = io.StringIO()
    with Isolated(program("a fraction in the shape"), watch=view(stream)) as judged, pytest.raises(isolation.CannotRun):
        judged.run(ODD_CASE)
    assert "does not fit the schema at" in stream.getvalue().splitlines()[-1]


def test_data_is_cut_short_and_nothing_else() -> None:
    message = {"x": {"dtype": "float32", "shape": [9], "data": "A" * 48}, "bias": None, "arguments": {"padding": {"list": [1]}}}
    assert abbreviated(message) == {**message, "x": {"dtype": "float32", "shape": [9], "data": "AAAAAAAAAAAA... 48 characters"}}


@pytest.mark.parametrize("name", ["bundled", program()])
def test_check_shows_the_messages(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_few_laws(monkeypatch, "E1")
    ran = convt("check", name, "--level", "smoke", "--out", tmp_path, "--protocol-debug")
    assert ran.code == 0
    assert '-> {"request": "run"' in ran.err
    assert '"outcome": "computed"' in ran.err
    assert "does not fit" not in ran.err


def test_a_record_is_named_after_the_program_and_its_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_few_laws(monkeypatch, "E1")
    assert convt("check", program(), "--level", "smoke", "--out", tmp_path).code == 0
    assert [path.name for path in tmp_path.iterdir()] == [f"{Path(sys.executable).name}-harness.py-right.jsonl"]


def test_a_report_names_the_command_that_shows_a_programs_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_few_laws(monkeypatch, "L1")
    assert convt("check", program("wrong"), "--level", "smoke", "--out", tmp_path).code == 1
    assert convt("report", tmp_path, "--out", tmp_path / "report").code == 0
    assert shlex.join(["convt", "repro", program("wrong"), "N1,"])[:-4] in (tmp_path / "report" / "report.md").read_text()
