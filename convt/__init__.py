"""Executable specification, conformance suite and compatibility reporter for the 1-D transposed convolution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Case", "Problem", "__version__", "check"]

if TYPE_CHECKING:
    from convt_conformance.check import check
    from convt_spec.case import Case
    from convt_spec.problem import Problem

LAZY = {"check": "convt_conformance.check", "Case": "convt_spec.case", "Problem": "convt_spec.problem"}


def __getattr__(name: str) -> Any:
    """Import the public names when they are first used, so that the command starts at once."""
    if name not in LAZY:
        raise AttributeError(f"module 'convt' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(LAZY[name]), name)
