"""What becomes of failures: by cause, each with its smallest case, and those that do not come back alone by what they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from runs import SEED, Ran, convt, use_few_laws

from convt_conformance import inquiry
from convt_conformance.conditions import condition
from convt_conformance.isolation import Isolated
from convt_conformance.law import LAWS
from convt_conformance.laws import all_laws
from convt_conformance.outcomes import CannotRun, Computed
from convt_conformance.records import Record, read
from convt_conformance.results import Result
from convt_conformance.session import Session
from convt_spec.case import Case

all_laws()
FAULTS = """
import numpy as np
import convt_impl

calls = []


def right(x, weight, bias=None, **given):
    return convt_impl.conv1d_transpose(x, weight, bias, **given)


def two_faults(x, weight, bias=None, **given):
    y = right(x, weight, bias, **given)
    if given.get("groups", 1) != 1 and bias is not None:
        return y + 1
    return 2 * y if x.dtype == np.float64 else y


def interleaved(x, weight, bias=None, **given):
    \"\"\"The biases of the groups in turn: right where two of them are equal by chance.\"\"\"
    groups = given.get("groups", 1)
    return right(x, weight, bias if bias is None else bias.reshape(groups, -1).T.reshape(-1), **given)


def far_sample(x, weight, bias=None, **given):
    \"\"\"Loses the last sample of a long input: right where the crop hides it, as padding or a length may.\"\"\"
    axis = 1 if given.get("data_format") == "NLC" else 2
    if x.shape[axis] > 48 and given.get("dilation", 1) not in (1, [1], (1,)):
        x = np.concatenate([np.delete(x, -1, axis), 0 * np.take(x, [-1], axis)], axis)
    return right(x, weight, bias, **given)


def upsampler(x, weight, bias=None, **given):
    \"\"\"Wrong for one set of sizes that people use.\"\"\"
    sizes = [given.get("stride", 1), given.get("padding", 0), given.get("dilation", 1), weight.shape[2]]
    y = right(x, weight, bias, **given)
    return y + 1 if sizes == [2, 1, 1, 4] else y


def wide_if_biased(x, weight, bias=None, **given):
    y = right(x, weight, bias, **given)
    return y.astype(np.float64) if bias is not None and weight.shape[2] > 4 else y


kernels = {}


def kept_by_sum(x, weight, bias=None, **given):
    \"\"\"Takes an earlier kernel of the same shape and sum for this one.\"\"\"
    key = weight.shape, weight.dtype.str, float(weight.sum())
    return right(x, kernels.setdefault(key, weight.copy()), bias, **given)


def after_seven_taps(x, weight, bias=None, **given):
    \"\"\"Wrong for one channel once a kernel of seven taps was seen.\"\"\"
    calls.append(weight.shape[2])
    y = right(x, weight, bias, **given)
    return y + 1 if 7 in calls[:-1] and x.shape[0] == 1 else y


def now_and_then(x, weight, bias=None, **given):
    calls.append(1)
    y = right(x, weight, bias, **given)
    return y + 1 if __import__("os").getrandom(1)[0] < 10 else y


def at_first(x, weight, bias=None, **given):
    calls.append(1)
    y = right(x, weight, bias, **given)
    return y + (len(calls) == 1)


def never_refuses(x, weight, bias=None, **given):
    try:
        return right(x, weight, bias, **given)
    except ValueError:
        return x


def rarely_and_grouped(x, weight, bias=None, **given):
    \"\"\"Always wrong with bias and groups, and now and then without.\"\"\"
    y = right(x, weight, bias, **given)
    if bias is not None and given.get("groups", 1) != 1:
        return y + 1
    return y + 1 if __import__("os").getrandom(1)[0] < 3 else y


def after_stride_three(x, weight, bias=None, **given):
    \"\"\"Wrong after a call with stride 3: laws of several calls see it by themselves.\"\"\"
    calls.append(given.get("stride", 1))
    y = right(x, weight, bias, **given)
    return y + 1 if 3 in calls[:-1] and given.get("stride", 1) != 3 else y


