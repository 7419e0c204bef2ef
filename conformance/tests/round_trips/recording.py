"""A framework that computes nothing and writes down what it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from convt_conformance.program import Program, run


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of the function or method at `path`, such as `torch.nn.functional.conv_transpose1d`."""

    path: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


@dataclass(slots=True)
class Log:
    """The calls of a program, in order; those of a name in `answers` give what stands there instead of a fake."""

    calls: list[Call] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)

    def only(self, ending: str) -> Call:
        """The one call whose path ends so; raises AssertionError where there is none or several."""
        found = [call for call in self.calls if call.path == ending or call.path.endswith(f".{ending}")]
        assert len(found) == 1, f"{len(found)} calls of {ending} among {[call.path for call in self.calls]}"
        return found[0]


class Fake:
    """Stands for a module, a class or an object: every attribute is another fake, every call is logged and gives one.

    `made_by` is the call that gave it, None for an attribute.
    """

    def __init__(self, log: Log, path: str, made_by: Call | None = None) -> None:
        self.log_, self.path_, self.made_by = log, path, made_by

    def __getattr__(self, name: str) -> Any:
        if name == "__version__":
            return "0"
        if name.startswith("__"):
            raise AttributeError(name)
        return Fake(self.log_, f"{self.path_}.{name}", self.made_by)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        call = Call(path=self.path_, args=args, kwargs=kwargs)
        self.log_.calls.append(call)
        return self.log_.answers.get(self.path_.rpartition(".")[2], Fake(self.log_, self.path_, call))

    def __getitem__(self, index: Any) -> Fake:
        return Fake(self.log_, f"{self.path_}[]", self.made_by)

    def __iter__(self) -> Iterator[Fake]:
        return iter([self])

    def __enter__(self) -> Fake:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was opened."""


def array(value: Any) -> npt.NDArray[Any]:
    """The NumPy array behind a framework's tensor: the first one that the calls which made it were given."""
    if isinstance(value, np.ndarray):
        return value
    assert isinstance(value, Fake), f"no tensor: {value!r}"
    assert value.made_by, f"{value.path_} was made by no call"
    found = next((each for each in (*value.made_by.args, *value.made_by.kwargs.values()) if isinstance(each, np.ndarray | Fake)), None)
    return array(found)


def recorded(log: Log, program: Program, namespace: dict[str, Any], x: Any, w: Any, b: Any) -> Log:
    """The log after the program has run over its fakes."""
    log.calls.clear()
    run(program, namespace, x, w, b)
    return log
