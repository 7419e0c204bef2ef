"""1-D transposed convolution in NumPy, as a function and as a layer."""

from convt_impl.function import conv1d_transpose
from convt_impl.layer import Conv1DTranspose
from convt_impl.parameter import ParamAttr, Parameter
from convt_impl.tensor import to_tensor

__all__ = ["Conv1DTranspose", "ParamAttr", "Parameter", "conv1d_transpose", "to_tensor"]
