"""The pytest plugin: `pytest --pyargs convt_conformance -p convt_conformance.plugin --implementation torch`."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from convt_conformance.deviations import DeviationsError, Known, built_in, explanation, gone, load
from convt_conformance.isolation import Implementation, Isolated, Limits
from convt_conformance.law import LAWS, Law
from convt_conformance.outcomes import CannotRun
from convt_conformance.results import Result
from convt_conformance.session import LEVELS, Session, examples, parse_rulings
from convt_spec import clauses


@dataclass(slots=True, kw_only=True)
class Judged:
    """One implementation of the run: its session, and the deviations that are known of it."""

    session: Session
    known: list[Known] = field(default_factory=list)

    @property
    def unchecked(self) -> bool:
        """Whether all laws were held and none of them could be checked."""
        results = self.session.results
        return len(results) == len(LAWS) and not any(result.verdict == "conforms" or result.failed for result in results)

    def gone(self) -> list[str]:
        """Known deviations that did not occur although all laws of their clauses were held."""
        held = {result.law for result in self.session.results}
        whole = [each for each in self.known if {law.name for law in LAWS.values() if law.clause in each.clauses} <= held]
        return gone(whole, self.session.results)

    def report(self, law: Law) -> None:
        """Hold one law, and turn its result into pytest's words."""
        __tracebackhide__ = True
        result = self.session.hold(law)
        listed = explanation(result, self.known) if result.failed else ()
        if result.verdict == "unsupported":
            pytest.skip(f"[{result.clause}] unsupported: {result.reason}")
        if listed:
            pytest.xfail(f"known deviation: {'; '.join(each.reason or str(each) for each in listed)}")
        if result.failed:
            pytest.fail(message(result, self.session.implementation), pytrace=False)


def message(result: Result, implementation: Implementation) -> str:
    """What was observed, what the clause requires, then the implementation and the case."""
    clause = clauses.find(result.clause)
    who = implementation.description
    head = f"[{result.clause}] {clause.title}: {who.name} {who.version} {result.verdict}{f' ({result.kind})' if result.kind else ''}"
    lines = [head + (f", {result.reason}" if result.reason else "")]
    if result.evidence:
        lines += [f"  after     {each}" for each in result.evidence.after[:5]]
        lines += [
            f"  observed  {result.evidence.observed}",
            f"  required  {result.evidence.required}",
            f"  case      {result.evidence.case}",
        ]
    if result.kind == "reading":
        lines += [f"  not {name}: {each.case} ({each.kind}: {each.observed})" for name, each in result.refuted.items()]
    return "\n".join(lines)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("convt", "judging implementations of the 1-D transposed convolution")
    group.addoption(
        "--implementation", action="append", default=[], help="built-in name, module:callable, file.py:callable or cmd:PROGRAM; repeatable"
    )
    group.addoption(
        "--convt-level", choices=list(LEVELS), default="standard", help="cases per law: " + ", ".join(f"{k} {v}" for k, v in LEVELS.items())
    )
    group.addoption("--convt-seed", type=int, help="the seed that an earlier run printed, to repeat it")
    group.addoption("--convt-python", default=sys.executable, help="interpreter of the implementation's environment")
    group.addoption("--convt-timeout", type=float, default=Limits().seconds, help="seconds per case")
    group.addoption("--convt-memory", type=int, default=Limits().memory, help="MiB beyond the loaded implementation")
    group.addoption("--convt-ruling", action="append", default=[], help="CLAUSE=READING to enforce; repeatable")
    group.addoption("--convt-deviations", help="TOML file of known deviations, in place of the ones that convt ships")


def pytest_configure(config: pytest.Config) -> None:
    for name in ("convt_timeout", "convt_memory"):
        if not config.getoption(name) > 0:
            raise pytest.UsageError(f"--{name.replace('_', '-')} must be above 0, got {config.getoption(name)}")
    if config.getoption("convt_seed") is None:
        config.option.convt_seed = secrets.randbelow(2**31)


def pytest_report_header(config: pytest.Config) -> str:
    return f"convt: seed {config.getoption('convt_seed')}, level {config.getoption('convt_level')}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "convt_session" not in metafunc.fixturenames:
        return
    names = metafunc.config.getoption("implementation")
    if not names:
        raise pytest.UsageError("name what to judge: --implementation torch, or module:callable, or file.py:callable")
    metafunc.parametrize("convt_session", names, indirect=True, scope="session")


@pytest.fixture(scope="session")
def convt_session(request: pytest.FixtureRequest) -> Iterator[Judged]:
    """The implementation under judgement, in a process of its own."""
    option = request.config.getoption
    limits = Limits(seconds=option("convt_timeout"), memory=option("convt_memory"))
    with Isolated(request.param, python=option("convt_python"), limits=limits) as implementation:
        try:
            described = implementation.description
            rulings = parse_rulings(option("convt_ruling"))
            entries = load(Path(option("convt_deviations"))) if option("convt_deviations") else built_in(request.param)
        except (CannotRun, clauses.UnknownName, DeviationsError) as error:
            pytest.exit(str(error), returncode=3 if isinstance(error, CannotRun) and error.kind != "usage" else 2)
        known = [each for each in entries if each.applies(described.version, request.param)]
        session = Session(
            implementation=implementation,
            seed=option("convt_seed"),
            examples=examples(request.param, option("convt_level")),
            rulings=rulings,
            known=known,
        )
        judged = Judged(session=session, known=known)
        yield judged
        if judged.unchecked:
            pytest.fail(f"nothing was checked: {request.param} supports no call of any law", pytrace=False)
        left = judged.gone()
        if left:
            pytest.fail(f"listed, but no longer occurring: {'; '.join(left)}; take the entries out, or limit their versions", pytrace=False)
