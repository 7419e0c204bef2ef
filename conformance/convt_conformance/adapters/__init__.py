"""Adapters: each maps a problem to an implementation's own call, attributes and layout only, no arithmetic of the operator.

To add a built-in one, write a module here with `load(variant)` and name it in `catalogue.toml`.
"""

from __future__ import annotations

import importlib
from typing import Any, Protocol

from convt_conformance.adapters.catalogue import CATALOGUE
from convt_conformance.outcomes import CannotRun
from convt_conformance.program import Program
from convt_conformance.protocol import Description
from convt_spec.problem import Problem


class Adapter(Protocol):
    """`namespace` holds the modules that the program's lines use, `imports` the source lines that bring them into a script."""

    namespace: dict[str, Any]
    imports: tuple[str, ...]

    def description(self) -> Description: ...

    def program(self, problem: Problem, dtype: str) -> Program:
        """The problem as lines of code; raises NotExpressible."""
        ...


def adapter_module(implementation: str) -> Any:
    """The module of a built-in implementation's adapter, which imports no framework by itself."""
    return importlib.import_module(f"convt_conformance.adapters.{CATALOGUE[implementation].module}")


def absence(implementation: str) -> str:
    """What to say where a built-in implementation is not installed."""
    remedy = f"pip install {adapter_module(implementation).DISTRIBUTION}, or name the interpreter that has it with --python"
    return f"{implementation} is not installed in this environment: {remedy}"


def find(implementation: str) -> Adapter:
    """Load the adapter of a built-in name, `module:callable` or `file.py:callable`; raises CannotRun."""
    if implementation not in CATALOGUE:
        from convt_conformance.adapters import third_party

        return third_party.load(implementation)
    entry = CATALOGUE[implementation]
    module = adapter_module(implementation)
    try:
        adapter: Adapter = module.load(entry.variant)
        return adapter
    except CannotRun:
        raise
    except ModuleNotFoundError as error:
        if error.name == module.MODULE:
            raise CannotRun("absent", absence(implementation)) from error
        raise CannotRun("broken", f"{implementation} is installed but broken: {error}") from error
    except Exception as error:
        raise CannotRun("broken", f"{implementation} is installed but broken: {type(error).__name__}: {error}") from error
