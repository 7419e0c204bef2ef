"""LiteRT: a model of one TRANSPOSE_CONV with one row, by default on XNNPACK; `litert:builtin` and `litert:reference` are its own kernels.

The model is made with the classes of LiteRT's schema, as a converter makes it.
"""

from __future__ import annotations

import importlib
from typing import Any

from convt_conformance.outcomes import NotExpressible
from convt_conformance.program import Program, source
from convt_conformance.protocol import Description
from convt_spec.lengths import full_length
from convt_spec.problem import OMITTED, Argument, Items, Problem

MODULE = "ai_edge_litert"
DISTRIBUTION = "ai-edge-litert"
KERNELS = {"": "AUTO", "builtin": "BUILTIN_WITHOUT_DEFAULT_DELEGATES", "reference": "BUILTIN_REF"}


class LiteRTAdapter:
    """The kernel is (C_out, 1, K, C_in), the data (N, 1, L, C); stride, padding and the output's shape are parts of the model."""

    def __init__(self, runtime: Any, schema: Any, flatbuffers: Any, numpy: Any, *, name: str, module: str, version: str) -> None:
        self.name, self.version = name, version
        self.namespace = {"runtime": runtime, "schema": schema, "flatbuffers": flatbuffers, "np": numpy}
        self.imports = (
            "import flatbuffers",
            "from ai_edge_litert import schema_py_generated as schema",
            f"from {module} import interpreter as runtime",
        )

    def description(self) -> Description:
        supports = ("NLC", "function", "bias", "VALID", "output_padding", "output_size", "float32", "state")
        packages, home = {self.name.partition(":")[0]: self.version}, "https://ai.google.dev/edge/litert"
        return Description(name=self.name, version=self.version, language="Python", home=home, supports=supports, packages=packages)

    def program(self, problem: Problem, dtype: str) -> Program:
        refuse(problem, dtype)
        shape = [problem.batch, 1, output_length(problem), problem.out_channels]
        stride = 1 if problem.stride is OMITTED else problem.stride
        padding = problem.padding if isinstance(problem.padding, str) else "VALID"
        bias, inputs = (", b", [1, 2, 0, 3]) if problem.has_bias else ("", [1, 2, 0])
        options = f"padding=schema.Padding.{padding}, strideW={source(stride)}, strideH=1"
        kernels = f"experimental_op_resolver_type=runtime.OpResolverType.{KERNELS[self.name.partition(':')[2]]}"
        ends = f"inputs={inputs}, outputs=[{len(inputs)}]"
        return Program(
            (
                f"data, kernel, shape = x[:, None], w.transpose(1, 2, 0)[:, None], np.array({shape}, 'int32')",
                f"held, kinds = (data, shape, kernel{bias}), {{'float32': schema.TensorType.FLOAT32, 'int32': schema.TensorType.INT32}}",
                "buffers = [schema.BufferT(), *(schema.BufferT(data=each.ravel().view('uint8')) for each in held[1:])]",
                "tensors = [schema.TensorT(shape=[*a.shape], type=kinds[a.dtype.name], buffer=at) for at, a in enumerate(held)]",
                "tensors.append(schema.TensorT(shape=shape.tolist(), type=schema.TensorType.FLOAT32))",
                f"options = schema.TransposeConvOptionsT({options})",
                "kind = schema.BuiltinOptions.TransposeConvOptions",
                f"operator = schema.OperatorT({ends}, builtinOptionsType=kind, builtinOptions=options)",
                f"graph = schema.SubGraphT(tensors=tensors, inputs=[0], outputs=[{len(inputs)}], operators=[operator])",
                "code = schema.OperatorCodeT(builtinCode=schema.BuiltinOperator.TRANSPOSE_CONV, version=3)",
                "model = schema.ModelT(version=3, operatorCodes=[code], subgraphs=[graph], buffers=buffers)",
                "builder = flatbuffers.Builder()",
                "builder.Finish(model.Pack(builder), b'TFL3')",
                f"interpreter = runtime.Interpreter(model_content=bytes(builder.Output()), {kernels})",
                "interpreter.allocate_tensors()",
                "interpreter.set_tensor(0, data)",
                "interpreter.invoke()",
                f"y = interpreter.get_tensor({len(inputs)})[:, 0]",
            )
        )


def refuse(problem: Problem, dtype: str) -> None:
    """What TRANSPOSE_CONV has no field for."""
    lacking = {
        "TRANSPOSE_CONV knows one float format, of 32 bits": dtype != "float32",
        "a model has operators, and no layer with parameters of its own": problem.call != "function",
        "TRANSPOSE_CONV has no data_format, its input is always NHWC": problem.data_format != "NLC",
        "TRANSPOSE_CONV has no groups": problem.groups not in (OMITTED, 1),
        "TRANSPOSE_CONV has no dilation": problem.dilation not in (OMITTED, 1),
        "TRANSPOSE_CONV pads by SAME or VALID only": problem.padding not in (OMITTED, 0, "SAME", "VALID"),
        "TRANSPOSE_CONV's strides are numbers, and no lists": isinstance(problem.stride, Items),
        "the kernel has axes of its own, (C_out, 1, K, C_in)": problem.weight != "mapped" or problem.flaw.startswith("kernel-rank"),
    }
    for reason, holds in lacking.items():
        if holds:
            raise NotExpressible(reason)


def output_length(problem: Problem) -> int:
    """The number of samples in the output's shape, which whoever makes the model computes: VALID's and output_padding, or output_size.

    A meaningless stride counts as 1 here and at least one sample is asked for, so that the runtime is judged by what it says to the stride.
    """
    if problem.output_size is not OMITTED and problem.output_padding is not OMITTED:
        raise NotExpressible("TRANSPOSE_CONV has one output shape for output_size and output_padding")
    if problem.output_size is not OMITTED:
        return whole(problem.output_size)
    if problem.padding == "SAME":
        raise NotExpressible("TRANSPOSE_CONV wants the output's length for SAME, and has no default")
    stride = max(problem.stride, 1) if isinstance(problem.stride, int) else 1
    added = 0 if problem.output_padding is OMITTED else whole(problem.output_padding)
    return max(full_length(problem.length, problem.kernel_size, stride, 1) + added, 1)


def whole(argument: Argument) -> int:
    """An int of the output's shape; raises NotExpressible."""
    if not isinstance(argument, int):
        raise NotExpressible("the output's shape holds whole numbers, and has no other form")
    return argument


def load(variant: str) -> LiteRTAdapter:
    """Import LiteRT and the schema of its models; raises ImportError or whatever its import raises."""
    return loaded(f"litert:{variant}" if variant else "litert", MODULE)


def loaded(name: str, module: str) -> LiteRTAdapter:
    """The adapter over the interpreter of `module`, with LiteRT's schema."""
    modules = map(importlib.import_module, (f"{module}.interpreter", f"{MODULE}.schema_py_generated", "flatbuffers", "numpy"))
    return LiteRTAdapter(*modules, name=name, module=module, version=importlib.import_module(module).__version__)
