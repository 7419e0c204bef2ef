"""oneDNN: dnnl_deconvolution_forward_primitive_desc_create(desc, engine, prop_kind, alg_kind, src, weights, bias, dst, strides, dilates,
padding_l, padding_r, attr), over shapes (N, C, L), (groups, C_out, C_in, K) and (C_out,).

A memory lies at an address, in the strides of its description; `dilates` are 0 for neighbours.
"""

from __future__ import annotations

import ctypes
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from convt_conformance.adapters.onednn import OneDNNAdapter
from round_trips.recording import Call, Log
from round_trips.sent import Sent

LOG = Log()
FORWARD_INFERENCE, DIRECT, FLOAT32 = 96, 10, 3
SRC, DST, WEIGHTS, BIAS = 1, 17, 33, 41


class Library:
    """Gives handles that count up, and keeps what lay at the address of a memory; every call is logged."""

    def __init__(self) -> None:
        self.held: dict[int, npt.NDArray[Any]] = {}
        self.made = 0

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any) -> int:
            if name == "dnnl_memory_desc_create_with_strides":
                args = (*args[:2], list(args[2]), args[3], list(args[4]))
            LOG.calls.append(Call(path=name, args=args, kwargs={}))
            if "_create" in name:
                self.made += 1
                args[0]._obj.value = self.made
            if name == "dnnl_memory_create":
                shape, strides = description(LOG, args[1].value)
                numbers = (ctypes.c_float * math.prod(shape)).from_address(args[3].value)
                laid_out = np.lib.stride_tricks.as_strided(np.ctypeslib.as_array(numbers), shape, [4 * step for step in strides])
                self.held[self.made] = laid_out.copy()
            return 0

        return call


LIBRARY = Library()
ADAPTERS = {"onednn": OneDNNAdapter({"dnnl": LIBRARY, "engine": 0, "ctypes": ctypes, "np": np}, "0")}


def read(log: Log) -> Sent:
    plan = log.only("dnnl_deconvolution_forward_primitive_desc_create")
    _, engine, kind, algorithm, src, weights, bias, dst, strides, dilates, left, right, attributes = plan.args
    assert (engine, kind, algorithm, attributes) == (0, FORWARD_INFERENCE, DIRECT, None)
    run = log.only("dnnl_primitive_execute").args
    pairs = dict(zip(list(run[3])[::2], list(run[3])[1::2], strict=True))
    assert len(pairs) == run[2]
    assert set(pairs) == {SRC, DST, WEIGHTS, *([] if bias is None else [BIAS])}
    x, kernel = (laid_out(log, desc, pairs[at]) for desc, at in ((src, SRC), (weights, WEIGHTS)))
    grouped = kernel if kernel.ndim == 4 else kernel[None]
    groups, per_group, rows, taps = grouped.shape
    (step,), (gaps,), (crop,), (other,) = strides, dilates, left, right
    batch, channels, length = description(log, dst.value)[0]
    assert (batch, channels) == (len(x), groups * per_group)
    assert length == (x.shape[2] - 1) * step - crop - other + (gaps + 1) * (taps - 1) + 1
    given_bias = None if bias is None else laid_out(log, bias, pairs[BIAS])
    LIBRARY.held.clear()
    return Sent(
        x=x,
        weight=grouped.transpose(0, 2, 1, 3).reshape(groups * rows, per_group, taps),
        bias=given_bias,
        stride=step,
        dilation=gaps + 1,
        padding=(crop, crop),
        length=length,
        groups=groups,
    )


def description(log: Log, handle: int) -> tuple[list[int], list[int]]:
    """The shape and the strides behind a handle."""
    calls = [call for call in log.calls if call.path == "dnnl_memory_desc_create_with_strides"]
    (found,) = (call.args for call in calls if call.args[0]._obj.value == handle)
    assert (found[1], found[3]) == (len(found[2]), FLOAT32)
    return found[2], found[4]


def laid_out(log: Log, desc: Any, memory: int) -> npt.NDArray[Any]:
    """The numbers of a memory in the axes of its description."""
    (made,) = (call for call in log.calls if call.path == "dnnl_memory_create" and call.args[0]._obj.value == memory)
    assert made.args[1].value == desc.value
    return LIBRARY.held[memory]
