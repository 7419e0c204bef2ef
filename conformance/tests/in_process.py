"""An implementation under laws without a process of its own, for implementations that can be trusted not to crash or hang."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convt_conformance.adapters import Adapter
from convt_conformance.adapters.third_party import ThirdPartyAdapter
from convt_conformance.outcomes import Outcome
from convt_conformance.protocol import Description
from convt_conformance.worker import outcome
from convt_spec.case import Case


@dataclass(frozen=True, slots=True)
class InProcess:
    """The `Implementation` that an adapter makes by itself; it cannot start anew."""

    adapter: Adapter
    history: tuple[Case, ...] = ()

    @property
    def description(self) -> Description:
        return self.adapter.description()

    def run(self, case: Case) -> Outcome:
        with np.errstate(all="ignore"):
            return outcome(self.adapter, case)

    def run_ahead(self, cases: Sequence[Case]) -> list[Outcome]:
        return [self.run(case) for case in cases]

    def restart(self, before: Sequence[Case] = ()) -> None:
        """There is no process to start anew."""
        for case in before:
            self.run(case)


def in_process(target: Any, name: str) -> InProcess:
    """A function or layer class with the document's call; `name` is its identifier in the call's source."""
    return InProcess(ThirdPartyAdapter(target, f"saboteurs:{name}", "0"))
