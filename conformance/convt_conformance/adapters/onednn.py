"""oneDNN: the deconvolution of its C interface on the CPU, called through ctypes."""

from __future__ import annotations

import importlib
from importlib.metadata import version
from typing import Any

from convt_conformance.outcomes import NotExpressible
from convt_conformance.program import Program
from convt_conformance.protocol import Description
from convt_spec.lengths import full_length
from convt_spec.problem import OMITTED, Argument, Problem

MODULE = "onednn"
DISTRIBUTION = "onednn"
NEEDED = ("libtbb.so.12", "libintlc.so.5", "libimf.so", "libsvml.so", "libsycl.so.9")
SET_UP = (
    "import ctypes, os, sys",
    "folder = os.path.join(sys.prefix, 'lib')",
    "os.environ.setdefault('OCL_ICD_FILENAMES', os.path.join(folder, 'libintelocl.so'))",
    f"needed = [ctypes.CDLL(os.path.join(folder, name), ctypes.RTLD_GLOBAL) for name in {NEEDED}]",
    "dnnl, engine = ctypes.CDLL(os.path.join(folder, 'libdnnl.so.3')), ctypes.c_void_p()",
    "assert dnnl.dnnl_engine_create(ctypes.byref(engine), 1, ctypes.c_size_t(0)) == 0, 'there is no CPU engine'",
)
"""What the library needs is loaded first, since it has no search path of its own, and its CPU engine stands on an OpenCL runtime."""
HANDLES = (
    "def check(name, *arguments):",
    "    status = getattr(dnnl, f'dnnl_{name}')(*arguments)",
    "    assert status == 0, f'dnnl_{name} returned {status}'",
    "def made(kind, name, *arguments):",
    "    held.append((kind, ctypes.c_void_p()))",
    "    check(name, ctypes.byref(held[-1][1]), *arguments)",
    "    return held[-1][1]",
    "def dims(*sizes): return (ctypes.c_int64 * len(sizes))(*sizes)",
    "def memory(array):",
    "    steps = dims(*(step // 4 for step in array.strides))",
    "    desc = made('memory_desc', 'memory_desc_create_with_strides', array.ndim, dims(*array.shape), 3, steps)",
    "    return desc, made('memory', 'memory_create', desc, engine, ctypes.c_void_p(array.ctypes.data))",
)


class OneDNNAdapter:
    """The kernel's shape is (groups, C_out/groups, C_in/groups, K), and dilates are 0 where taps are neighbours; arrays lie as they are."""

    imports = SET_UP

    def __init__(self, namespace: dict[str, Any], release: str) -> None:
        self.namespace, self.release = namespace, release

    def description(self) -> Description:
        supports = ("NCL", "NLC", "function", "bias", "groups", "dilation", "padding", "output_padding", "output_size", "float32", "state")
        home, packages = "https://uxlfoundation.github.io/oneDNN", {"onednn": self.release}
        return Description(name="onednn", version=self.release, language="C", home=home, supports=supports, packages=packages)

    def program(self, problem: Problem, dtype: str) -> Program:
        lacking = {
            "oneDNN's deconvolution on the CPU has no float64": dtype != "float32",
            "oneDNN has primitives, and no layer with parameters of its own": problem.call != "function",
            "a data_format is told by a tensor's strides, not by a name": problem.data_format not in (OMITTED, "NCL", "NLC"),
            "axes are named one by one where channels are last": problem.layout == "NLC" and problem.flaw.startswith("input"),
            "the kernel's shape is (C_out, C_in, K)": problem.weight != "mapped" or problem.flaw.startswith("kernel-rank"),
            "output_size and output_padding both are the result's shape": OMITTED not in (problem.output_size, problem.output_padding),
        }
        for reason, holds in lacking.items():
            if holds:
                raise NotExpressible(reason)
        return self.expressed(problem)

    def expressed(self, problem: Problem) -> Program:
        """The length and the crop on the right are the caller's to compute, from each other."""
        stride, dilation, left = number(problem.stride, 1), number(problem.dilation, 1), number(problem.padding, 0)
        full = full_length(problem.length, problem.kernel_size, max(stride, 1), max(dilation, 1))
        least = full - 2 * left
        length = least + number(problem.output_padding, 0) if problem.output_size is OMITTED else number(problem.output_size, 0)
        if length < max(least, 0):
            raise NotExpressible("a shorter result is a wider padding_r, and the caller makes its array")
        last, channels = problem.layout == "NLC", problem.out_channels
        made, moved = ([problem.batch, length, channels], ".transpose(0, 2, 1)") if last else ([problem.batch, channels, length], "")
        return Program(
            (
                *HANDLES,
                f"held, y = [], np.empty({made}, 'float32')",
                f"given = [memory(array) for array in (y{moved}, x{moved}, {kernel(problem)}{', b' if problem.has_bias else ''})]",
                f"descs = given[1][0], given[2][0], {'given[3][0]' if problem.has_bias else None}, given[0][0]",
                f"numbers = dims({stride}), dims({dilation - 1}), dims({left}), dims({full - left - length})",
                "plan = made('primitive_desc', 'deconvolution_forward_primitive_desc_create', engine, 96, 10, *descs, *numbers, None)",
                "primitive, stream = made('primitive', 'primitive_create', plan), made('stream', 'stream_create', engine, 1)",
                "fed = [word for pair in zip((17, 1, 33, 41), given) for word in (pair[0], pair[1][1].value)]",
                "check('primitive_execute', primitive, stream, len(given), dims(*fed))",
                "check('stream_wait', stream)",
                "for kind, handle in reversed(held): check(f'{kind}_destroy', handle)",
            )
        )


def number(argument: Argument, default: int) -> int:
    """The number of an argument, which is one of an array of int64."""
    found = default if argument is OMITTED else argument
    if not isinstance(found, int):
        raise NotExpressible("an argument of oneDNN is an array of whole numbers, one for each spatial axis")
    return found


def kernel(problem: Problem) -> str:
    """The kernel with its axes in oneDNN's order."""
    if problem.groups is OMITTED:
        return "w.transpose(1, 0, 2)"
    groups, (rows, columns, taps) = number(problem.groups, 1), problem.weight_shape
    if groups < 1 or rows % groups:
        raise NotExpressible("groups are an axis of the kernel's shape, so they divide the channels")
    return f"w.reshape({groups}, {rows // groups}, {columns}, {taps}).transpose(0, 2, 1, 3)"


def load(variant: str) -> OneDNNAdapter:
    """Load the library from the interpreter's environment; raises ModuleNotFoundError, or OSError where a part of it is missing."""
    release = version(DISTRIBUTION)
    namespace: dict[str, Any] = {"np": importlib.import_module("numpy")}
    exec("\n".join(SET_UP), namespace)
    return OneDNNAdapter(namespace, release)
