"""One module per subcommand: `add_arguments(parser)` is cheap, `run(options)` imports what it needs and returns the exit code."""
