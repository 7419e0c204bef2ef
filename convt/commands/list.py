"""`convt list`: what can be judged here."""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Iterable

from convt.commands import implementation

PRESENT = """import importlib.metadata as metadata, importlib.util as util, json, sys
sys.path.pop(0)
installed = {each.metadata["Name"] for each in metadata.distributions()}
print(json.dumps([name for name in sys.argv[1:] if name in installed or util.find_spec(name)]))"""
"""Which of the modules an interpreter has, without importing any; a distribution may be a library without a module."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    implementation.add_process_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Start each built-in implementation that is installed and print its version, or why it cannot be judged. Always 0."""
    from convt_conformance.adapters import absence, adapter_module
    from convt_conformance.adapters.catalogue import CATALOGUE
    from convt_conformance.isolation import Isolated, Limits
    from convt_conformance.outcomes import CannotRun

    python = implementation.interpreter(options.python)
    modules = {name: adapter_module(name).MODULE for name in CATALOGUE}
    there = present(python, dict.fromkeys(modules.values()))
    for name, entry in CATALOGUE.items():
        if entry.environment and modules[name] not in there:
            print(f"{name:<28}{'absent':<18}{absence(name)}")
            continue
        with Isolated(name, python=python, limits=Limits(seconds=options.timeout, memory=options.memory)) as each:
            try:
                described = each.description
                print(f"{name:<28}{described.version:<18}{' '.join(described.supports)}")
            except CannotRun as error:
                print(f"{name:<28}{error.kind:<18}{error}")
    print("Anything else: module:callable or path/to/file.py:callable, a function or a layer class with the document's call,")
    print("or cmd:PROGRAM ARGS, a program in any language that speaks the protocol.")
    return 0


def present(python: str, modules: Iterable[str]) -> set[str]:
    """Those of the modules that the interpreter can import; all of them where it cannot say, so that each is tried."""
    names = list(modules)
    try:
        ran = subprocess.run([python, "-c", PRESENT, *names], capture_output=True, text=True, check=False)
        return set(json.loads(ran.stdout))
    except (OSError, ValueError):
        return set(names)
