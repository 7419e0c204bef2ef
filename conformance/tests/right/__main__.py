"""The whole collection under all laws: `python -m right`, from this folder's parent, exits 1 on any false alarm.

`--levels`, `--seeds 1-20` and names narrow or widen it; `--command` judges each with `convt check` instead, in processes of their own.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from multiprocessing import get_context

from convt_conformance.session import LEVELS
from right.collection import COLLECTION
from right.trials import by_command, in_process


def whole_range(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def known(name: str) -> str:
    """A name of the collection."""
    if name not in COLLECTION:
        raise argparse.ArgumentTypeError(f"no right implementation is called {name!r}, there are {', '.join(COLLECTION)}")
    return name


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m right", description="judge right implementations; each alarm is false")
    parser.add_argument("names", nargs="*", default=list(COLLECTION), metavar="NAME", type=known)
    parser.add_argument("--levels", nargs="+", choices=list(LEVELS), default=list(LEVELS))
    parser.add_argument("--seeds", type=whole_range, default=whole_range("1-3"), metavar="FIRST-LAST")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--command", action="store_true", help="through `convt check`")
    options = parser.parse_args()
    runs = list(product(options.names, options.levels, options.seeds))
    cases = alarms = 0
    with ProcessPoolExecutor(options.jobs, get_context("spawn")) as pool:
        for run, found in zip(runs, pool.map(by_command if options.command else in_process, runs), strict=True):
            cases, alarms = cases + found.cases, alarms + len(found.alarms)
            print(*run, found.cases, "cases", *(f"\n  FALSE ALARM {alarm}" for alarm in found.alarms), flush=True)
    print(f"{len(options.names)} implementations, {len(runs)} runs, {cases} cases: {alarms} false alarms")
    if not alarms:
        print(f"at 95 %, fewer than {3 / len(runs):.2g} of such runs raise one, and fewer than {3 / max(cases, 1):.2g} of such cases")
    return int(alarms > 0)


if __name__ == "__main__":
    sys.exit(main())
