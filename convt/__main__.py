"""`python -m convt`."""

from convt.command import script

script()
