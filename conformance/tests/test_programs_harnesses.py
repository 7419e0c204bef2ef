"""The harnesses in the repository, and the one on the page, judged like a stranger's."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from runs import Ran, convt, process, use_few_laws

from convt_conformance.debug import faults
from convt_conformance.deviations import load
from convt_conformance.foreign import run_request, start_request
from convt_conformance.isolation import Isolated
from convt_conformance.outcomes import Computed
from convt_conformance.panel import cases
from convt_conformance.protocol import Message, array_from_message
from convt_spec.case import Case

HARNESSES = Path(__file__).parent.parent / "harnesses"
SOURCES = sorted((HARNESSES / "c").glob("*.c"))
CASE = "N1,C2,M2,L5,K3,stride=2,padding=list:1,bias,float32,int:1"
WARNINGS = ("-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror")


def compiled(folder: Path, *options: str) -> Path:
    """The C harness, made with the system's compiler."""
    compiler = shutil.which("cc")
    if not compiler:
        pytest.skip("no C compiler: install one, such as the package gcc")
    made = folder / "harness"
    done = subprocess.run([compiler, *WARNINGS, *options, "-o", str(made), *map(str, SOURCES)], capture_output=True, text=True)
    if "cannot find -lasan" in done.stderr or "cannot find -lubsan" in done.stderr:
        pytest.skip("the compiler has no sanitizers: install them, such as the package libasan")
    assert (done.returncode, done.stderr) == (0, "")
    return made


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("c"), "-O2")


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with sanitizers, which end it at the first byte read or written out of place."""
    return compiled(tmp_path_factory.mktemp("sanitized"), "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The harness that stands on the page, as an implementation's name."""
    if not shutil.which("node"):
        pytest.skip("no Node: install it, 20 or later")
    (code,) = re.findall(r"```js\n(.*?)```", (HARNESSES / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert code.count("\n") <= 50
    path = tmp_path_factory.mktemp("page") / "harness.mjs"
    path.write_text(code, encoding="utf-8")
    return f"cmd:node {path}"


def test_the_page_holds_a_harness_that_conforms(page: str, tmp_path: Path) -> None:
    ran = convt("check", page, "--level", "smoke", "--seed", 1, "--out", tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert int(re.findall(r"(\d+) laws hold", ran.out)[0]) > 45


def test_the_page_shows_what_is_really_said(page: str) -> None:
    text = (HARNESSES / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```\n(-> .*?)```", text, re.DOTALL)
    said = [(line[:2], json.loads(line[3:])) for line in block.replace("\n    ", " ").splitlines()]
    assert [direction for direction, _ in said] == ["->", "<-", "->", "<-", "->"]
    assert [list(faults(*each)) for each in said] == [[]] * 5
    start, _, run, answer, _ = (message for _, message in said)
    assert start == start_request()
    assert run == {**run_request(Case.parse(run["case"])), "id": 71}
    with Isolated("bundled") as ours:
        outcome = ours.run(Case.parse(run["case"]))
    assert isinstance(outcome, Computed)
    assert (array_from_message(answer["array"]) == outcome.array).all()


def test_the_c_harness_conforms(plain: Path, tmp_path: Path) -> None:
    ran = convt("check", f"cmd:{plain}", "--level", "smoke", "--seed", 1, "--out", tmp_path)
    assert (ran.code, ran.err) == (0, ""), ran.out
    assert " 0 fail, 0 fail as listed" in ran.out
    assert [path.name for path in tmp_path.iterdir()] == ["harness.jsonl"]


@pytest.mark.parametrize("number", [0, 10**9 + 1, 2**30 + 64, 2**53])
def test_the_c_harness_repeats_any_id(plain: Path, number: int) -> None:
    request = {**run_request(Case.parse(CASE)), "id": number}
    done = subprocess.run([plain], input=f"{json.dumps(request)}\n", capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["id"] == number


def test_the_c_harness_keeps_to_its_memory(checked: Path) -> None:
    odd = [Case.parse(text) for text in ("N0,C1,M1,L5,K3,float32,int:1", "N1,C1,M1,L5,K0,float32,int:1", "N1,C1,M1,L0,K1,float64,int:1")]
    with Isolated(f"cmd:{checked}") as judged, Isolated("bundled") as ours:
        asked = [*cases(), *odd]
        found, wanted = judged.run_many(asked), ours.run_many(asked)
        assert judged.restarts == 0
    assert [type(each) for each in found] == [type(each) for each in wanted]


def spoiled(request: Message, chance: random.Random) -> bytes:
    """A request with bytes lost, doubled or replaced, or with other numbers in its place."""
    line = bytearray(json.dumps(request).encode())
    for _ in range(chance.choice([1, 1, 2, 8])):
        where = chance.randrange(len(line))
        line[where : where + chance.choice([0, 1, 1, 40])] = chance.choice(
            [b"", b'"', b"{", b"]", b"\\", b"9", b"-", b"\x00", b"99999999999", b","]
        )
    return bytes(line).replace(b"\n", b" ") + b"\n"


def test_the_c_harness_survives_requests_that_make_no_sense(checked: Path) -> None:
    chance = random.Random(20240501)
    start = json.dumps(start_request()).encode() + b"\n"
    answered = 0
    for case in (*cases()[:150], *cases()[:150]):
        asked = start + spoiled({**run_request(case), "id": 7}, chance)
        done = subprocess.run([checked], input=asked, capture_output=True, timeout=60)
        assert done.returncode in (0, 2), done.stderr.decode(errors="replace")[-3000:]
        answered += done.stdout.count(b"\n") == 2
    assert 20 < answered < 280


def script(folder: Path, name: str) -> Ran:
    """What the script of `convt repro --script` does in a process of its own."""
    shown = convt("repro", name, CASE, "--script")
    assert (shown.code, shown.err) == (0, "")
    assert "convt" not in shown.out.replace(str(folder), "")
    assert shown.out.count("\n") <= 25
    (folder / "shown.py").write_text(shown.out, encoding="utf-8")
    return process("-I", folder / "shown.py", folder=folder)


def test_a_programs_case_is_shown_and_its_script_shows_the_same(plain: Path, tmp_path: Path) -> None:
    shown = convt("repro", f"cmd:{plain}", CASE)
    assert (shown.code, shown.err) == (0, "")
    assert 'call      {"call": "function", "stride": 2, "padding": {"list": [1]}}' in shown.out
    ran = script(tmp_path, f"cmd:{plain}")
    assert (ran.code, ran.err) == (0, "")
    observed, required = (re.findall(r"-?\d+\.?\d*", line.partition(":")[2]) for line in ran.out.splitlines())
    assert list(map(float, observed)) == list(map(float, required))


def test_the_script_of_a_program_that_dies_says_so(tmp_path: Path) -> None:
    talk = '{"protocol": 1, "description": {"name": "n", "version": "1", "language": "sh", "home": "", "supports": %s}}'
    answer = talk % '["NCL", "function", "float32", "padding"]'
    ran = script(tmp_path, f"cmd:sh -c 'read line; echo {json.dumps(answer)}; read line; exit 3'")
    assert "none, exit status 3" in ran.out


@pytest.mark.parametrize("name", ["tfjs", "onnxruntime-web"])
def test_the_known_deviations_of_the_node_harness_can_be_read(name: str) -> None:
    assert all(each.reason for each in load(HARNESSES / "node" / f"{name}.toml"))


def test_the_packages_are_pinned_and_name_no_host() -> None:
    wanted = json.loads((HARNESSES / "node" / "package.json").read_text())["dependencies"]
    text = (HARNESSES / "node" / "package-lock.json").read_text()
    held = json.loads(text)["packages"]
    assert "resolved" not in text
    for name, version in wanted.items():
        assert held[f"node_modules/{name}"]["version"] == version
    assert all(each["integrity"].startswith("sha512-") for name, each in held.items() if name)


def node_harness(folder: Path, name: str) -> str:
    """The Node harness over a package in `folder`, its module written out."""
    if not shutil.which("node"):
        pytest.skip("no Node: install it, 20 or later")
    for path in (HARNESSES / "node").glob("*.mjs"):
        shutil.copy(path, folder)
    return f"cmd:node {folder / 'harness.mjs'} {name}"


def test_a_package_that_is_not_installed_is_absent(tmp_path: Path) -> None:
    ran = convt("repro", node_harness(tmp_path, "tfjs"), CASE)
    assert ran.code == 3
    assert "npm ci" in ran.err


def test_an_unknown_package_is_wrong_usage(tmp_path: Path) -> None:
    ran = convt("repro", node_harness(tmp_path, "jax"), CASE)
    assert ran.code == 2
    assert "tfjs, onnxruntime-web" in ran.err


@pytest.mark.parametrize("name", ["tfjs", "onnxruntime-web"])
def test_a_package_from_npm_follows_the_document(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not (HARNESSES / "node" / "node_modules").exists():
        pytest.skip("the packages are not installed: run `npm ci` in conformance/harnesses/node, or `nox -s programs`")
    use_few_laws(monkeypatch, "R1 S1 V1 W3")
    ran = convt("check", f"cmd:node {HARNESSES}/node/harness.mjs {name}", "--level", "smoke", "--out", tmp_path)
    assert (ran.code, ran.err) == (0, "")
