"""TVM, compiled by LLVM: `relax.op.nn.conv1d_transpose`.

`tvm:nn` is the layer `relax.frontend.nn.ConvTranspose1D`, which adds a bias. `tvm:topi` is the operator below both,
`topi.nn.group_conv1d_transpose_ncw`, which pads by words too: VALID, and a SAME of its own.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from convt_conformance.outcomes import NotExpressible
from convt_conformance.program import Program, keywords, source
from convt_conformance.protocol import Description
from convt_spec.problem import OMITTED, Argument, Problem

MODULE = "tvm"
DISTRIBUTION = "apache-tvm"
MODULES = {"tvm": "tvm", "relax": "tvm.relax", "nn": "tvm.relax.frontend.nn", "te": "tvm.te", "topi": "tvm.topi"}
NAMES = {"stride": "strides", "data_format": "data_layout"}
LAYOUTS = {"NCL": "NCW", "NLC": "NWC"}
TOPI: dict[str, Argument] = {"stride": 1, "padding": 0, "output_padding": 0, "groups": 1}
"""The arguments of TOPI's operator, which has no defaults, with the document's."""


class TVMAdapter:
    """The kernel is (C_in, C_out/groups, K) as in the document; each call is compiled for its shapes."""

    def __init__(self, variant: str, modules: dict[str, Any]) -> None:
        self.variant, self.namespace = variant, modules
        self.features, _, self.lines = VARIANTS[variant]
        self.imports = tuple(f"import {MODULES[name]} as {name}" if name != "tvm" else "import tvm" for name in modules)

    def description(self) -> Description:
        version = self.namespace["tvm"].__version__
        return Description(
            name=f"tvm:{self.variant}".rstrip(":"),
            version=version,
            language="Python",
            home="https://tvm.apache.org",
            supports=("NCL", *self.features, "groups", "padding", "output_padding", "float32", "float64"),
            packages={"apache-tvm": version},
        )

    def program(self, problem: Problem, dtype: str) -> Program:
        if (problem.call == "function") != ("function" in self.features):
            raise NotExpressible("relax.op and TOPI have functions, relax.frontend.nn has layers")
        if problem.call == "positional":
            raise NotExpressible("the constructor of relax has dilation before groups")
        if problem.output_size not in (OMITTED, None):
            raise NotExpressible("TVM has no output_size")
        if isinstance(problem.padding, str) and self.variant != "topi":
            raise NotExpressible("relax pads by numbers, TOPI has words for it")
        return self.lines(problem, dtype)


def operator(problem: Problem, dtype: str) -> Program:
    if problem.has_bias:
        raise NotExpressible("relax.op.nn.conv1d_transpose has no bias, the layer of relax has")
    given = {name: LAYOUTS.get(str(value), value) for name, value in problem.with_(output_size=OMITTED).given().items()}
    return Program(
        (
            "builder = relax.BlockBuilder()",
            f"data, kernel = (relax.Var(name, relax.TensorType(shape, {dtype!r})) for name, shape in (('x', x.shape), ('w', w.shape)))",
            "with builder.function('main', [data, kernel]):",
            f"    builder.emit_func_output(relax.op.nn.conv1d_transpose(data, kernel{keywords(given, NAMES)}))",
            "machine = relax.VirtualMachine(tvm.compile(builder.get(), target='llvm'), tvm.cpu())",
            "y = machine['main'](tvm.runtime.tensor(x), tvm.runtime.tensor(w)).numpy()",
        )
    )


def layer(problem: Problem, dtype: str) -> Program:
    given = problem.with_(output_size=OMITTED).given()
    if given.pop("data_format", "NCL") != "NCL" or problem.bias_attr not in (OMITTED, False):
        raise NotExpressible("the layer of relax has no layout, and bias=True or False in place of bias_attr")
    if problem.bias_attr is False:
        given["bias"] = False
    kernel = source(problem.kernel_size if problem.kernel_form is OMITTED else problem.kernel_form)
    arrays = ", ".join(f"tvm.runtime.tensor({name})" for name in ("x", "w", "b")[: 2 + problem.has_bias])
    return Program(
        (
            f"layer = nn.ConvTranspose1D({problem.in_channels}, {problem.out_channels}, {kernel}{keywords(given)}, dtype={dtype!r})",
            f"module = layer.export_tvm({{'forward': {{'x': nn.spec.Tensor(x.shape, {dtype!r})}}}})[0]",
            "machine = relax.VirtualMachine(tvm.compile(module, target='llvm'), tvm.cpu())",
            f"y = machine['forward']({arrays}).numpy()",
        ),
        construct=1,
    )


def topi(problem: Problem, dtype: str) -> Program:
    for name, default in {"dilation": 1, "data_format": "NCL", "bias": False}.items():
        if getattr(problem, name) not in (OMITTED, default):
            raise NotExpressible(f"TOPI's conv1d_transpose has no {name}")
    stride, padding, added, groups = (source({**TOPI, **problem.given()}[name]) for name in TOPI)
    return Program(
        (
            f"data, kernel = te.placeholder(x.shape, {dtype!r}), te.placeholder(w.shape, {dtype!r})",
            f"found = topi.nn.group_conv1d_transpose_ncw(data, kernel, {stride}, {padding}, {dtype!r}, {added}, {groups})",
            "compiled = tvm.compile(te.create_prim_func([data, kernel, found]), target='llvm')",
            f"y = tvm.runtime.empty(topi.utils.get_const_tuple(found.shape), {dtype!r})",
            "compiled(tvm.runtime.tensor(x), tvm.runtime.tensor(w), y)",
            "y = y.numpy()",
        )
    )


VARIANTS: dict[str, tuple[tuple[str, ...], tuple[str, ...], Callable[[Problem, str], Program]]] = {
    "": (("function", "dilation"), ("tvm", "relax"), operator),
    "nn": (("layer", "bias", "dilation"), ("tvm", "relax", "nn"), layer),
    "topi": (("function", "VALID"), ("tvm", "te", "topi"), topi),
}
"""What each supports beside the common, the modules that its lines use, and how they are written."""


def load(variant: str) -> TVMAdapter:
    """Import TVM; raises ImportError or whatever its import raises."""
    return TVMAdapter(variant, {name: importlib.import_module(MODULES[name]) for name in VARIANTS[variant][1]})
