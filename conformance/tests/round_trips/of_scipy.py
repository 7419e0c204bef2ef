"""SciPy and NumPy: upfirdn(h, x, up) for each pair of channels, convolve(a, v) of rows with zeros in them; their results are summed.

The rows that went into each number of the result tell input, kernel, stride and dilation; slices and sums of the result tell the rest.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from convt_conformance.adapters.scipy import LACKS, SciPyAdapter
from round_trips.recording import Fake, Log
from round_trips.sent import Sent, one

Array = npt.NDArray[Any]
LOG = Log()


class Row(Fake):
    """A row of the result, or all of them: what is added to it is logged, and how it is cut."""

    def __call__(self, *args: Any, **kwargs: Any) -> Row:
        super().__call__(*args, **kwargs)
        return Row(self.log_, self.path_, self.log_.calls[-1])

    def __getattr__(self, name: str) -> Any:
        found = super().__getattr__(name)
        return Row(found.log_, found.path_) if isinstance(found, Fake) else found

    def __add__(self, other: Any) -> Row:
        return self.added(other)

    __radd__ = __add__

    def added(self, other: Any) -> Row:
        if isinstance(other, np.ndarray):
            return Row(self.log_, "added")(other)
        return self if isinstance(other, int) and other == 0 else Row(self.log_, "pair")(self, other)

    def __getitem__(self, index: Any) -> Row:
        return Row(self.log_, "cut")(index)


class Spread(np.ndarray[Any, np.dtype[Any]]):
    """An array of zeros that remembers how far apart the numbers are that were put in."""

    step = 1

    def __array_finalize__(self, found: Any) -> None:
        self.step = getattr(found, "step", 1)

    def __setitem__(self, index: Any, value: Any) -> None:
        super().__setitem__(index, value)
        self.step = index[-1].step


class NumPy(Row):
    """NumPy without its sums."""

    @staticmethod
    def zeros(shape: Any, dtype: Any) -> Spread:
        return np.zeros(shape, dtype).view(Spread)


ADAPTERS = {f"scipy:{variant}": SciPyAdapter(variant, NumPy(LOG, "np"), Row(LOG, "scipy")) for variant in LACKS}


def read(log: Log) -> Sent:
    stack = log.only("np.stack")
    if any(call.path == "scipy.signal.upfirdn" for call in log.calls):
        assert stack.kwargs == {"axis": 1}
        rows = [terms_of(row) for row in stack.args[0]]
        x = np.stack([call.args[1] for call in rows[0]], axis=1)
        weight = np.stack([[call.args[0] for call in row] for row in rows], axis=1)
        return sent(log, x, weight, stride=one([*{call.kwargs.get("up", 1) for row in rows for call in row}]))
    items = [[terms_of(row) for row in item] for item in stack.args[0]]
    x, stride = closed([[call.args[0] for call in item[0]] for item in items])
    taps, dilation = closed([[call.args[1] for call in row] for row in items[0]])
    return sent(log, x, taps.swapaxes(0, 1), stride=stride, dilation=dilation)


def sent(log: Log, x: Array, weight: Array, **numbers: int) -> Sent:
    return Sent(x=x, weight=weight, bias=bias(log), padding=crop(log), **numbers)


def closed(rows: list[list[Array]]) -> tuple[Array, int]:
    """The numbers without the zeros between them, and how far apart they were."""
    step: int = getattr(rows[0][0], "step", 1)
    whole: Array = np.array(rows)
    assert whole.shape[2] % step == 1 % step
    return whole[:, :, ::step], step


def terms_of(row: Row) -> list[Any]:
    """The calls whose results were added up."""
    call = row.made_by
    assert call
    return [each for part in call.args for each in terms_of(part)] if call.path == "pair" else [call]


def bias(log: Log) -> Array | None:
    added = [call.args[0] for call in log.calls if call.path == "added"]
    assert all(each.shape[1:] == (1,) for each in added)
    return added[0][:, 0] if added else None


def crop(log: Log) -> tuple[int, int]:
    cuts = [call.args[0] for call in log.calls if call.path == "cut"]
    for batch, channels, time in cuts:
        assert batch == channels == slice(None)
        return time.start, -time.stop
    return 0, 0
