"""Values worked out by hand, and the documented example run as a program."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import convt_impl
from convt_impl import conv1d_transpose

RAMP = np.array([[[1, 2, 3, 4, 5]]], dtype=np.float32)
KERNEL = np.array([[[1, 10, 100]]], dtype=np.float32)
FULL = [1, 10, 102, 20, 203, 30, 304, 40, 405, 50, 500]

EXAMPLE = """\
import convt_impl as paddle
from convt_impl.nn import Conv1DTranspose

# shape: (1, 2, 4)
x = paddle.to_tensor([[[4, 0, 9, 7],
                    [8, 0, 9, 2]]], dtype="float32")
# shape: (2, 1, 2)
w = paddle.to_tensor([[[7, 0]],
                    [[4, 2]]], dtype="float32")

conv = Conv1DTranspose(2, 1, 2)
conv.weight.set_value(w)
y = conv(x)
print(y)
"""


def assert_samples(expected: list[int], **attributes: Any) -> None:
    actual = conv1d_transpose(RAMP, KERNEL, **attributes)
    np.testing.assert_array_equal(actual, np.array([[expected]], dtype=np.float32), strict=True)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        pytest.param({}, FULL, id="full"),
        pytest.param({"padding": "VALID"}, FULL, id="valid"),
        pytest.param({"padding": 1}, FULL[1:10], id="cropped"),
        pytest.param({"padding": 1, "output_padding": 1}, FULL[1:11], id="uncovers-real-sample"),
        pytest.param({"padding": 1, "output_padding": 2}, [*FULL[1:11], 0], id="output-padding-equal-to-stride"),
        pytest.param({"padding": 1, "output_size": 10}, FULL[1:11], id="output-size"),
        pytest.param({"output_padding": 2}, [*FULL, 0, 0], id="zeros-past-the-end"),
        pytest.param({"padding": "SAME"}, FULL[0:10], id="same"),
        pytest.param({"padding": "SAME", "output_padding": 2}, [*FULL, 0], id="same-with-output-padding"),
        pytest.param({"padding": 5}, FULL[5:6], id="one-sample-left"),
        pytest.param({"padding": 6, "output_padding": 2}, FULL[6:7], id="negative-shortest-length"),
    ],
)
def test_stretch_of_the_full_scatter(attributes: dict[str, Any], expected: list[int]) -> None:
    assert_samples(expected, stride=2, **attributes)


def test_same_counts_the_dilation() -> None:
    # Extent 5 against stride 2: three samples too many, one of them on the left.
    full = [1, 0, 12, 0, 123, 0, 234, 0, 345, 0, 450, 0, 500]
    assert_samples(full[1:11], stride=2, dilation=2, padding="SAME")


def test_same_with_a_stride_beyond_the_kernel_appends_zeros() -> None:
    expected = [sample for i in range(1, 6) for sample in (i, 10 * i, 100 * i, 0, 0)]
    assert_samples(expected, stride=5, padding="SAME")


def test_crop_beyond_the_full_scatter_leaves_zeros() -> None:
    # One input sample, extent 3, crop 4: the shortest length is -5, and the kept stretch starts after everything.
    actual = conv1d_transpose(RAMP[:, :, :1], KERNEL, np.array([7], dtype=np.float32), stride=8, padding=4, output_padding=8)
    np.testing.assert_array_equal(actual, np.full((1, 1, 3), 7, dtype=np.float32), strict=True)


def test_bias_is_added_past_the_end() -> None:
    actual = conv1d_transpose(RAMP, KERNEL, np.array([3], dtype=np.float32), stride=2, output_padding=1)
    np.testing.assert_array_equal(actual, np.array([[[*FULL, 0]]], dtype=np.float32) + np.float32(3), strict=True)


def test_groups_read_and_write_their_own_blocks() -> None:
    x = np.array([[[1], [2], [3], [4]]], dtype=np.float32)
    weight = np.array([[[1], [10], [100]], [[2], [20], [200]], [[3], [30], [300]], [[4], [40], [400]]], dtype=np.float32)
    actual = conv1d_transpose(x, weight, groups=2)
    np.testing.assert_array_equal(actual, np.array([[[5], [50], [500], [25], [250], [2500]]], dtype=np.float32), strict=True)


def test_documented_example_runs_as_a_program() -> None:
    parent = str(Path(convt_impl.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", EXAMPLE],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": parent},
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["[[[60.", "16.", "99.", "75.", "4.]]]"]
