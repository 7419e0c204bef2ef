"""One hypothesis profile: the same examples in every run, no clock, nothing kept."""

from hypothesis import settings

settings.register_profile("spec", deadline=None, derandomize=True, database=None)
settings.load_profile("spec")