def chunked(x, weight, bias=None, **given):
    \"\"\"In chunks of 16 samples, each without what it adds to the next.\"\"\"
    axis = 1 if given.get("data_format") == "NLC" else 2
    number = lambda name: given[name][0] if isinstance(given.get(name), list | tuple) else given.get(name, 1)
    stride, extent, length = number("stride"), number("dilation") * (weight.shape[2] - 1) + 1, x.shape[axis]
    y = right(x, weight, bias, **given)
    if length <= 16 or extent <= stride or isinstance(given.get("padding", 0), list | tuple | str) or given.get("padding", 0) < 0:
        return y
    cut = np.concatenate([x.take(range(16), axis), 0 * x.take(range(16, length), axis)], axis)
    rest = np.concatenate([0 * x.take(range(16), axis), x.take(range(16, length), axis)], axis)
    first, second = right(cut, weight, bias, **given), right(rest, weight, None, **given)
    seam = 16 * stride - given.get("padding", 0)
    lost = [at for at in range(max(seam, 0), min(seam + max(extent - stride, 0), y.shape[axis]))]
    index = (slice(None), lost) if axis == 1 else (slice(None), slice(None), lost)
    y[index] = second[index] if bias is None else second[index] + (bias if axis == 1 else bias[:, None])
    return y


refused_before = set()


def refuses_once(x, weight, bias=None, **given):
    \"\"\"A length that was refused is given when it is asked for again.\"\"\"
    try:
        return right(x, weight, bias, **given)
    except ValueError:
        key = x.dtype, given.get("output_size")
        if key in refused_before and given.get("output_size") is not None:
            return np.zeros((x.shape[0], weight.shape[1], given["output_size"]), x.dtype)
        refused_before.add(key)
        raise


def dies(x, weight, bias=None, **given):
    if given.get("dilation") == 3:
        __import__("os")._exit(3)
    return right(x, weight, bias, **given)
"""


def check(tmp_path: Path, name: str, laws: str, monkeypatch: pytest.MonkeyPatch, *options: object) -> tuple[Ran, Record]:
    use_few_laws(monkeypatch, laws)
    (tmp_path / "faults.py").write_text(FAULTS)
    ran = convt("check", f"{tmp_path}/faults.py:{name}", "--seed", SEED, "--out", tmp_path / "out", *options)
    return ran, read(tmp_path / "out" / f"faults.py-{name}.jsonl")


def test_causes_are_told_apart_across_laws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran, record = check(tmp_path, "two_faults", "V1 G1 B1 D1", monkeypatch)
    assert ran.code == 1
    conditions = {cause["condition"]: cause for cause in record.causes}
    assert "bias and groups > 1" in conditions
    assert any('dtype == "float64"' in str(each) for each in conditions)
    both = conditions["bias and groups > 1"]
    assert set(both["clauses"]) == {"V1", "G1", "B1", "D1"}
    assert both["evidence"]["case"].startswith("N1,C2,M2,L1,K1,groups=2,bias,float32,int:")
    assert "when     bias and groups > 1" in ran.out
    for cause in record.causes:
        assert f"convt repro {tmp_path}/faults.py:two_faults {cause['evidence']['case']}" in ran.out


def test_a_pass_by_chance_does_not_hide_the_condition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, record = check(tmp_path, "interleaved", "V1 G1 I16", monkeypatch)
    (cause,) = record.causes
    assert cause["condition"] == "bias and groups > 1 and out_per_group > 1"
    assert cause["evidence"]["case"] == "N1,C2,M4,L1,K1,groups=2,bias,float32,int:1"


def test_a_crop_that_hides_the_fault_leaves_a_near_condition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran, record = check(tmp_path, "far_sample", "V1", monkeypatch)
    (cause,) = record.causes
    near = cause["near"]
    assert (cause["condition"], near["condition"]) == (None, "dilation > 1 and length > 48")
    assert near["passes"] >= near["cropped"] > 0.9 * near["passes"]
    assert f"{near['condition']}, nearly: it holds for {near['passes']} cases that pass too, of which {near['cropped']} would" in ran.out


def test_a_chunk_of_inputs_is_one_cause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taps that reach over the end of a chunk are lost, unless the crop takes them."""
    _, record = check(tmp_path, "chunked", "V1 D1", monkeypatch)
    (cause,) = record.causes
    assert (cause["condition"] or cause["near"]["condition"]).startswith("extent > stride and length > 16")
    assert Case.parse(cause["evidence"]["case"]).size <= Case.parse("N1,C1,M1,L17,K2,float32,int:1").size


