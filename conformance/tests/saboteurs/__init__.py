"""Implementations that are wrong on purpose, in one way each, and right ones to compare them with."""

from saboteurs import of_arguments, of_lengths, of_refusals, of_values
from saboteurs.layer import Conv1DTranspose
from saboteurs.right import conv1d_transpose
from saboteurs.saboteur import Saboteur

CATALOGUE: tuple[Saboteur, ...] = (*of_arguments.SABOTEURS, *of_refusals.SABOTEURS, *of_values.SABOTEURS, *of_lengths.SABOTEURS)

__all__ = ["CATALOGUE", "Conv1DTranspose", "Saboteur", "conv1d_transpose"]
