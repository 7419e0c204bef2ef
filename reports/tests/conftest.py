"""Hand-made records, written as a run writes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from convt_conformance.records import Record, Writer, read

Line = dict[str, Any]
COUNTS = {"judged": 5, "effective": 5, "unsupported": 0, "refused": 0, "avoided": 0, "failures": 0}
RESULT = {"verdict": "conforms", "kind": "", **COUNTS, "reason": "", "listed": None}


def header(name: str, version: str, rulings: dict[str, str], **facts: Any) -> Line:
    implementation = {"name": name, "version": version, "language": "C", "home": "https://example.org/" + name, "supports": ["NCL"]}
    return {
        "convt": "0.1.0",
        "implementation": {**implementation, "packages": {"numpy": "2.0", "blas": "1"}},
        "seed": 7,
        "level": "smoke",
        "examples": 20,
        "rulings": rulings,
        "command": f"convt check {name}",
        "platform": {"system": "Linux", "machine": "riscv"},
        "started": "2031-05-04T03:02:01+00:00",
        **facts,
    }


def evidence(case: str, observed: str, required: str, kind: str = "value") -> Line:
    return {"case": case, "kind": kind, "observed": observed, "required": required, "after": []}


def result(given: Line) -> Line:
    """A result line; `evidence` and each of `refuted` may be given as (case, observed, required)."""
    line = {"line": "result", "law": f"test_{given['clause']}_claim", "follows": [], "refuted": {}, "evidence": None, **RESULT, **given}
    refuted = {reading: evidence(*seen) for reading, seen in line["refuted"].items()}
    return {**line, "refuted": refuted, "evidence": evidence(*line["evidence"]) if line["evidence"] else None}


def write(
    path: Path, head: Line, results: list[Line], answers: list[Line], coverage: dict[str, Line], others: list[Line], **footer: Any
) -> None:
    with Writer(path, head) as writer:
        for each in results:
            writer.write(result(each))
        for each in answers:
            writer.write({"line": "answer", "shape": [], "digest": "", **each})
        for attribute, values in coverage.items():
            writer.write({"line": "coverage", "attribute": attribute, "values": values})
        for each in others:
            writer.write(each)
        writer.finish(judged=5 * len(results), seconds=1.5, **footer)


@pytest.fixture
def record_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a record of these results, answers and coverage; returns its path."""
    folder = tmp_path / "records"
    folder.mkdir()

    def make(
        name: str = "alpha",
        version: str = "1.0",
        *,
        results: list[Line] | None = None,
        answers: list[Line] | None = None,
        coverage: dict[str, Line] | None = None,
        others: list[Line] | None = None,
        complete: bool = True,
        stale: list[str] | None = None,
        effects: list[Line] | None = None,
        rulings: dict[str, str] | None = None,
        file: str = "",
        **facts: Any,
    ) -> Path:
        path = folder / (file or f"{name}-{version}.jsonl".replace("/", "-"))
        held = [{"clause": "V1"}] if results is None else results
        head = header(name, version, rulings or {}, **facts)
        write(path, head, held, answers or [], coverage or {}, others or [], complete=complete, stale=stale or [], effects=effects or [])
        return path

    return make


@pytest.fixture
def record(record_file: Callable[..., Path]) -> Callable[..., Record]:
    """The same, read back."""
    return lambda *args, **kwargs: read(record_file(*args, **kwargs))


def cause(condition: str | None, case: str, **facts: Any) -> Line:
    line = {"line": "cause", "verdict": "deviates", "kinds": ["value"], "clauses": ["V1", "G1"]}
    line |= {"law": "test_V1_values", "laws": ["test_V1_values"]}
    return {**line, "condition": condition, "near": None, "failures": 12, "passes": 30, "evidence": evidence(case, "[1]", "[2]"), **facts}


def power(clause: str, **regions: tuple[int, int]) -> Line:
    """A power line; each region, `everywhere` or an attribute above 1, as (effective, failures)."""
    rows = [
        {"where": "" if name == "everywhere" else f"{name} > 1", "effective": n, "failures": f, "bound": None if f else min(3 / n, 1)}
        for name, (n, f) in regions.items()
    ]
    return {"line": "power", "clause": clause, "regions": rows}


CASE = "N1,C1,M1,L1,K1,stride=2,padding=SAME,float32,int:1"


