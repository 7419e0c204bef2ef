"""The bundled implementation, `convt_impl`: the only place that sees it."""

from __future__ import annotations

import importlib
import importlib.metadata
from typing import Any

from convt_conformance.adapters import document_call
from convt_conformance.outcomes import CannotRun
from convt_conformance.program import Program
from convt_conformance.protocol import FEATURES, IN_PROCESS, Description
from convt_spec.problem import Problem

MODULE = "convt_impl"
DISTRIBUTION = "convt"


class BundledAdapter:
    """Arguments and arrays are passed on as they are."""

    imports = ("import convt_impl",)

    def __init__(self, implementation: Any, numpy: Any) -> None:
        self.namespace = {"convt_impl": implementation}
        self.numpy = numpy

    def description(self) -> Description:
        return Description(
            name="bundled",
            version=installed_version(),
            language="Python",
            home="",
            supports=(*FEATURES, *IN_PROCESS),
            packages={"numpy": self.numpy.__version__},
        )

    def program(self, problem: Problem, dtype: str) -> Program:
        if problem.call == "function":
            return document_call.function(problem, "convt_impl.conv1d_transpose")
        return document_call.layer(problem, "convt_impl.Conv1DTranspose")


def installed_version() -> str:
    """The version of the distribution that holds the implementation, `source` where it runs from a bare checkout."""
    try:
        return importlib.metadata.version(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return "source"


def load(variant: str) -> BundledAdapter:
    """Import the bundled implementation; raises ImportError, and CannotRun for a device that it has no kernels for."""
    if variant:
        raise CannotRun("absent", f"bundled:{variant} has no kernels: the bundled implementation computes on the CPU only")
    return BundledAdapter(importlib.import_module(MODULE), importlib.import_module("numpy"))
