"""The pytest plugin, run as its users run it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import harness
import pytest
from runs import SEED
from strangers import named

from convt_conformance import isolation
from convt_conformance.laws import all_laws

pytest_plugins = ["pytester"]


ALL_LAWS = all_laws()
"""Imported here once, so that runs inside this process find them."""


def arguments(name: str, laws: str, *options: str) -> list[str]:
    """The command line that runs the laws whose names match the expression against one implementation."""
    line = ["--pyargs", "convt_conformance", "-p", "convt_conformance.plugin", "-p", "no:cacheprovider"]
    who = ["--implementation", name] if name else []
    return [*line, *who, "--convt-level", "smoke", "-k", laws, *options]


def judge(pytester: pytest.Pytester, name: str, laws: str, *options: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess(*arguments(name, laws, *options))


def judge_as_users_do(pytester: pytest.Pytester, name: str, laws: str, *options: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess(*arguments(name, laws, *options), timeout=60)


def text(ran: pytest.RunResult) -> str:
    return "\n".join(ran.outlines + ran.errlines)


def assert_no_noise(ran: pytest.RunResult) -> None:
    """Nothing of how a law is run is shown to the user."""
    for word in ("Traceback", "hypothesis", "Falsifying example", "session.py", "law.py"):
        assert word not in "\n".join(ran.errlines + [line for line in ran.outlines if not line.startswith("plugins:")])


def test_laws_are_tests_named_after_clause_and_implementation(pytester: pytest.Pytester) -> None:
    ran = judge_as_users_do(pytester, "bundled", "E1 or R1_length", "-v")
    assert ran.ret == 0
    ran.assert_outcomes(passed=2)
    ran.stdout.fnmatch_lines_random(["*test_R1_length?bundled? PASSED*", "*test_E1_documented_numbers?bundled? PASSED*"])


def test_a_run_in_which_nothing_could_be_checked_fails(pytester: pytest.Pytester) -> None:
    """Where all laws were held; of a few of them, some may well be unsupported."""
    nothing = f"cmd:{sys.executable} {harness.__file__} always unsupported"
    ran = judge(pytester, nothing, "test_")
    assert ran.ret == 1
    ran.assert_outcomes(skipped=len(ALL_LAWS), errors=1)
    ran.stdout.fnmatch_lines(["*nothing was checked:*supports no call of any law*"])
    assert judge(pytester, nothing, "E1 or R1_length").ret == 0


def test_the_seed_is_in_the_header(pytester: pytest.Pytester) -> None:
    assert f"convt: seed {SEED}, level smoke" in text(judge(pytester, "bundled", "E1", "--convt-seed", SEED))
    seeds = {re.findall(r"convt: seed (\d+)", text(judge(pytester, "bundled", "none", "--collect-only")))[0] for _ in range(2)}
    assert len(seeds) == 2


def test_several_implementations_are_judged_side_by_side(pytester: pytest.Pytester) -> None:
    ran = judge(pytester, "bundled", "W3", "-v", "--implementation", named("reversed_kernel"))
    ran.assert_outcomes(passed=1, failed=1)
    ran.stdout.fnmatch_lines_random(["*W3*bundled? PASSED*", "*W3*strangers.py:reversed_kernel? FAILED*"])


def test_without_an_implementation_the_usage_is_wrong(pytester: pytest.Pytester) -> None:
    ran = judge_as_users_do(pytester, "", "E1")
    assert ran.ret in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERRUPTED)
    assert "--implementation torch" in text(ran)
    assert "Traceback" not in text(ran)


def test_a_wrong_implementation_fails_with_what_was_observed_and_required(pytester: pytest.Pytester) -> None:
    ran = judge_as_users_do(pytester, named("reversed_kernel"), "W3 or R1_length", "--convt-seed", SEED)
    assert ran.ret == 1
    ran.assert_outcomes(passed=1, failed=1)
    head = "?W3? *strangers.py:reversed_kernel unversioned deviates (value)"
    ran.stdout.fnmatch_lines([head, "  observed  ?* as NCL", "  required  ?* as NCL", "  case      N1,C1,M1,L1,K2,*"])
    assert_no_noise(ran)


def test_a_crash_fails(pytester: pytest.Pytester) -> None:
    ran = judge(pytester, named("always_crashes"), "E1")
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["?E1? *always_crashes unversioned crashes", "  observed  the process ended with exit status 1"])
    assert_no_noise(ran)


def test_what_is_unsupported_is_skipped_with_its_reason(pytester: pytest.Pytester) -> None:
    ran = judge(pytester, named("right"), "A1_", "-rs")
    ran.assert_outcomes(skipped=1)
    ran.stdout.fnmatch_lines(["SKIPPED*?A1? unsupported: this is a function, and has no layer form"])


KNOWN = '[[deviation]]\nclause = "W3"\nkind = "value"\nreason = "we like it so"\n'


def test_known_deviations_are_expected_failures(pytester: pytest.Pytester) -> None:
    known = pytester.makefile(".toml", known=KNOWN)
    ran = judge(pytester, named("reversed_kernel"), "W3", "-rx", "--convt-deviations", str(known))
    assert ran.ret == 0
    ran.assert_outcomes(xfailed=1)
    ran.stdout.fnmatch_lines(["XFAIL*known deviation: we like it so"])


def test_a_known_deviation_that_is_gone_fails(pytester: pytest.Pytester) -> None:
    known = pytester.makefile(".toml", known=KNOWN)
    ran = judge(pytester, named("right"), "W3", "--convt-deviations", str(known))
    assert ran.ret == 1
    assert "W3 value" in text(ran)


def test_a_ruling_is_enforced(pytester: pytest.Pytester) -> None:
    judge(pytester, "bundled", "A18", "--convt-ruling", "A18=refused").assert_outcomes(passed=1)
    ran = judge(pytester, "bundled", "A18", "--convt-ruling", "A18=left-right")
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["?A18? *bundled * deviates (rejects-valid)*"])


def test_the_same_seed_fails_with_the_same_case(pytester: pytest.Pytester) -> None:
    def case() -> list[str]:
        ran = judge(pytester, named("reversed_kernel"), "V1_values_of", "--convt-seed", SEED)
        return re.findall(r"^  case +(.*)$", text(ran), re.MULTILINE)

    assert case() == case() != []


ENDS = {
    "an unknown clause in a ruling": (("bundled", "--convt-ruling", "S99=x"), 2, "'S99'"),
    "an unknown reading in a ruling": (("bundled", "--convt-ruling", "S3=best"), 2, "'best'"),
    "missing deviations": (("bundled", "--convt-deviations", "missing.toml"), 2, "missing.toml"),
    "a missing callable": ((named("no_such_function"),), 2, "no_such_function"),
    "an unknown implementation": (("xyzzy",), 2, "'xyzzy'"),
    "a missing interpreter": (("bundled", "--convt-python", "/no/such/python"), 2, "/no/such/python"),
    "a missing module": (("no_such_module:f",), 3, "no_such_module"),
}


@pytest.mark.parametrize("case", ENDS)
def test_what_cannot_be_judged_ends_the_run(pytester: pytest.Pytester, case: str) -> None:
    (name, *options), code, word = ENDS[case]
    ran = judge(pytester, name, "E1", *options)
    assert ran.ret == code
    assert word in text(ran)
    assert_no_noise(ran)


WRONG_OPTIONS = {
    "an unknown level": ("--convt-level", "quick"),
    "a word for a seed": ("--convt-seed", "x"),
    "a negative limit": ("--convt-timeout", "-1"),
    "no memory": ("--convt-memory", "0"),
}


@pytest.mark.parametrize("case", WRONG_OPTIONS)
def test_a_wrong_option_is_wrong_usage(pytester: pytest.Pytester, case: str) -> None:
    ran = judge(pytester, "bundled", "E1", *WRONG_OPTIONS[case])
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    assert WRONG_OPTIONS[case][1] in text(ran)


def test_the_limits_are_passed_on(pytester: pytest.Pytester, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "FIRST_CALL_SECONDS", 0.1)
    late, large = "def late(*arrays, **given): time.sleep(60)", "def large(*arrays, **given): return np.ones(1 << 27)"
    (tmp_path / "odd.py").write_text(f"import time\nimport numpy as np\n{late}\n{large}\n")
    assert "no result within 0.3 s" in text(judge(pytester, f"{tmp_path}/odd.py:late", "E1", "--convt-timeout", "0.3"))
    assert "out of memory" in text(judge(pytester, f"{tmp_path}/odd.py:large", "E1", "--convt-memory", "512"))
