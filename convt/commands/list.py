"""`convt list`: what can be judged here."""

from __future__ import annotations

import argparse

from convt.commands import implementation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    implementation.add_process_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Start each built-in implementation and print its version, or why it cannot be judged. Always 0."""
    from convt_conformance.adapters.catalogue import CATALOGUE
    from convt_conformance.isolation import Isolated, Limits
    from convt_conformance.outcomes import CannotRun

    python = implementation.interpreter(options.python)
    for name in CATALOGUE:
        with Isolated(name, python=python, limits=Limits(seconds=options.timeout, memory=options.memory)) as each:
            try:
                described = each.description
                print(f"{name:<22}{described.version:<18}{' '.join(described.supports)}")
            except CannotRun as error:
                print(f"{name:<22}{error.kind:<18}{error}")
    print("Anything else: module:callable or path/to/file.py:callable, a function or a layer class with the document's call,")
    print("or cmd:PROGRAM ARGS, a program in any language that speaks the protocol.")
    return 0
