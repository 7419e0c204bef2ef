"""The messages between the runner and a worker, and a worker driven by hand."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from strangers import EVEN, FAKE_ANSWER, ODD, named

import convt_conformance
import convt_impl
import convt_spec
from convt_conformance.outcomes import Computed, Crashed, Outcome, OutOfMemory, Rejected, Unsupported, numbers_text
from convt_conformance.protocol import (
    FEATURES,
    VERSION,
    Description,
    array_from_message,
    array_message,
    description_from_message,
    description_message,
    outcome_from_message,
    outcome_message,
)
from convt_spec.case import Case
from convt_spec.data import arrays

RAMP = np.arange(24).reshape(2, 3, 4)
ARRAYS = {
    "float32": RAMP.astype(np.float32) / 7,
    "float64": RAMP.astype(np.float64) / 7,
    "float16": RAMP.astype(np.float16) / 7,
    "complex64": (RAMP + 1j).astype(np.complex64),
    "int8": RAMP.astype(np.int8),
    "int64": RAMP - (1 << 62),
    "uint64": RAMP.astype(np.uint64) + (1 << 63),
    "bool": RAMP % 2 == 0,
    "big-endian float32": RAMP.astype(">f4") / 7,
    "big-endian int16": RAMP.astype(">i2"),
    "no samples": np.zeros((2, 0, 4), np.float32),
    "rank 0": np.array(2.5),
    "transposed": RAMP.astype(np.float32).transpose(2, 0, 1),
    "strided": RAMP.astype(np.float64)[:, ::2, ::-1],
    "repeated": np.broadcast_to(np.float32(3), (2, 3)),
    "special": np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324, np.finfo(np.float64).max]),
}


def through_text(message: dict[str, Any]) -> dict[str, Any]:
    line = json.dumps(message)
    assert "\n" not in line
    read: dict[str, Any] = json.loads(line)
    return read


def assert_same(found: np.ndarray, wanted: np.ndarray) -> None:
    """Shape, kind of number and every bit."""
    native = wanted.astype(wanted.dtype.newbyteorder("="))
    assert (found.shape, found.dtype) == (native.shape, native.dtype)
    assert found.tobytes() == native.tobytes()


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_come_through(name: str) -> None:
    assert_same(array_from_message(through_text(array_message(ARRAYS[name]))), ARRAYS[name])


def test_an_array_read_back_can_be_written_to() -> None:
    found = array_from_message(array_message(ARRAYS["float32"]))
    found[...] = 0
    assert not found.any()


def test_the_bytes_of_an_array_are_little_endian_in_c_order() -> None:
    message = array_message(np.array([[1, 2], [3, 4]], ">i2").T)
    assert message == {"dtype": "int16", "shape": [2, 2], "data": base64.b64encode(bytes([1, 0, 3, 0, 2, 0, 4, 0])).decode()}


OUTCOMES = (
    Computed(array=ARRAYS["float32"], dtype="float32"),
    Computed(array=ARRAYS["no samples"], dtype="float32", changed_input=True),
    Computed(array=ARRAYS["rank 0"], dtype="float64"),
    Computed(array=None, dtype="list"),
    Rejected(error="ValueError", message='a "quoted" word,\nü and \u2028'),
    Unsupported(reason="there is no call"),
    OutOfMemory(message="MemoryError: "),
)


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: type(outcome).__name__)
def test_outcomes_come_through(outcome: Any) -> None:
    found: Outcome = outcome_from_message(through_text(outcome_message(outcome)))
    if isinstance(outcome, Computed) and outcome.array is not None:
        assert isinstance(found, Computed)
        assert found.array is not None
        assert_same(found.array, outcome.array)
        assert (found.dtype, found.changed_input) == (outcome.dtype, outcome.changed_input)
    else:
        assert found == outcome


def test_an_unknown_outcome_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown outcome 'odd'"):
        outcome_from_message({"outcome": "odd"})


def test_a_description_comes_through() -> None:
    told = Description(name="n", version="1", language="Python", home="", supports=FEATURES, packages={"numpy": "2"})
    message = through_text(description_message(told))
    assert message["protocol"] == VERSION
    assert description_from_message(message) == told


def test_two_crashes_are_the_same_whatever_they_said() -> None:
    assert Crashed(how="exit status 1", stderr="a") == Crashed(how="exit status 1", stderr="b")
    assert Crashed(how="exit status 1") != Crashed(how="exit status 2")


WORDS = {
    "[1 2.5 -0.333333333]": np.array([1, 2.5, -1 / 3]),
    "[nan inf -inf]": np.array([np.nan, np.inf, -np.inf]),
    "[1 0]": np.array([True, False]),
    "[]": np.zeros((1, 0, 2)),
    "[7]": np.array(7),
    "[0 1 2 ...]": np.arange(4),
}


@pytest.mark.parametrize("text", WORDS)
def test_numbers_in_words(text: str) -> None:
    assert numbers_text(WORDS[text], limit=3) == text


def test_complex_numbers_in_words() -> None:
    assert "1+2j" in numbers_text(np.array([1 + 2j, 3]))


class Worker:
    """A worker started as the runner starts it, driven by hand."""

    def __init__(self) -> None:
        folders = [f"{each.__name__}={Path(each.__file__ or '').parent}" for each in (convt_spec, convt_conformance, convt_impl)]
        boot = Path(convt_conformance.__file__ or "").parent / "boot.py"
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.popen = subprocess.Popen([sys.executable, str(boot), *folders], text=True, **pipes)  # type: ignore[call-overload]

    def ask(self, **request: Any) -> dict[str, Any]:
        """One line out, one line back."""
        self.popen.stdin.write(json.dumps(request) + "\n")
        self.popen.stdin.flush()
        answer: dict[str, Any] = json.loads(self.popen.stdout.readline())
        return answer

    def start(self, name: str) -> dict[str, Any]:
        return self.ask(request="start", protocol=VERSION, implementation=name, memory=256)

    def end(self, *requests: dict[str, Any]) -> tuple[str, str, int]:
        """Whatever else it wrote to the protocol and to stderr, and its exit status."""
        out, err = self.popen.communicate("".join(json.dumps(request) + "\n" for request in requests), timeout=10)
        return out, err, self.popen.returncode


@pytest.fixture
def worker() -> Iterator[Worker]:
    found = Worker()
    yield found
    found.popen.kill()
    found.popen.communicate()


def test_every_request_gets_one_line(worker: Worker) -> None:
    description = description_from_message(worker.start(named("right")))
    assert (description.name, description.language) == (named("right"), "Python")
    for text in (EVEN, ODD, "layer," + EVEN):
        assert worker.ask(request="run", case=text)["outcome"] == ("unsupported" if text.startswith("layer") else "computed")
    assert worker.ask(request="script", case=EVEN)["lines"] == ["y = right(x, w, stride=2)"]
    assert worker.end({"request": "stop"}) == ("", "", 0)


def test_the_end_of_the_input_ends_the_worker(worker: Worker) -> None:
    worker.start(named("right"))
    assert worker.end() == ("", "", 0)


def test_a_failed_start_says_why(worker: Worker) -> None:
    answer = worker.start("no_such_module:f")
    assert answer["failed"] == "absent"
    assert "no_such_module" in answer["message"]
    assert worker.start(named("right"))["description"]["name"] == named("right")


def test_noise_goes_to_stderr(worker: Worker) -> None:
    worker.start(named("chatter"))
    for _ in range(2):
        outcome = outcome_from_message(worker.ask(request="run", case=ODD))
        assert isinstance(outcome, Computed)
    out, err, status = worker.end({"request": "stop"})
    assert (out, status) == ("", 0)
    assert err.count("hello") == 2
    assert err.count(FAKE_ANSWER) == 6


def test_a_script_holds_the_arrays_of_the_case(worker: Worker) -> None:
    worker.start(named("right"))
    held = worker.ask(request="script", case=EVEN)["arrays"]
    x, weight, _ = arrays(Case.parse(EVEN))
    assert set(held) == {"x", "w"}
    assert_same(array_from_message(held["x"]), x)
    assert_same(array_from_message(held["w"]), weight)


def test_a_script_of_what_cannot_be_expressed_says_so(worker: Worker) -> None:
    worker.start(named("right"))
    assert worker.ask(request="script", case="layer," + EVEN) == {"unsupported": "this is a function, and has no layer form"}


def test_a_start_of_another_protocol_is_refused(worker: Worker) -> None:
    answer = worker.ask(request="start", protocol=VERSION + 1, implementation=named("right"), memory=256)
    assert "failed" in answer


@pytest.mark.parametrize("line", ["no JSON", "[]", '{"request": "dance"}', '{"request": "run", "case": "no case"}', '{"request": "run"}'])
def test_a_request_that_makes_no_sense_does_not_pass_for_a_run(worker: Worker, line: str) -> None:
    worker.start(named("right"))
    out, _ = worker.popen.communicate(line + "\n", timeout=10)
    assert "computed" not in out
