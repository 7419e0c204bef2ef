"""The collection by name, with what each follows where that is not our reading."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from saboteurs.layer import LayerParts
from saboteurs.right import RIGHT, Parts
from saboteurs.saboteur import layered

from right import manners, orders, readings, sums, threads, transforms
from right.sums import OneGroup, Scatter, by_groups

TRANSFORM = {"V7": "transform", "V8": "spread"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """A right implementation, and the readings that it follows where they are not ours; several where no case can tell."""

    parts: Parts | LayerParts
    follows: dict[str, str] = field(default_factory=dict)


def computed(scatter: Scatter, parts: Parts = RIGHT) -> Parts:
    """An implementation with another arithmetic."""
    return replace(parts, scatter=scatter)


def grouped(one_group: OneGroup, parts: Parts = RIGHT) -> Parts:
    """An implementation with another arithmetic for each group."""
    return computed(by_groups(one_group), parts)


COLLECTION = {
    "plain": Right(parts=RIGHT),
    "plain-layer": Right(parts=LayerParts()),
    "scatter": Right(parts=grouped(sums.scatter)),
    "gather": Right(parts=grouped(sums.gather)),
    "matrix": Right(parts=grouped(sums.matrix)),
    "polyphase": Right(parts=grouped(sums.polyphase)),
    "polyphase-layer": Right(parts=layered(grouped(sums.polyphase))),
    "zero-insertion": Right(parts=grouped(sums.zero_insertion)),
    "einsum": Right(parts=grouped(sums.einsum)),
    "tensordot": Right(parts=grouped(sums.tensordot)),
    "pairwise": Right(parts=grouped(orders.added(orders.pairwise))),
    "kahan": Right(parts=grouped(orders.added(orders.kahan))),
    "neumaier": Right(parts=grouped(orders.added(orders.neumaier))),
    "backwards": Right(parts=grouped(orders.added(orders.backwards))),
    "shuffled": Right(parts=grouped(orders.added(orders.shuffled()))),
    "wide-sums": Right(parts=computed(orders.wide)),
    "blocks-of-64": Right(parts=computed(orders.blocks(64))),
    "blocks-of-128": Right(parts=grouped(orders.overlapping(128))),
    "blocks-layer": Right(parts=layered(replace(computed(orders.blocks(64)), result=manners.contiguous))),
    "fft": Right(parts=grouped(transforms.fft(float)), follows=TRANSFORM),
    "fft-layer": Right(parts=layered(grouped(transforms.fft(float))), follows=TRANSFORM),
    "fft-of-any-length": Right(parts=grouped(transforms.fft(float, size=lambda samples: samples)), follows=TRANSFORM),
    "fft-in-the-dtype": Right(parts=grouped(transforms.fft(None)), follows=TRANSFORM),
    "karatsuba": Right(parts=grouped(transforms.karatsuba), follows=TRANSFORM),
    "threads": Right(parts=computed(threads.shared_sum)),
    "thread-pool": Right(parts=computed(threads.pooled())),
    "thread-pool-layer": Right(parts=layered(computed(threads.pooled()))),
    "read-only": Right(parts=replace(RIGHT, result=manners.read_only)),
    "view": Right(parts=replace(RIGHT, result=manners.view)),
    "noisy": Right(parts=computed(manners.noisy)),
    "slow-first": Right(parts=computed(manners.slow_first(1.0))),
    "mixed-readings": Right(parts=grouped(sums.gather, readings.MIXED), follows=readings.MIXED_FOLLOWS),
    "wide-readings": Right(parts=layered(grouped(sums.matrix, readings.WIDE)), follows=readings.WIDE_FOLLOWS),
    "cautious": Right(parts=readings.CAUTIOUS, follows=readings.CAUTIOUS_FOLLOWS),
    "cautious-layer": Right(parts=readings.CAUTIOUS_LAYER, follows=readings.CAUTIOUS_LAYER_FOLLOWS),
    "generous": Right(parts=readings.GENEROUS, follows=readings.GENEROUS_FOLLOWS),
    "generous-layer": Right(parts=layered(readings.GENEROUS), follows=readings.GENEROUS_FOLLOWS),
}
