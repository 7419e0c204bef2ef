"""The cases that must run before one so that it fails: found, shortened, and brought to plain ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from convt_conformance.judge import Mismatch
from convt_conformance.simplify import simplest
from convt_spec.case import Case

IN_ORDER = 3
"""Fresh processes in which a failure must come back after the same cases, before it is said to depend on them."""
REPLAYS = 30
"""Fresh processes that each of the searches, for the cases that matter and for plainer ones, may cost."""

After = Callable[[Sequence[Case], Case], Mismatch | None]
"""How a case fails in a fresh process after these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """A case that fails after others."""

    case: Case
    miss: Mismatch
    after: tuple[Case, ...]

    @property
    def reason(self) -> str:
        count = len(self.after)
        return f"the case fails only after {count} other{'s' if count > 1 else ''} in the same process"


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Finds what a failure depends on. With `brief` it is looked at once, and all of the last cases that it needs are kept as they are."""

    fails: After
    brief: bool

    def ordered(self, before: Sequence[Case], case: Case) -> Ordered | None:
        """The failure with what it needs of the cases before, or else of the case itself; None where it does not come back each time."""
        for some in (before, [case]):
            if some and self.each_time(some, case):
                after = self.shortened(some, case)
                if miss := self.each_time(after, case):
                    return self.plainest(Ordered(case=case, miss=miss, after=tuple(after)))
        return None

    def each_time(self, before: Sequence[Case], case: Case) -> Mismatch | None:
        """How the case fails after these, each time; None where it passes once."""
        found = None
        for _ in range(1 if self.brief else IN_ORDER):
            found = self.fails(before, case)
            if found is None:
                return None
        return found

    def shortened(self, before: Sequence[Case], case: Case) -> Sequence[Case]:
        """Few of the cases that ran before, after which it still fails: the last ones, then without each that does not matter."""
        count = 1
        while count < len(before) and not self.fails(before[-count:], case):
            count *= 2
        kept = before[-count:]
        tries, width = 0 if self.brief else REPLAYS, max(len(kept) // 2, 1)
        while tries and width:
            start = 0
            while tries and start < len(kept):
                fewer = [*kept[:start], *kept[start + width :]]
                tries -= 1
                if fewer and self.fails(fewer, case):
                    kept = fewer
                else:
                    start += width
            width //= 2
        return kept

    def plainest(self, found: Ordered) -> Ordered:
        """The same with a plainer case, after plainer ones, where these are few."""
        left = 0 if self.brief else REPLAYS

        def tried(after: tuple[Case, ...], case: Case) -> Mismatch | None:
            nonlocal left
            left -= 1
            return self.fails(after, case) if left >= 0 else None

        def only_after(case: Case) -> Mismatch | None:
            miss = tried(found.after, case)
            return miss if miss and not tried((), case) else None

        case, miss = simplest(found.case, found.miss, only_after)
        after = list(found.after)
        for at in range(len(after)):
            after[at], miss = simplest(after[at], miss, lambda each, at=at: tried((*after[:at], each, *after[at + 1 :]), case))  # type: ignore[misc]
        if not self.each_time(after, case):
            return found
        return Ordered(case=case, miss=miss, after=tuple(after))
