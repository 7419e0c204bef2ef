"""The same call in another implementation, or why there is none."""
