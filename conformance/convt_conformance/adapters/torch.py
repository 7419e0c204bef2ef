"""torch: `torch.nn.functional.conv_transpose1d`, and `torch.nn.ConvTranspose1d` for the layer.

The variants take torch's own kernels in place of oneDNN's, the compiler, inputs that want gradients, and a CUDA device.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from convt_conformance.outcomes import CannotRun, NotExpressible
from convt_conformance.program import Program, keywords, source
from convt_conformance.protocol import Description
from convt_spec.problem import OMITTED, Problem

MODULE = "torch"
DISTRIBUTION = "torch"
SUPPORTS = (
    *("NCL", "function", "layer", "bias", "groups", "dilation", "padding", "output_padding"),
    *("float32", "float64", "state", "parameters"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """`setup` stands before all calls, `called` for the function or layer, `tensor` for an array that goes in.

    `device` is where a layer is made, and `results` gives the array that comes out of a function and of a layer.
    """

    setup: tuple[str, ...] = ()
    called: str = "{}"
    tensor: str = "torch.from_numpy({})"
    device: str = ""
    results: tuple[str, str] = (".numpy()", ".detach().numpy()")


UNLIMITED = "torch._dynamo.config.recompile_limit = torch._dynamo.config.accumulated_recompile_limit = 1_000_000"
"""By default torch refuses to compile a function for a ninth shape."""
VARIANTS = {
    "": Variant(),
    "native": Variant(setup=("torch.backends.mkldnn.set_flags(False)",)),
    "compile": Variant(setup=(UNLIMITED,), called="torch.compile({}, fullgraph=True, dynamic=False)"),
    "autograd": Variant(tensor="torch.tensor({}, requires_grad=True)", results=(".detach().numpy()",) * 2),
    "cuda": Variant(tensor='torch.tensor({}, device="cuda")', device=', device="cuda"', results=(".numpy(force=True)",) * 2),
}


class TorchAdapter:
    """The kernel is (C_in, C_out/groups, K) as in the document; the data is NCL only."""

    def __init__(self, torch: Any, variant: str = "") -> None:
        self.namespace = {"torch": torch}
        self.name = f"torch:{variant}" if variant else "torch"
        self.variant = VARIANTS[variant]
        self.imports = ("import torch", *self.variant.setup)

    def description(self) -> Description:
        version = self.namespace["torch"].__version__
        return Description(
            name=self.name, version=version, language="Python", home="https://pytorch.org", supports=SUPPORTS, packages={"torch": version}
        )

    def program(self, problem: Problem, dtype: str) -> Program:
        if problem.data_format not in (OMITTED, "NCL"):
            raise NotExpressible("torch has no data_format, its input is always NCL")
        if isinstance(problem.padding, str):
            raise NotExpressible("torch has no string padding for transposed convolutions")
        if problem.call == "positional":
            raise NotExpressible("torch's constructor has another order: groups, bias, dilation")
        return self.function(problem) if problem.call == "function" else self.layer(problem, dtype)

    def function(self, problem: Problem) -> Program:
        given = problem.given()
        if given.pop("output_size", None) is not None:
            raise NotExpressible("torch's functional form has no output_size, its layer has")
        given.pop("data_format", None)
        called = self.variant.called.format("torch.nn.functional.conv_transpose1d")
        tensors = ", ".join(map(self.variant.tensor.format, "xwb" if problem.has_bias else "xw"))
        return Program((f"y = {called}({tensors}{keywords(given)}){self.variant.results[0]}",))

    def layer(self, problem: Problem, dtype: str) -> Program:
        given = problem.given()
        size = given.pop("output_size", OMITTED)
        given.pop("data_format", None)
        kernel = problem.kernel_size if problem.kernel_form is OMITTED else problem.kernel_form
        if problem.bias_attr is False:
            given["bias"] = False
        elif problem.bias_attr is not OMITTED:
            raise NotExpressible("torch's constructor has bias=True or False, no bias_attr")
        asked = "" if size is OMITTED else f", output_size=[{source(size)}]" if isinstance(size, int) else f", output_size={source(size)}"
        known = {"set": ("weight", "bias") if problem.has_bias else ("weight",), "fresh-bias": ("weight",), "fresh": ()}[problem.parameters]
        state = ", ".join(f'"{name}": torch.from_numpy({name[0]})' for name in known)
        strict = "" if problem.parameters == "set" else ", strict=False"
        channels = f"{problem.in_channels}, {problem.out_channels}, {source(kernel)}"
        return Program(
            (
                f"layer = torch.nn.ConvTranspose1d({channels}{keywords(given)}, dtype=torch.{dtype}{self.variant.device})",
                f"layer.load_state_dict({{{state}}}{strict})",
                f"y = {self.variant.called.format('layer')}({self.variant.tensor.format('x')}{asked}){self.variant.results[1]}",
            ),
            construct=1,
        )


def load(variant: str) -> TorchAdapter:
    """Import torch and set it up; raises CannotRun without the device or compiler, else ImportError or whatever its import raises."""
    torch = importlib.import_module(MODULE)
    adapter = TorchAdapter(torch, variant)
    if variant == "cuda" and not torch.cuda.is_available():
        raise CannotRun("absent", "torch:cuda needs a CUDA device and a build of torch for it: torch.cuda.is_available() is False")
    if variant == "compile":
        try:
            importlib.import_module("torch._inductor.cpp_builder").get_cpp_compiler()
        except RuntimeError as error:
            raise CannotRun("absent", f"torch:compile needs a C++ compiler, such as the package g++: {error}") from error
    exec("\n".join(adapter.variant.setup), adapter.namespace)
    return adapter
