"""Programs in any language: whatever one does, a run goes on or ends with one sentence."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import harness
import pytest
from runs import assert_error, convt, process, use_few_laws
from strangers import EVEN, ODD

from convt_conformance import foreign, isolation
from convt_conformance.isolation import Isolated, Limits
from convt_conformance.outcomes import CannotRun, Computed, Crashed, Outcome, OutOfMemory, TimedOut
from convt_spec.case import Case
from convt_spec.data import arrays

EVEN_CASE, ODD_CASE = Case.parse(EVEN), Case.parse(ODD)
SHORT = Limits(seconds=1.0)


def program(mode: str = "right") -> str:
    return f"cmd:{sys.executable} {harness.__file__} '{mode}'"


@pytest.fixture(autouse=True)
def short_first_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "FIRST_CALL_SECONDS", 5.0)


def three(mode: str, limits: Limits | None = None) -> list[Outcome]:
    """An odd case between two others, asked together."""
    with Isolated(program(mode), limits=limits) as judged:
        first, odd, last = judged.run_many([EVEN_CASE, ODD_CASE, EVEN_CASE])
        assert isinstance(first, Computed)
        assert isinstance(last, Computed)
        return [odd, *judged.run_many([EVEN_CASE])]


def test_a_program_is_described_by_itself() -> None:
    with Isolated(program()) as judged:
        assert (judged.description.name, judged.description.language) == ("harness", "Python")


@pytest.mark.parametrize("mode", ["right", "noisy", "wordy"])
def test_a_program_computes_what_the_bundled_implementation_does(mode: str) -> None:
    cases = [EVEN_CASE, ODD_CASE, Case.parse("N2,C2,M3,L4,K2,padding=list:1,data_format=NLC,bias,float64,int:3")]
    with Isolated(program(mode)) as judged, Isolated("bundled") as ours:
        for found, wanted in zip(judged.run_many(cases), ours.run_many(cases), strict=True):
            assert isinstance(found, Computed)
            assert isinstance(wanted, Computed)
            assert (found.array == wanted.array).all()
            assert found.array.dtype == wanted.array.dtype


@pytest.mark.parametrize(("mode", "how"), [("exits", "exit status 0"), ("aborts", "signal 6 (SIGABRT)"), ("child", "exit status 5")])
def test_a_program_that_ends_costs_one_case(mode: str, how: str) -> None:
    odd, after = three(mode)
    assert odd == Crashed(how=how)
    assert isinstance(after, Computed)


def test_the_last_words_of_a_program_are_kept_and_shown() -> None:
    with Isolated(program("aborts")) as judged:
        judged.run(EVEN_CASE)
        outcome = judged.run(ODD_CASE)
    assert isinstance(outcome, Crashed)
    assert "oh dear" in outcome.stderr
    ran = convt("repro", program("aborts"), ODD)
    assert ran.code == 1
    assert "stderr    oh dear" in ran.out


@pytest.mark.parametrize("mode", ["asleep", "flooded"])
def test_a_program_that_does_not_answer_costs_one_case(mode: str) -> None:
    odd, after = three(mode, SHORT)
    assert isinstance(odd, TimedOut)
    assert isinstance(after, Computed)


def test_a_question_without_an_answer_is_a_hang_alone_and_found_among_others() -> None:
    with Isolated(program("silent"), limits=SHORT) as judged:
        judged.run(EVEN_CASE)
        assert isinstance(judged.run(ODD_CASE), TimedOut)
        with pytest.raises(CannotRun, match=f"its answer to {ODD}: 'id' must be"):
            judged.run_many([EVEN_CASE, ODD_CASE, EVEN_CASE])


def test_a_program_that_does_not_read_is_a_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "FIRST_CALL_SECONDS", 1.0)
    with Isolated(program("deaf"), limits=SHORT) as judged:
        assert isinstance(judged.run(Case.parse("N1,C200,M200,L9,K9,float64,int:1")), TimedOut)


BROKEN = {
    **dict.fromkeys(("no id", "another id", "a text as id"), "'id' must be"),
    "unknown outcome": "unknown outcome 'odd'",
    "outcome of another type": "'outcome' must be a string",
    "no outcome": "'outcome' is missing",
    "no array": "'array' is missing",
    "a list as array": "'array' must be an object",
    "a refusal without words": "'message' is missing",
    "a number as reason": "'reason' must be a string, got 3",
    "too few bytes": "holds 4 bytes, float32 of shape [1, 3, 6] needs 72",
    "no base64": "'data' is no base64",
    "an unknown dtype": "dtype 'bfloat16' is none of",
    "objects": "dtype 'object'",
    "NaN in the shape": "got [1, nan, 2]",
    "a negative size": "got [1, -3, 2]",
    "a fraction in the shape": "got [1, 3.5, 2]",
    "true in the shape": "got [True, 3, 7]",
    "a number as shape": "'shape' must be a list, got 21",
    "too many axes": "up to 32",
    "a shape beyond any memory": "'shape' is too large",
}


@pytest.mark.parametrize("mode", BROKEN)
def test_an_answer_that_breaks_the_protocol_ends_the_run_with_one_sentence(mode: str) -> None:
    with Isolated(program(mode)) as judged, pytest.raises(CannotRun) as raised:
        judged.run_many([EVEN_CASE, ODD_CASE, EVEN_CASE])
    assert raised.value.kind == "broken"
    assert BROKEN[mode] in str(raised.value)
    assert ODD in str(raised.value)
    assert judged.process is None


def test_a_broken_program_could_not_be_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_few_laws(monkeypatch, "E1")
    ran = convt("check", program("always no base64"), "--level", "smoke", "--out", tmp_path)
    assert_error(ran, 3, "does not keep to the protocol", "'data' is no base64", "--protocol-debug")


def test_an_answer_that_cannot_be_printed_is_shown_all_the_same(tmp_path: Path) -> None:
    ran = process("-m", "convt", "repro", program("half a pair"), ODD, folder=tmp_path)
    assert (ran.code, ran.err) == (1, "")
    assert "observed  E: no \\udc80" in ran.out


def test_two_answers_are_found_at_the_next_case() -> None:
    with Isolated(program("twice")) as judged, pytest.raises(CannotRun, match="'id' must be"):
        judged.run_many([ODD_CASE, EVEN_CASE])


def test_an_answer_before_the_question_is_found() -> None:
    with Isolated(program("early")) as judged, pytest.raises(CannotRun, match="does not keep to the protocol in its answer to start"):
        judged.run(EVEN_CASE)


def test_an_endless_line_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "LONGEST", 1_000_000)
    with Isolated(program("long")) as judged, pytest.raises(CannotRun, match="a line is longer than 1000000 bytes"):
        judged.run_many([EVEN_CASE, ODD_CASE])


STARTS = {
    "another version": ("broken", "speaks protocol 1, the program 2"),
    "no version": ("broken", "the program None"),
    "no description": ("broken", "'description' is missing"),
    "a nameless one": ("broken", "'name' must be a string, got None"),
    "an unknown feature": ("broken", "'gruops'"),
    "no layout": ("broken", "NCL or NLC"),
    "numbers as packages": ("broken", "'packages' must hold strings"),
    "an odd failure": ("broken", "'perhaps'"),
    "a failure without words": ("broken", "'message'"),
    "absent": ("absent", "libmine is not there: install it"),
    "usage": ("usage", "name a library"),
}


@pytest.mark.parametrize("mode", STARTS)
def test_a_start_that_fails_is_one_sentence(mode: str) -> None:
    with Isolated(program(mode)) as judged, pytest.raises(CannotRun) as raised:
        judged.run(EVEN_CASE)
    kind, words = STARTS[mode]
    assert raised.value.kind == kind
    assert words in str(raised.value)


def test_a_program_that_ends_at_once_died() -> None:
    with Isolated("cmd:sh -c 'echo no library >&2; exit 3'") as judged, pytest.raises(CannotRun, match=r"exit status 3\): no library"):
        judged.run(EVEN_CASE)


@pytest.mark.parametrize(
    "name", ["cmd:/no/such/program", "cmd:no-such-program-on-the-path", "cmd:/", f"cmd:{__file__}", "cmd:", "cmd:a 'b"]
)
def test_what_is_no_program_is_wrong_usage(name: str) -> None:
    assert_error(convt("repro", name, EVEN), 2)


def test_arguments_are_quoted_as_in_a_shell_and_the_folder_is_the_current_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    script = 'printf "%s\\n" "$0" "$@" "$PWD" > told; exit 1'
    with Isolated(f"cmd:sh -c '{script}' 'two words' \"it's\" $HOME") as judged, contextlib.suppress(CannotRun):
        judged.run(EVEN_CASE)
    assert (tmp_path / "told").read_text().splitlines() == ["two words", "it's", "$HOME", str(tmp_path)]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the memory of another process is capped on Linux only")
def test_the_memory_of_a_program_is_limited_from_outside() -> None:
    with Isolated(program("hungry"), limits=Limits(memory=256)) as judged:
        assert judged.run(ODD_CASE) == OutOfMemory(message="no room")


def test_a_child_that_a_program_leaves_is_killed() -> None:
    with Isolated(program("child")) as judged:
        outcome = judged.run(ODD_CASE)
    assert isinstance(outcome, Crashed)
    deadline = time.monotonic() + 5
    while alive(int(outcome.stderr.split()[0])):
        assert time.monotonic() < deadline, "the child lives on"
        time.sleep(0.02)


def alive(process: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a program is told of its runner's death on Linux only")
def test_a_program_dies_with_its_runner() -> None:
    reader, writer = os.pipe()
    runner = os.fork()
    if runner == 0:
        judged = Isolated(program())
        os.write(writer, str(judged.started().popen.pid).encode())
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(runner, 0)
    told = int(os.read(reader, 20))
    os.close(reader), os.close(writer)
    deadline = time.monotonic() + 5
    while alive(told):
        assert time.monotonic() < deadline, "the program outlives its runner"
        time.sleep(0.02)


def test_neither_side_waits_for_the_other_when_both_pipes_are_full() -> None:
    case = Case.parse("N1,C30,M30,L30,K30,float64,int:1")
    cases = [case] * 150
    assert arrays(case)[1].nbytes * 64 > 1 << 23
    with Isolated(program("wordy")) as judged:
        outcomes = judged.run_many(cases)
    assert all(isinstance(each, Computed) for each in outcomes)
    assert len(outcomes) == 150
