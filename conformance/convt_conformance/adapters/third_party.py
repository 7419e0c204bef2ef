"""Anyone's callable: `module:callable` or `path/to/file.py:callable`, a function or a layer class with the document's call."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from convt_conformance.adapters import document_call
from convt_conformance.outcomes import CannotRun
from convt_conformance.program import Program
from convt_conformance.protocol import FEATURES, IN_PROCESS, Description
from convt_spec.problem import Problem

FUNCTION = ("stride", "padding", "output_padding", "output_size", "groups", "dilation", "data_format")
LAYER = ("stride", "padding", "output_padding", "groups", "dilation", "weight_attr", "bias_attr", "data_format")


TAKEN = ("x", "w", "b", "y", "np", "layer", "spec", "subject", "importlib")
"""Names that a program or its script uses for something else."""


class ThirdPartyAdapter:
    """Arguments and arrays are passed on as they are; a class is judged as a layer, anything else as a function."""

    def __init__(self, target: Any, implementation: str, version: str) -> None:
        self.name, self.version, self.is_layer = implementation, version, inspect.isclass(target)
        where, _, attribute = implementation.rpartition(":")
        name = attribute.rpartition(".")[2]
        self.variable = f"{name}_" if name in TAKEN else name
        self.namespace = {self.variable: target}
        if where.endswith(".py"):
            load = f"spec = importlib.util.spec_from_file_location('subject', {str(Path(where).resolve())!r})"
            steps: tuple[str, ...] = (
                "import importlib.util",
                load,
                "subject = importlib.util.module_from_spec(spec)",
                "spec.loader.exec_module(subject)",
            )
        else:
            steps = (f"import {where}", f"subject = {where}")
        self.imports: tuple[str, ...] = (*steps, f"{self.variable} = subject.{attribute}")

    def description(self) -> Description:
        other = "function" if self.is_layer else "layer"
        supports = (*(feature for feature in FEATURES if feature != other), *IN_PROCESS)
        return Description(name=self.name, version=self.version, language="Python", home="", supports=supports, packages={})

    def program(self, problem: Problem, dtype: str) -> Program:
        call = document_call.layer if self.is_layer else document_call.function
        return call(problem, self.variable)


def load(implementation: str) -> ThirdPartyAdapter:
    """Import the callable and check its signature; raises CannotRun with the remedy."""
    where, colon, attribute = implementation.rpartition(":")
    if not colon or not where or not attribute:
        raise CannotRun("usage", f"unknown implementation {implementation!r}: give a built-in name, module:callable or file.py:callable")
    module = module_from_file(Path(where)) if where.endswith(".py") else module_from_name(where)
    target: Any = module
    for part in attribute.split("."):
        if not hasattr(target, part):
            raise CannotRun("usage", f"{where} has no {attribute}: give a callable that it defines, such as {suggestion(module)}")
        target = getattr(target, part)
    if not callable(target):
        raise CannotRun("usage", f"{implementation} is not callable, it is of type {type(target).__name__}")
    check_signature(target, implementation)
    return ThirdPartyAdapter(target, implementation, str(getattr(module, "__version__", "unversioned")))


def module_from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise CannotRun("usage", f"no such file: {path}")
    sys.path.insert(0, str(path.resolve().parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        raise CannotRun("broken", f"{path} could not be imported: {type(error).__name__}: {error}") from error
    return module


def module_from_name(name: str) -> ModuleType:
    sys.path.insert(0, "")
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and f"{name}.".startswith(f"{error.name}."):
            remedy = "install it, or name the interpreter that has it with --python"
            raise CannotRun("absent", f"no module named {error.name!r} in this environment: {remedy}") from error
        raise CannotRun("broken", f"{name} is there but broken: {error}") from error
    except BaseException as error:
        raise CannotRun("broken", f"{name} is there but broken: {type(error).__name__}: {error}") from error


def suggestion(module: ModuleType) -> str:
    names = [name for name, value in vars(module).items() if callable(value) and not name.startswith("_")]
    return ", ".join(names[:5]) or "(it defines none)"


def check_signature(target: Any, implementation: str) -> None:
    """Raise CannotRun unless the callable takes what the document's call may pass."""
    try:
        parameters = inspect.signature(target).parameters
    except (TypeError, ValueError):
        return
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return
    missing = [name for name in (LAYER if inspect.isclass(target) else FUNCTION) if name not in parameters]
    positional = [each for each in parameters.values() if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    several = any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters.values())
    if missing or (len(positional) < 3 and not several):
        wanted = (
            "Conv1DTranspose(in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1, dilation=1, "
            'weight_attr=None, bias_attr=None, data_format="NCL")'
            if inspect.isclass(target)
            else "conv1d_transpose(x, weight, bias=None, *, stride=1, padding=0, output_padding=0, output_size=None, groups=1, dilation=1, "
            'data_format="NCL")'
        )
        lacks = f"lacks {', '.join(missing)}" if missing else "takes fewer than three positional arguments"
        raise CannotRun("usage", f"{implementation} {lacks}; the call is {wanted}")
