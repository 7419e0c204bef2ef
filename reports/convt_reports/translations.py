"""How many calls of each implementation have an equal one in each other, and how many of these were seen to give the same numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import index
from pathlib import Path
from typing import Any

import pandas as pd

from convt_reports.frames import frame
from convt_reports.load import published
from convt_reports.tables import Table

TRANSLATION_COLUMNS = {
    "source": "whose calls are drawn",
    "target": "into which they are translated",
    "problems": "calls drawn",
    "verified": "of these, calls whose translation gave the same numbers, those that the document's definition gives",
    "not_expressible": "calls for which the target has no equal one",
    "wrong": "translations that gave other numbers",
    "reason": "the reason that stands before most of those that are not expressible",
    "source_case": "the smallest call whose translation gave other numbers",
    "target_case": "that translation",
}
TYPES = dict.fromkeys(TRANSLATION_COLUMNS, "str") | dict.fromkeys(("problems", "verified", "not_expressible", "wrong"), "int64")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """An ordered pair of implementations, counted; the cases are empty where nothing is wrong."""

    source: str
    target: str
    problems: int
    verified: int
    not_expressible: int
    wrong: int
    reason: str
    source_case: str
    target_case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Translations:
    """What one run found; `versions` are those of the implementations that ran, in order, and `absent` says why others did not."""

    date: str
    seed: int
    versions: Mapping[str, str]
    absent: Mapping[str, str]
    pairs: tuple[Pair, ...]

    @property
    def verified(self) -> int:
        return sum(each.verified for each in self.pairs)

    @property
    def wrong(self) -> int:
        return sum(each.wrong for each in self.pairs)


def load_translations(path: Path) -> Translations:
    """What `nox -s translations` wrote; raises RecordError."""
    return published(path, "result of translations", "translations", translations_from)


def translations_from(value: Mapping[str, Any]) -> Translations:
    versions = {str(name): str(version) for name, version in value["versions"].items()}
    absent = {str(name): str(why) for name, why in value["absent"].items()}
    pairs = tuple(map(pair_from, value["cells"]))
    strange = next((name for each in pairs for name in (each.source, each.target) if name not in versions), None)
    if strange:
        raise ValueError(f"{strange} has no version")
    return Translations(date=str(value["date"]), seed=index(value["seed"]), versions=versions, absent=absent, pairs=pairs)


def pair_from(value: Mapping[str, Any]) -> Pair:
    wrong = value["wrong"] or {"count": 0, "source_case": "", "target_case": ""}
    problems, verified, lacking, count = (
        index(each) for each in (value["problems"], value["verified"], value["not_expressible"], wrong["count"])
    )
    if min(problems, verified, lacking, count) < 0 or verified + lacking + count != problems:
        raise ValueError(f"each call is verified, not expressible or wrong, got {dict(value)}")
    texts = {name: str(value[name]) for name in ("source", "target", "reason")}
    cases = {name: str(wrong[name]) for name in ("source_case", "target_case")}
    return Pair(**texts, **cases, problems=problems, verified=verified, not_expressible=lacking, wrong=count)


def translations_table(translations: Translations) -> Table:
    """The pairs among the report's tables; it is built of no records."""
    about = "Calls of each implementation, translated into each other and run in both."
    return Table(name="translations", about=about, columns=TRANSLATION_COLUMNS, build=lambda _: pair_table(translations))


def pair_table(translations: Translations) -> pd.DataFrame:
    """One row per ordered pair."""
    return frame([{name: getattr(each, name) for name in TRANSLATION_COLUMNS} for each in translations.pairs], TYPES)


def translation_matrix(translations: Translations) -> pd.DataFrame:
    """From (rows) into (columns): `verified/problems`, with what is wrong; empty on the diagonal."""
    cells = {(each.source, each.target): pair_text(each) for each in translations.pairs}
    names = list(translations.versions)
    rows = [{"from": source, **{target: cells.get((source, target), "") for target in names}} for source in names]
    return frame(rows, dict.fromkeys(("from", *names), "str"))


def pair_text(each: Pair) -> str:
    return f"{each.verified}/{each.problems}{f', {each.wrong} wrong' if each.wrong else ''}"
