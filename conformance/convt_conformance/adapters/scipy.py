"""SciPy and NumPy, which have no transposed convolution: the compositions that people write in its place, via a loop over channels.

`scipy:upfirdn` is `scipy.signal.upfirdn` for each pair of channels. `scipy:convolve` puts zeros between the samples, and between the taps
where the kernel is dilated, and is `scipy.signal.convolve` for each pair; `scipy:numpy` is the same with `numpy.convolve`. Padding is a
slice of the sum. What is judged is the composition, with the slice and the sums, so none of it is a fault of SciPy or NumPy alone.
"""

from __future__ import annotations

import importlib
from typing import Any

from convt_conformance.outcomes import NotExpressible
from convt_conformance.program import Program
from convt_conformance.protocol import Description
from convt_spec.problem import OMITTED, Argument, Items, Problem

MODULE = "scipy"
DISTRIBUTION = "scipy"
CALLS = {"convolve": "scipy.signal.convolve", "numpy": "np.convolve"}
LACKING: dict[str, tuple[Argument, ...]] = {"output_padding": (0,), "output_size": (), "groups": (1,)}
"""Arguments without a place in a composition, and the values that mean what it does anyway."""
LACKS = {"upfirdn": {**LACKING, "dilation": (1,)}, "convolve": LACKING, "numpy": LACKING}


class SciPyAdapter:
    """The kernel is (C_in, C_out, K) as in the document, and no call turns it round; the data is NCL."""

    def __init__(self, variant: str, numpy: Any, scipy: Any) -> None:
        self.variant, self.lacking = variant, LACKS[variant]
        self.namespace = {"np": numpy} if variant == "numpy" else {"np": numpy, "scipy": scipy}
        self.versions = {"scipy": scipy.__version__, "numpy": numpy.__version__}
        self.imports: tuple[str, ...] = () if variant == "numpy" else ("import scipy.signal",)

    def description(self) -> Description:
        dilation = () if "dilation" in self.lacking else ("dilation",)
        return Description(
            name=f"scipy:{self.variant}",
            version=self.versions["numpy" if self.variant == "numpy" else "scipy"],
            language="Python",
            home="https://numpy.org" if self.variant == "numpy" else "https://scipy.org",
            supports=("NCL", "function", "bias", *dilation, "padding", "float32", "float64", "memory", "state"),
            packages=self.versions,
        )

    def program(self, problem: Problem, dtype: str) -> Program:
        self.refuse(problem)
        lines = self.upfirdn(problem) if self.variant == "upfirdn" else self.convolve(problem, CALLS[self.variant])
        if problem.padding not in (OMITTED, 0):
            lines += (f"y = y[:, :, {problem.padding} : -{problem.padding}]",)
        return Program((*lines, "y = y + b[:, None]") if problem.has_bias else lines)

    def refuse(self, problem: Problem) -> None:
        """What the compositions have no place for."""
        if problem.call != "function":
            raise NotExpressible("SciPy and NumPy have no layers")
        for name, defaults in self.lacking.items():
            if getattr(problem, name) not in (OMITTED, *defaults):
                raise NotExpressible(f"the composition has no {name}")
        if problem.data_format not in (OMITTED, "NCL"):
            raise NotExpressible("the composition is written for NCL")
        if not all(is_number(argument) for argument in (problem.stride, problem.padding, problem.dilation)):
            raise NotExpressible("the composition has numbers in the places of its arguments, no lists and no words")

    def upfirdn(self, problem: Problem) -> tuple[str, ...]:
        up = "" if problem.stride is OMITTED else f", up={problem.stride}"
        terms = f"sum(scipy.signal.upfirdn(w[c, m], x[:, c]{up}) for c in range(x.shape[1]))"
        return (f"y = np.stack([{terms} for m in range(w.shape[1])], axis=1)",)

    def convolve(self, problem: Problem, call: str) -> tuple[str, ...]:
        spread = (*apart("x", "z", problem.stride), *apart("w", "h", problem.dilation))
        terms = f"sum({call}(z[n, c], h[c, m]) for c in range(x.shape[1]))"
        return (*spread, f"y = np.stack([[{terms} for m in range(w.shape[1])] for n in range(len(x))])")


def is_number(argument: Argument) -> bool:
    return argument is not None and not isinstance(argument, str | Items)


def apart(name: str, spread: str, step: Argument) -> tuple[str, ...]:
    """Lines that put the items of the last axis `step` apart, with zeros between."""
    if step is OMITTED:
        return (f"{spread} = {name}",)
    length = f"({name}.shape[2] - 1) * {step} + 1"
    return (f"{spread} = np.zeros((*{name}.shape[:2], {length}), {name}.dtype)", f"{spread}[:, :, ::{step}] = {name}")


def load(variant: str) -> SciPyAdapter:
    """Import NumPy and SciPy; raises ImportError or whatever its import raises."""
    importlib.import_module("scipy.signal")
    return SciPyAdapter(variant, importlib.import_module("numpy"), importlib.import_module(MODULE))
