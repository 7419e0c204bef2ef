"""JAX: `jax.lax.conv_transpose`, and `jax.lax.conv_general_dilated` for the variants `general`; each alone, under `jax.jit`, on a GPU."""

from __future__ import annotations

import importlib
from typing import Any

from convt_conformance.outcomes import CannotRun, NotExpressible
from convt_conformance.program import Program, source
from convt_conformance.protocol import Description
from convt_spec.problem import OMITTED, Argument, Items, Problem

MODULE = "jax"
DISTRIBUTION = "jax"
SUPPORTS = ("NCL", "NLC", "function", "dilation", "padding", "output_padding", "float32", "float64", "memory", "state")
X64, CPU = 'jax.config.update("jax_enable_x64", True)', 'jax.config.update("jax_platforms", "cpu")'


class JaxAdapter:
    """The call names the layout and its strides and padding always, since JAX asks for them."""

    def __init__(self, jax: Any, variant: str) -> None:
        self.namespace, self.packages = {"jax": jax}, {"jax": jax.__version__, "jaxlib": jax.lib.__version__}
        self.variant, self.general, self.jitted = variant, variant.startswith("general"), variant.endswith("jit")
        self.imports = ("import jax", X64) if variant == "gpu" else ("import jax", X64, CPU)

    def description(self) -> Description:
        name = f"jax:{self.variant}" if self.variant else "jax"
        supports = (*SUPPORTS, *(("groups",) if self.general else ("VALID", "SAME")))
        home, version = "https://docs.jax.dev", self.packages["jax"]
        return Description(name=name, version=version, language="Python", home=home, supports=supports, packages=self.packages)

    def program(self, problem: Problem, dtype: str) -> Program:
        if problem.call != "function":
            raise NotExpressible("jax.lax has functions only")
        if problem.has_bias:
            raise NotExpressible("jax.lax's convolutions have no bias")
        if problem.output_size is not OMITTED:
            raise NotExpressible("jax.lax's convolutions have no argument for the output's length")
        if problem.weight != "mapped":
            raise NotExpressible("the caller names the order of the kernel's axes in dimension_numbers")
        called = f"jax.lax.{general(problem) if self.general else transpose(problem)}"
        jitted = ("@jax.jit", "def jitted(x, w):", f"    return {called}", "y = jax.device_get(jitted(x, w))")
        return Program(jitted if self.jitted else (f"y = jax.device_get({called})",))


def transpose(problem: Problem) -> str:
    """The kernel is that of the convolution whose transpose is asked for, (out, in, K), and the crop is that one's padding."""
    if problem.groups not in (OMITTED, 1):
        raise NotExpressible("jax.lax.conv_transpose has no groups")
    word = isinstance(problem.padding, str)
    if word and added(problem):
        raise NotExpressible("jax.lax.conv_transpose takes a word or a pair of numbers, and samples are added through the pair")
    given = f"{sequence(problem.stride)}, {source(problem.padding) if word else [crop(problem)]}{axes(problem, 'OIL')}"
    return f"conv_transpose(x, w, {given}, transpose_kernel=True, use_consistent_padding=True)"


def general(problem: Problem) -> str:
    """The convolution of the spread input with the kernel the other way round; its padding is `ext - 1` less the crop."""
    if isinstance(problem.padding, str):
        raise NotExpressible("the padding words of jax.lax.conv_general_dilated are those of an ordinary convolution")
    reach, count = max(whole(problem.dilation), 0) * (problem.kernel_size - 1), whole(problem.groups)
    given = f"(1,), {[tuple(reach - each for each in crop(problem))]}, lhs_dilation={sequence(problem.stride)}"
    given += "" if problem.groups is OMITTED else f", feature_group_count={source(problem.groups)}"
    channels, columns, taps = problem.weight_shape
    if count <= 1 or (channels % count and problem.flaw == "none"):
        return f"conv_general_dilated(x, w[..., ::-1], {given}{axes(problem, 'IOL')})"
    if problem.flaw.startswith("kernel-rank") or channels % count:
        raise NotExpressible("the kernel's channels cannot be put in the order that jax.lax wants for groups")
    rows = channels // count
    weight = f"w.reshape({count}, {rows}, {columns}, {taps}).swapaxes(1, 2).reshape({count * columns}, {rows}, {taps})"
    return f"conv_general_dilated(x, {weight}[..., ::-1], {given}{axes(problem, 'OIL')})"


def axes(problem: Problem, kernel: str) -> str:
    """JAX takes any letter for the axis that is no batch and no channel, so the document's words serve as they are."""
    layout = source("NCL" if problem.data_format is OMITTED else problem.data_format)
    if problem.data_format in ("LNC", "LCN", "CNL", "CLN"):
        raise NotExpressible("dimension_numbers name the axes in any order, so another order than the document's is another call")
    spread = "" if problem.dilation is OMITTED else f", rhs_dilation={sequence(problem.dilation)}"
    return f"{spread}, dimension_numbers=({layout}, {kernel!r}, {layout})"


def crop(problem: Problem) -> tuple[Any, ...]:
    """What is cropped on the left and on the right, less what is added there."""
    given: Any = 0 if problem.padding is OMITTED else problem.padding
    if isinstance(given, Items) and (given.kind == "list" or len(given.values) == 1):
        raise NotExpressible("jax.lax's convolutions pad by a tuple of two numbers for each axis")
    sides = given.values if isinstance(given, Items) else (given, given)
    return (*sides[:-1], *(each - added(problem) for each in sides[-1:]))


def added(problem: Problem) -> int:
    """The samples added at the end, of which JAX is told through the padding on that side."""
    found = 0 if problem.output_padding is OMITTED else problem.output_padding
    if not isinstance(found, int) or found < 0:
        raise NotExpressible("jax.lax's convolutions have no output_padding of their own, so none of its forms")
    return found


def sequence(value: Argument) -> str:
    """JAX takes a sequence with a number for each axis: a list or tuple is one already, a number alone is put in a tuple."""
    return source(value) if isinstance(value, Items) else f"({1 if value is OMITTED else source(value)},)"


def whole(value: Argument) -> int:
    """The whole number in an argument, for the padding and the kernel's axes; the argument itself is passed on untouched."""
    found = next(iter(value.values), 1) if isinstance(value, Items) else value
    return int(found) if isinstance(found, int | float) else 1


def load(variant: str) -> JaxAdapter:
    """Import JAX with float64; raises ImportError, or CannotRun where it has no GPU for the variant that wants one."""
    jax = importlib.import_module(MODULE)
    jax.config.update("jax_enable_x64", True)
    if variant != "gpu":
        jax.config.update("jax_platforms", "cpu")
    elif jax.default_backend() != "gpu":
        raise CannotRun("absent", "jax finds no GPU here: it needs one, and pip install 'jax[cuda13]'")
    return JaxAdapter(jax, variant)
