"""Judge the harnesses in Node, made outside the sources: run by nox, which gives it convt.

What is unchanged since the record was made is not judged again: the harness, its packages, its known deviations and the options.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from environments import CANNOT_RUN, digest, recorded, sources

from convt_conformance.adapters.catalogue import Entry

PROGRAMS = ("tfjs", "onnxruntime-web")


def main() -> int:
    """0 when both conform, 1 when one deviates, 3 when one could not be run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("made", type=Path, help="the folder of the harness, with its packages installed")
    parser.add_argument("--out", type=Path, required=True, help="the folder of the records")
    parser.add_argument("--any", action="store_true", help="end with 0 though one deviates or could not be run")
    options, rest = parser.parse_known_args()
    options.out.mkdir(parents=True, exist_ok=True)
    codes = []
    for name in PROGRAMS:
        entry = Entry(name=f"cmd:node {shlex.quote(str(options.made / 'harness.mjs'))} {name}")
        own = [path for path in options.made.iterdir() if path.is_file()]
        checks = ["--deviations", str(options.made / f"{name}.toml"), *rest]
        of = digest([*own, *sources(Entry(name=name))], *checks)
        codes.append(recorded(entry, options.out, lambda: sys.executable, checks, of=of, called=f"node-harness.mjs-{name}"))
    worst = max(codes)
    return 0 if options.any and worst in (0, 1, CANNOT_RUN) else worst


if __name__ == "__main__":
    sys.exit(main())
