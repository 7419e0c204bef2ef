"""Does an implementation do what the specification says: workers, adapters, strategies, laws, judge and records."""
