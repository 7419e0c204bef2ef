"""What a run without failures would prove: the cases that could have failed, by region of the parameter space."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from convt_conformance.conditions import condition, quantities
from convt_spec.case import Case

REGIONS = (
    "",
    *("batch > 1", "groups > 1", "groups > 1 and groups == in_channels", "in_per_group != out_per_group", "groups > 1 and bias"),
    *("bias", 'layout == "NLC"', 'dtype == "float64"', 'call != "function"', 'data == "real"', 'memory != "plain"'),
    *("stride > 1", "stride > kernel_size", "dilation > 1", "stride > 1 and dilation > 1", "gcd(stride, dilation) > 1"),
    *("kernel_size == 1", "kernel_size % 2 == 0", "kernel_size > length", "kernel_size > 64", "length == 1"),
    *("length > 64", "length > 128", "length > 1000", "in_channels > 64", "out_channels > 64"),
    *("padding > 0", 'padding == "VALID"', 'padding == "SAME"', "output_padding > 0", "output_size != None"),
)
"""Conditions whose cases are counted; the empty one holds for all."""


@lru_cache(maxsize=1 << 14)
def regions_of(case: Case) -> tuple[str, ...]:
    values = quantities(case)
    return tuple(text for text in REGIONS if condition(text).holds_for(values))


def bound(effective: int) -> float:
    """The failure rate that no failures among so many cases exclude at 95 %: 3/n, from (1 - rate)^n = 0.05, and at most 1."""
    return min(3.0 / effective, 1.0) if effective else 1.0


@dataclass(slots=True)
class Power:
    """Cases that could have failed and cases that failed, by clause and region."""

    effective: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: Counter[tuple[str, str]] = field(default_factory=Counter)

    def count(self, clause: str, passes: Iterable[Case], failures: Iterable[Case]) -> None:
        for case in passes:
            self.effective.update((clause, region) for region in regions_of(case))
        for case in failures:
            self.effective.update((clause, region) for region in regions_of(case))
            self.failures.update((clause, region) for region in regions_of(case))

    def update(self, other: Power) -> None:
        self.effective.update(other.effective)
        self.failures.update(other.failures)

    def lines(self) -> list[dict[str, Any]]:
        """The record's lines, one for each clause; the bound is null where a case failed."""
        found = []
        for clause in dict.fromkeys(name for name, _ in self.effective):
            regions = [region for region in REGIONS if self.effective[clause, region]]
            rows = [self.row(clause, region) for region in regions]
            found.append({"line": "power", "clause": clause, "regions": rows})
        return found

    def row(self, clause: str, region: str) -> dict[str, Any]:
        effective, failures = self.effective[clause, region], self.failures[clause, region]
        return {
            "where": region,
            "effective": effective,
            "failures": failures,
            "bound": None if failures else round(bound(effective), 6),
        }