def test_a_call_that_is_refused_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran, record = check(tmp_path, "refuses_once", "O5 O6", monkeypatch, "--level", "smoke")
    (cause,) = record.causes
    assert cause["kinds"] == ["depends-on-order"]
    (command,) = [line.split() for line in ran.out.splitlines() if line.startswith("    convt repro ")]
    assert "--after" in command
    assert convt(*command[1:]).code == 1


START = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from saboteurs import FOLLOWERS
from saboteurs.right import function

taps, start = [], function(FOLLOWERS["S3", "inverse-start"])


def start_crop(x, weight, bias=None, **given):
    taps.append(weight.shape[2])
    return start(x, weight, bias, **given) + (7 in taps[:-1])
"""


def test_another_reading_is_no_failure_that_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its results differ from our ruling's, alone too, but what is wrong is wrong by the order."""
    use_few_laws(monkeypatch, "S3")
    (tmp_path / "start.py").write_text(START)
    ran = convt("check", f"{tmp_path}/start.py:start_crop", "--seed", SEED, "--out", tmp_path / "out")
    (cause,) = read(tmp_path / "out" / "start.py-start_crop.jsonl").causes
    assert cause["kinds"] == ["depends-on-order"]
    (command,) = [line.split() for line in ran.out.splitlines() if line.startswith("    convt repro ")]
    assert convt(*command[1:]).code == 1


def test_few_failures_are_told_apart_by_the_cases_beside_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, record = check(tmp_path, "upsampler", "V1", monkeypatch)
    (cause,) = record.causes
    assert cause["condition"] == "dilation == 1 and kernel_size == 4 and padding == 1 and stride == 2"
    assert sum(result["failures"] for result in record.results) < cause["failures"]


def test_what_depends_on_the_order_is_one_cause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran, record = check(tmp_path, "kept_by_sum", "G1 I14", monkeypatch)
    assert [cause["kinds"] for cause in record.causes].count(["depends-on-order"]) == 1
    failed = {result["law"] for result in record.results if result["kind"] == "depends-on-order"}
    (found,) = (cause for cause in record.causes if cause["kinds"] == ["depends-on-order"])
    assert set(found["laws"]) == failed
    assert len(failed) > 1
    assert found["evidence"]["after"]
    assert ran.out.count("deviates, depends-on-order") == 1


@pytest.mark.parametrize(("name", "laws"), [("wide_if_biased", "V5"), ("two_faults", "B1"), ("never_refuses", "I1 O6")])
def test_the_printed_command_shows_the_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, laws: str) -> None:
    ran, record = check(tmp_path, name, laws, monkeypatch, "--level", "smoke")
    commands = [line.split() for line in ran.out.splitlines() if line.startswith("    convt repro ")]
    assert len(commands) == len(record.causes) > 0
    for command, cause in zip(commands, record.causes, strict=True):
        shown = convt(*command[1:])
        assert (shown.code, shown.err) == (1, ""), shown
        assert shown.out.splitlines()[-1] == "deviates"
        assert cause["evidence"]["observed"] in shown.out or not cause["law"]


def test_each_missing_refusal_is_a_cause_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, record = check(tmp_path, "never_refuses", "I1 I10 O6", monkeypatch, "--level", "smoke")
    assert sorted(cause["clauses"] for cause in record.causes) == [["I1"], ["I10"], ["O6"]]
    for cause in record.causes:
        assert f"[{cause['clauses'][0]}]" in cause["evidence"]["required"]


def test_the_causes_do_not_depend_on_the_number_of_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, one = check(tmp_path, "two_faults", "V1 G1 B1", monkeypatch)
    _, again = check(tmp_path, "two_faults", "V1 G1 B1", monkeypatch)
    assert one.causes == again.causes
    assert one.power == again.power


def held(tmp_path: Path, name: str, law: str, examples: int = 100) -> Result:
    (tmp_path / "faults.py").write_text(FAULTS)
    with Isolated(f"{tmp_path}/faults.py:{name}") as implementation:
        return Session(implementation=implementation, seed=int(SEED), examples=examples).hold(LAWS[law])


GROUPED = """
[[deviation]]
clause = ["B1", "G1", "A6"]
kind = "value"
when = "bias and groups > 1"
reason = "the fault that is known"
"""


