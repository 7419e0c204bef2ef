"""Geometry of a call: which samples of the full scatter are kept, in integers of any size.

Input sample `i` and kernel tap `k` meet at position `i * stride + k * dilation` of the full scatter. The result is the stretch
`full[left : left + length]`, with zeros where the stretch runs past the end.
"""

from dataclasses import dataclass

from convt_impl.arguments import Padding


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The kept stretch of the full scatter, and how the input reaches it."""

    input_length: int
    stride: int
    dilation: int
    left: int
    length: int

    def tap(self, k: int) -> tuple[slice, slice] | None:
        """Return the input samples that tap `k` carries into the kept stretch and the places where they land, or None."""
        offset = k * self.dilation - self.left
        first = max(0, _ceiling(-offset, self.stride))
        end = min(self.input_length, _ceiling(self.length - offset, self.stride))
        if first >= end:
            return None
        start = first * self.stride + offset
        stop = (end - 1) * self.stride + offset + 1
        return slice(first, end), slice(start, stop, self.stride)


def plan(
    *,
    input_length: int,
    kernel_length: int,
    stride: int,
    padding: Padding,
    output_padding: int,
    output_size: int | None,
    dilation: int,
) -> Plan:
    """Return the plan; only the right end moves with `output_padding` or `output_size`, the left crop never does."""
    extent = dilation * (kernel_length - 1) + 1
    if padding == "SAME":
        left = max(extent - stride, 0) // 2
        shortest = input_length * stride
    else:
        left = padding
        shortest = (input_length - 1) * stride - 2 * padding + extent
    if output_size is None:
        length = shortest + output_padding
    else:
        length = output_size
        _require_reachable(length, shortest, stride)
    if length < 1:
        raise ValueError(
            f"the output must have at least one sample, got an output length of {length} from input_length={input_length}, "
            f"kernel_length={kernel_length}, stride={stride}, padding={padding}, dilation={dilation}, output_padding={output_padding}"
        )
    return Plan(input_length=input_length, stride=stride, dilation=dilation, left=left, length=length)


def _require_reachable(output_size: int, shortest: int, stride: int) -> None:
    if not shortest <= output_size <= shortest + stride:
        raise ValueError(
            f"output_size must lie between the shortest length and stride more, "
            f"got output_size={output_size}, shortest length={shortest} and stride={stride}"
        )


def _ceiling(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)
