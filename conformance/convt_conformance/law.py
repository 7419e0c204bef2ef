"""A law: an executable check of one clause over cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from convt_conformance.judge import NUMBERS
from convt_conformance.strategies import Cases
from convt_spec.case import Case

if TYPE_CHECKING:
    from convt_conformance.trial import Trial


class Body(Protocol):
    __name__: str

    def __call__(self, trial: Trial, case: Case) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """`cases` gives a strategy or a list for what an implementation supports; `first` cases are tried before, smallest first.

    Clauses in `free` may be read in any listed way here. With `every` each valid call must be accepted; without, refusals count only
    when nothing was accepted, since V1 and the clause on the refused argument report them. `aspects` is what is compared. Where
    readings are `nested`, each allows all that the one before allows, and the first that fits is followed.
    """

    clause: str
    name: str
    body: Body
    cases: Cases
    first: Callable[[], Sequence[Case]]
    free: tuple[str, ...]
    every: bool
    aspects: frozenset[str]
    nested: bool = False


LAWS: dict[str, Law] = {}


def law(
    clause: str,
    cases: Cases,
    *,
    first: Callable[[], Sequence[Case]] = tuple,
    free: tuple[str, ...] = (),
    every: bool = False,
    aspects: frozenset[str] = NUMBERS,
    nested: bool = False,
) -> Callable[[Body], Callable[[Any], None]]:
    """Make a body `test_CLAUSE_claim(trial, case)` a pytest test over the implementations that the run names.

    A body is also called to learn its calls, which are then made ahead: it gets None for each outcome.
    """

    def decorate(body: Body) -> Callable[[Any], None]:
        if not body.__name__.startswith(f"test_{clause}_") or body.__name__ in LAWS:
            raise ValueError(f"a law of clause {clause} needs a name of its own that starts with test_{clause}_, got {body.__name__}")
        name = body.__name__
        found = Law(clause=clause, name=name, body=body, cases=cases, first=first, free=free, every=every, aspects=aspects, nested=nested)
        LAWS[name] = found

        def test(convt_session: Any) -> None:
            __tracebackhide__ = True
            convt_session.report(found)

        test.__name__, test.__doc__, test.__module__ = body.__name__, body.__doc__, body.__module__
        return test

    return decorate
