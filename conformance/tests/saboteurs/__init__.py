"""Implementations that are wrong on purpose, in one way each, and right ones to compare them with."""

from saboteurs import (
    of_arguments,
    of_calls,
    of_corners,
    of_defaults,
    of_forms,
    of_lengths,
    of_memory,
    of_numbers,
    of_ranges,
    of_refusals,
    of_regions,
    of_rims,
    of_shapes,
    of_sizes,
    of_state,
    of_structure,
    of_values,
)
from saboteurs.layer import Conv1DTranspose
from saboteurs.readings import FOLLOWERS
from saboteurs.right import conv1d_transpose
from saboteurs.saboteur import Saboteur, family, implementation

CATALOGUE: tuple[Saboteur, ...] = (
    *of_arguments.SABOTEURS,
    *of_refusals.SABOTEURS,
    *of_values.SABOTEURS,
    *of_lengths.SABOTEURS,
    *of_rims.SABOTEURS,
    *of_corners.SABOTEURS,
    *of_regions.SABOTEURS,
    *of_defaults.SABOTEURS,
    *of_ranges.SABOTEURS,
    *of_shapes.SABOTEURS,
    *of_calls.SABOTEURS,
    *of_forms.SABOTEURS,
    *family("geometry", *of_sizes.SABOTEURS),
    *family("arithmetic", *of_numbers.SABOTEURS),
    *family("arithmetic", *of_structure.SABOTEURS),
    *family("memory", *of_memory.SABOTEURS),
    *family("state", *of_state.SABOTEURS),
)

__all__ = ["CATALOGUE", "FOLLOWERS", "Conv1DTranspose", "Saboteur", "conv1d_transpose", "implementation"]
