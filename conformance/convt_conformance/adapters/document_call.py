"""The document's own call as code: for implementations that share its argument names, order and kernel."""

from __future__ import annotations

from convt_conformance.outcomes import NotExpressible
from convt_conformance.program import Program, keywords, source
from convt_spec.problem import OMITTED, Argument, Problem

ORDER = ("stride", "padding", "output_padding", "groups", "dilation", "weight_attr", "bias_attr", "data_format")
DEFAULTS: dict[str, Argument] = dict(zip(ORDER, (1, 0, 0, 1, 1, None, None, "NCL"), strict=True))


def function(problem: Problem, name: str, array: str = "{}") -> Program:
    """`y = name(x, w, b, stride=2)`; `array` wraps each array's name, e.g. `to_tensor({})`."""
    if problem.call != "function":
        raise NotExpressible("this is a function, and has no layer form")
    bias = f", {array.format('b')}" if problem.has_bias else ""
    return Program((f"y = {name}({array.format('x')}, {array.format('w')}{bias}{keywords(problem.given())})",))


def layer(problem: Problem, name: str, array: str = "{}", set_up: tuple[str, ...] = ()) -> Program:
    """Construct `name`, set its parameters, call it; `positional` problems pass every argument in the document's order."""
    if problem.call == "function":
        raise NotExpressible("this is a layer, and has no functional form")
    given = problem.given()
    size = given.pop("output_size", OMITTED)
    if problem.bias_attr is not OMITTED:
        given["bias_attr"] = problem.bias_attr
    kernel = problem.kernel_size if problem.kernel_form is OMITTED else problem.kernel_form
    sizes = f"{problem.in_channels}, {problem.out_channels}, {source(kernel)}"
    passed = keywords(given)
    if problem.call == "positional":
        passed = "".join(f", {source(given.get(each, DEFAULTS[each]))}" for each in ORDER)
    bias = (f"layer.bias.set_value({array.format('b')})",) if problem.has_bias and problem.parameters == "set" else ()
    asked = "" if size is OMITTED else f", output_size={source(size)}"
    construct = f"layer = {name}({sizes}{passed})"
    weight = (f"layer.weight.set_value({array.format('w')})",) if problem.parameters != "fresh" else ()
    return Program((construct, *set_up, *weight, *bias, f"y = layer({array.format('x')}{asked})"), construct=1 + len(set_up))
