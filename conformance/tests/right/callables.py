"""Each member of the collection as a callable, so that `convt check right.callables:fft` judges it from this folder's parent."""

from __future__ import annotations

from typing import Any

from saboteurs.layer import LayerParts, layer
from saboteurs.right import Parts, function

from right.collection import COLLECTION


def entry(name: str) -> str:
    """The callable's name: a class where the implementation is a layer."""
    return "".join(map(str.capitalize, name.split("-"))) if isinstance(COLLECTION[name].parts, LayerParts) else name.replace("-", "_")


def callable_of(parts: Parts | LayerParts) -> Any:
    return layer(parts) if isinstance(parts, LayerParts) else function(parts)


globals().update({entry(name): callable_of(each.parts) for name, each in COLLECTION.items()})
