"""The operator as a function."""

from collections.abc import Sequence

from numpy.typing import ArrayLike

from convt_impl import cpu
from convt_impl.arguments import Attributes, attributes, requested_length
from convt_impl.geometry import plan
from convt_impl.operands import Array, operands


def conv1d_transpose(
    x: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] | str = 0,
    output_padding: int | Sequence[int] = 0,
    output_size: int | Sequence[int] | None = None,
    groups: int = 1,
    dilation: int | Sequence[int] = 1,
    data_format: str = "NCL",
) -> Array:
    """Return the 1-D transposed convolution of `x` with `weight`, plus `bias`.

    Shapes: `x` is (N, C_in, L), or (N, L, C_in) for "NLC"; `weight` is (C_in, C_out / groups, K); `bias` is (C_out,); the result has the
    layout of `x`. All have one dtype, float16 (summed in float32), float32, float64, complex64 or complex128, in any byte order and memory
    layout; the result is fresh, C-contiguous and native. N may be 0.

    `full[n, m, i * stride + k * dilation]` sums `x[n, c, i] * weight[c, m, k]` over the input channels `c` of `m`'s group, and the result
    is `full[left : left + length]`, 0 past the end, plus the bias everywhere. Group `j` reads and writes the `j`-th block of channels.

    Raises `TypeError` for a wrong type or dtype, `ValueError` for a wrong value or shape, both before anything is allocated, and
    `MemoryError` when there is no room for the result.

    Where the documentation of the operator contradicts itself or is silent, this is what holds, and why:

    * The kernel is not flipped and no activation is applied: the documented example multiplies as written above, and no argument names
      an activation, although the formula shows one.
    * `weight` is (C_in, C_out / groups, K) in both layouts. Of three documented layouts only this one fits the example; with groups, an
      input channel feeds only the outputs of its own group, which shortens the second axis.
    * An integer `padding` p removes p samples at each end. Zeros around the input, as the argument is described, would lengthen
      the result; the length formula subtracts 2p.
    * The shortest length is `(L - 1) * stride - 2 * padding + dilation * (K - 1) + 1`. `output_padding` and `output_size` lengthen it by 0
      to `stride` samples, both included as the range is printed closed, at the right end only: they uncover cropped samples, and
      past the last product there is only the bias. Both at once is an error, unless `output_padding` is 0.
    * `padding="VALID"` is `padding=0`: the printed formulas are the same.
    * `padding="SAME"` has the shortest length `L * stride` and removes `max(dilation * (K - 1) + 1 - stride, 0) // 2` samples on the left.
      The printed formula divides by the stride, which is what the forward convolution does to its length; the operator is meant as the
      inverse of that, so it multiplies. The forward rule pads an odd sample at the end and counts the dilation, so the crop does too.
    * `stride`, `padding`, `output_padding`, `output_size` and `dilation` may be an int, or a list or tuple of exactly one: the description
      of each names some of these forms, and nothing speaks against the others. A pair of paddings is described nowhere.
    """
    checked = attributes(
        stride=stride, padding=padding, output_padding=output_padding, groups=groups, dilation=dilation, data_format=data_format
    )
    return evaluated(x, weight, bias, checked, output_size)


def evaluated(x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None, checked: Attributes, output_size: object) -> Array:
    """Return the result for attributes that have been checked before, as those of a layer have."""
    length = requested_length(output_size, checked.output_padding)
    given = operands(x, weight, bias, groups=checked.groups, data_format=checked.data_format)
    kept = plan(
        input_length=given.input_length,
        kernel_length=given.kernel_length,
        stride=checked.stride,
        padding=checked.padding,
        output_padding=checked.output_padding,
        output_size=length,
        dilation=checked.dilation,
    )
    return cpu.transposed_convolution(given, kept)