def test_a_rare_failure_does_not_make_a_known_deviation_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The known one occurred, whatever else happened in the same law."""
    (tmp_path / "known.toml").write_text(GROUPED)
    ran, record = check(tmp_path, "rarely_and_grouped", "B1 G1 A6", monkeypatch, "--deviations", tmp_path / "known.toml")
    assert ran.code == 1
    assert record.footer["stale"] == []
    kinds = {result["kind"] for result in record.results if not result["listed"] and result["verdict"] != "conforms"}
    assert kinds == {"not-deterministic"}
    assert not any(condition("bias and groups > 1").holds(Case.parse(cause["evidence"]["case"])) for cause in record.causes)


def test_a_law_that_fails_by_the_order_of_its_own_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran, record = check(tmp_path, "after_stride_three", "N2 I14", monkeypatch, "--level", "smoke")
    (cause,) = record.causes
    assert (cause["kinds"], len(cause["evidence"]["after"])) == (["depends-on-order"], 1)
    assert ",stride=3," in cause["evidence"]["after"][0]
    (command,) = [line.split() for line in ran.out.splitlines() if line.startswith("    convt repro ")]
    assert convt(*command[1:]).code == 1


def test_no_process_for_the_causes_loses_no_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot(*_: object) -> None:
        raise CannotRun("died", "it ended while starting")

    monkeypatch.setattr(inquiry, "looked_into", cannot)
    ran, record = check(tmp_path, "two_faults", "V1 G1", monkeypatch, "--level", "smoke")
    assert (ran.code, ran.err) == (1, "")
    assert record.footer["complete"]
    assert record.causes


def test_a_failure_that_needs_an_earlier_case_depends_on_order(tmp_path: Path) -> None:
    result = held(tmp_path, "after_seven_taps", "test_V1_values")
    assert (result.verdict, result.kind) == ("deviates", "depends-on-order")
    assert result.evidence
    (before,) = map(Case.parse, result.evidence.after)
    case = Case.parse(result.evidence.case)
    assert (before.problem.kernel_size, case.problem.batch) == (7, 1)
    with Isolated(f"{tmp_path}/faults.py:after_seven_taps") as implementation:
        alone = implementation.run(case)
        implementation.restart()
        implementation.run(before)
        after = implementation.run(case)
    assert isinstance(alone, Computed)
    assert isinstance(after, Computed)
    assert alone.array is not None
    assert after.array is not None
    np.testing.assert_array_equal(alone.array + 1, after.array)


def test_a_failure_that_comes_and_goes_is_not_deterministic(tmp_path: Path) -> None:
    kinds = {held(tmp_path, "now_and_then", "test_V1_values").kind for _ in range(2)}
    assert kinds == {"not-deterministic"}


def test_a_failure_of_the_first_call_only_comes_back(tmp_path: Path) -> None:
    assert held(tmp_path, "at_first", "test_V1_values").kind == "value"


def test_a_dead_process_is_brought_to_its_smallest_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran, record = check(tmp_path, "dies", "V1 D1", monkeypatch)
    assert ran.code == 1
    (cause,) = record.causes
    assert cause["verdict"] == "crashes"
    assert cause["evidence"]["case"] == "N1,C1,M1,L1,K1,dilation=3,float32,int:1"
    assert "dilation == 3" in cause["condition"]
    avoided = {result["law"]: result["avoided"] for result in record.results}
    assert sum(avoided.values()) > 0
    judged = {result["law"]: result["judged"] for result in record.results}
    assert all(judged[law] > 40 for law in judged), "the other cases go on being judged"


def test_the_power_of_a_run_is_stated_by_region(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, record = check(tmp_path, "right", "V1 B1", monkeypatch, "--level", "smoke")
    rows = {(line["clause"], row["where"]): row for line in record.power for row in line["regions"]}
    whole = rows["V1", ""]
    assert whole["failures"] == 0
    assert whole["bound"] == pytest.approx(3 / whole["effective"], rel=1e-4)
    assert 0 < rows["V1", "groups > 1"]["effective"] < whole["effective"]
    assert rows["B1", "bias"]["effective"] == rows["B1", ""]["effective"]
    _, wrong = check(tmp_path, "two_faults", "V1", monkeypatch, "--level", "smoke")
    rows = {(line["clause"], row["where"]): row for line in wrong.power for row in line["regions"]}
    assert rows["V1", "groups > 1 and bias"]["failures"] > 0
    assert rows["V1", "groups > 1 and bias"]["bound"] is None
