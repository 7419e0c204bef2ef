"""Cases a second through the protocol, one by one and with many requests under way: `python bench_protocol.py IMPLEMENTATION...`.

The cases are the panel's, asked again and again; the best of several rounds counts, since anything else on the machine only slows one down.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from convt_conformance import panel
from convt_conformance.isolation import Isolated

ROUNDS = 7
CASES = list(panel.cases())


def rate(run: Callable[[], object]) -> float:
    """Cases a second in the best round."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return len(CASES) / best


def main(names: list[str]) -> None:
    print(f"{'implementation':<60}{'one by one':>12}{'together':>12}{'gain':>8}")
    for name in names:
        with Isolated(name) as judged:
            judged.run_many(CASES)
            alone = rate(lambda judged=judged: [judged.run(case) for case in CASES])  # type: ignore[misc]
            together = rate(lambda judged=judged: judged.run_many(CASES))  # type: ignore[misc]
        print(f"{name[-58:]:<60}{alone:>10.0f}/s{together:>10.0f}/s{together / alone:>8.2f}")


if __name__ == "__main__":
    main(sys.argv[1:] or ["bundled"])
