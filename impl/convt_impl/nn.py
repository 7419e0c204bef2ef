"""The layer under the name by which the documented example imports it."""

from convt_impl.layer import Conv1DTranspose

__all__ = ["Conv1DTranspose"]
