"""The laws, as pytest modules: one per kind of clause. Each test is named for its clause and its claim."""

from __future__ import annotations

import importlib
import pkgutil

from convt_conformance.law import LAWS, Law
from convt_spec import clauses


def all_laws() -> list[Law]:
    """Every law, in the specification's order."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    order = list(clauses.inventory())
    return sorted(LAWS.values(), key=lambda law: order.index(law.clause))