@pytest.fixture
def three(record: Callable[..., Record]) -> list[Record]:
    """Three records with something for every table: alpha deviates in many ways, beta in few, gamma has hardly a call."""
    alpha = record(
        "alpha",
        results=[
            {"clause": "V1", "law": "test_V1_values"},
            {"clause": "V1", "law": "test_V1_values_of_long_inputs"},
            {
                "clause": "S3",
                "follows": ["inverse-end"],
                "refuted": {
                    "as-printed": (CASE, "float32 (1, 1, 2) [3 0]", "1 samples per channel"),
                    "forward-on-input": (CASE, "float32 (1, 1, 2) [3 0]", "shape (1, 1, 1) [3]"),
                },
                "evidence": (CASE, "float32 (1, 1, 2) [3 0]", "shape (1, 1, 1) [3]"),
            },
            {
                "clause": "O3",
                "verdict": "deviates",
                "kind": "reading",
                "reason": "no single reading fits all cases",
                "refuted": {
                    "unbounded": ("N1,C1,M1,L1,K1,output_padding=1,float32,int:1", "ValueError: no", "shape (1, 1, 2) [3 0]"),
                    "closed": ("N1,C1,M1,L1,K1,output_padding=2,float32,int:1", "float32 (1, 1, 3) [3 0 0]", "a refusal"),
                },
                "evidence": ("N1,C1,M1,L1,K1,output_padding=2,float32,int:1", "float32 (1, 1, 3) [3 0 0]", "a refusal"),
            },
            {
                "clause": "I3",
                "verdict": "deviates",
                "kind": "accepts-invalid",
                "evidence": ("N1,C1,M1,L2,K0,float32,int:0", "float32 (1, 1, 1) [0]", "a refusal"),
            },
            {
                "clause": "I7",
                "verdict": "deviates",
                "kind": "accepts-invalid",
                "listed": {"reason": "adds a batch axis", "link": "https://example.org/7"},
                "evidence": ("N1,C2,M1,L4,K1,flaw=input-rank-2,float32,int:0", "float32 (1, 4) [1 2 3 4]", "a refusal"),
            },
            {"clause": "A1", "verdict": "unsupported", "judged": 0, "effective": 0, "unsupported": 5, "reason": "has no layer"},
        ],
        answers=[
            {"case": "a,1", "outcome": "computed", "shape": [1, 2], "digest": "aa"},
            {"case": "a-longer,2", "outcome": "computed", "shape": [1, 2], "digest": "bb"},
            {"case": "b,3", "outcome": "computed", "shape": [1, 2], "digest": "cc"},
            {"case": "b,2", "outcome": "computed", "shape": [1, 2], "digest": "cc"},
            {"case": "c,1", "outcome": "rejected"},
            {"case": "d,1", "outcome": "rejected"},
            {"case": "e,1", "outcome": "crashed"},
        ],
        coverage={"stride": {"10": 3, "2": 4, "(1, 2)": 1, "-1": 5}, "call": {"function": 9}},
        others=[
            {"line": "claim", "feature": "NLC", "claimed": False, "works": True, "case": "c", "observed": "o", "mixed_up": ""},
            cause("bias and groups > 1", "N1,C2,M2,L1,K1,groups=2,bias,float32,int:1"),
            cause("", "N1,C1,M1,L2,K0,float32,int:0", kinds=["accepts-invalid"], clauses=["I3"], passes=0),
            cause(
                None,
                "N1,C1,M1,L1,K1,float32,int:3",
                kinds=[],
                verdict="crashes",
                near={"condition": "stride > 2", "passes": 3, "cropped": 2},
            ),
            power("V1", everywhere=(200, 12), groups=(60, 12), stride=(100, 0)),
            power("G1", everywhere=(100, 0), stride=(50, 0)),
        ],
    )
    beta = record(
        "beta",
        "2.5",
        results=[
            {"clause": "V1", "law": "test_V1_values"},
            {
                "clause": "S3",
                "follows": ["forward-on-input"],
                "refuted": {"inverse-end": (CASE, "float32 (1, 1, 1) [3]", "shape (1, 1, 2) [3 0]")},
                "evidence": (CASE, "float32 (1, 1, 1) [3]", "shape (1, 1, 2) [3 0]"),
            },
            {
                "clause": "I3",
                "verdict": "deviates",
                "kind": "accepts-invalid",
                "evidence": ("N1,C1,M1,L1,K0,stride=2,float32,int:0", "float32 (1, 1, 1) [0]", "a refusal"),
            },
            {"clause": "I13", "law": "test_I13_inputs", "verdict": "crashes", "evidence": ("N1,K1,int:0", "SIGSEGV", "a result")},
        ],
        answers=[
            {"case": "a,1", "outcome": "computed", "shape": [1, 2], "digest": "aa"},
            {"case": "a-longer,2", "outcome": "computed", "shape": [1, 2], "digest": "xx"},
            {"case": "b,3", "outcome": "computed", "shape": [1, 3], "digest": "cc"},
            {"case": "b,2", "outcome": "computed", "shape": [2, 1], "digest": "cc"},
            {"case": "c,1", "outcome": "computed", "shape": [1], "digest": "dd"},
            {"case": "d,1", "outcome": "rejected"},
            {"case": "e,1", "outcome": "computed", "shape": [1], "digest": "ee"},
            {"case": "only-beta", "outcome": "computed", "shape": [1], "digest": "ff"},
        ],
        coverage={"stride": {"2": 6}},
        others=[power("V1", everywhere=(1, 0))],
    )
    gamma = record(
        "gamma",
        "0.3",
        results=[
            {"clause": "V1", "law": "test_V1_values"},
            {"clause": "S3", "verdict": "unsupported", "judged": 0, "effective": 0, "unsupported": 5, "reason": "pads by numbers only"},
        ],
        answers=[{"case": "a,1", "outcome": "unsupported"}, {"case": "b,2", "outcome": "computed", "shape": [2, 1], "digest": "cc"}],
    )
    return [alpha, beta, gamma]
