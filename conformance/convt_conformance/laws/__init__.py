"""The laws, as pytest modules: one per kind of clause. Each test is named for its clause and its claim."""
