"""Implementations that are wrong on purpose, in one way each, and right ones to compare them with."""

from saboteurs import of_arguments, of_lengths, of_memory, of_numbers, of_refusals, of_rims, of_sizes, of_state, of_values
from saboteurs.layer import Conv1DTranspose
from saboteurs.readings import FOLLOWERS
from saboteurs.right import conv1d_transpose
from saboteurs.saboteur import Saboteur, implementation

CATALOGUE: tuple[Saboteur, ...] = (
    *of_arguments.SABOTEURS,
    *of_refusals.SABOTEURS,
    *of_values.SABOTEURS,
    *of_lengths.SABOTEURS,
    *of_rims.SABOTEURS,
    *of_numbers.SABOTEURS,
    *of_memory.SABOTEURS,
    *of_state.SABOTEURS,
    *of_sizes.SABOTEURS,
)
UNSEEN = of_rims.UNSEEN

__all__ = ["CATALOGUE", "FOLLOWERS", "UNSEEN", "Conv1DTranspose", "Saboteur", "conv1d_transpose", "implementation"]
