"""Several threads at one result."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, as_completed

import numpy as np
from saboteurs.right import Arguments, Array
from saboteurs.right import scatter as whole_scatter

from right.sums import Scatter

THREADS = 4


def shared_sum(x: Array, weight: Array, a: Arguments) -> Array:
    """Each thread takes some of a group's channels and adds its part to the sum when it is done, whoever comes first."""
    rows = x.shape[1] // a.groups
    channel = np.arange(x.shape[1]) % rows
    full, lock = np.zeros(full_shape(x, weight, a), x.dtype), threading.Lock()

    def add(mine: int) -> None:
        chosen = channel % THREADS == mine
        part = whole_scatter(x[:, chosen], weight[chosen], a)
        with lock:
            np.add(full, part, out=full)

    workers = [threading.Thread(target=add, args=(mine,)) for mine in range(min(THREADS, rows))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return full


def full_shape(x: Array, weight: Array, a: Arguments) -> tuple[int, int, int]:
    return x.shape[0], weight.shape[1] * a.groups, (x.shape[2] - 1) * a.stride + a.dilation * (weight.shape[2] - 1) + 1


def pooled() -> Scatter:
    """A pool that outlives the calls; it sums over the taps, each part added as it is finished."""
    pool = ThreadPoolExecutor(THREADS)

    def full(x: Array, weight: Array, a: Arguments) -> Array:
        total = np.zeros(full_shape(x, weight, a), x.dtype)
        tasks = {pool.submit(whole_scatter, x, weight[..., k : k + 1], a): k for k in range(weight.shape[2])}
        for done in as_completed(tasks):
            start = tasks[done] * a.dilation
            part = done.result()
            total[..., start : start + part.shape[2]] += part
        return total

    return full
