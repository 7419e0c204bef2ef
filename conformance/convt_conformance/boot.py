"""Starts the worker in any interpreter: makes only our own packages importable, from folders named on the command line.

Arguments: NAME=FOLDER for each package. Nothing else of the runner's environment leaks into the implementation's.
"""

import importlib.util
import sys


def expose(name: str, folder: str) -> None:
    """Import the package `name` from `folder` without putting anything on the path."""
    spec = importlib.util.spec_from_file_location(name, folder + "/__init__.py", submodule_search_locations=[folder])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


if __name__ == "__main__":
    packages = [argument.split("=", 1) for argument in sys.argv[1:]]
    sys.path.pop(0)
    sys.argv[1:] = []
    for name, folder in packages:
        expose(name, folder)
    from convt_conformance.worker import main

    main()
