"""[I16] Ways in which the same numbers lie in memory, each as the Python expression that makes it, so that a script can show it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from convt_spec.problem import Memory

Floats = npt.NDArray[np.floating[Any]]
FORMS: dict[Memory, str] = {
    "strided": "np.stack([{0}, -{0}], axis=-1)[..., 0]",
    "reversed": "np.flip(np.flip({0}).copy())",
    "transposed": "{0}.T.copy().T",
    "readonly": "np.broadcast_to({0}, {0}.shape)",
    "unaligned": "np.frombuffer(bytearray(b'?' + {0}.tobytes()), {0}.dtype, offset=1).reshape({0}.shape)",
    "swapped": "{0}.astype({0}.dtype.newbyteorder())",
    "offset": "np.append(np.ones(3, {0}.dtype), {0})[3:].reshape({0}.shape)",
    "broadcast": "np.broadcast_to({0}[:1] if {0}.ndim else {0}, {0}.shape)",
    "cropped": "np.concatenate([{0}, -{0}], axis=-1)[..., :{0}.shape[-1]] if {0}.ndim else {0}",
    "crossed": "np.swapaxes(np.swapaxes({0}, -1, -2).copy(), -1, -2) if {0}.ndim > 1 else {0}",
}
"""Every other number of a larger array; negative strides; Fortran order; no writing; an address that is no multiple of the size; the other
byte order; the end of a larger array; a stride of 0; the beginnings of longer rows; the last two axes in the other order. Every form but
`readonly` and `broadcast` can be written to."""


def arranged(array: Floats, memory: Memory) -> Floats:
    """The array's numbers in this form; arrays without numbers, and `plain` ones, as they are."""
    if memory == "plain" or not array.size:
        return array
    found: Floats = eval(FORMS[memory].format("array"), {"np": np, "array": array})
    return found


def source(memory: Memory, names: list[str]) -> list[str]:
    """The lines that bring the arrays of these names into the form."""
    return [] if memory == "plain" else [f"{name} = {FORMS[memory].format(name)}" for name in names]
