"""The kill matrix as drawings: one per family, a row per saboteur, a column per law; lengths in pixels."""

from __future__ import annotations

from typing import Any

from convt_reports.kills import Kills, Saboteur

COLUMN, ROW, HEAD, SIDE = 10, 15, 34, 200
Row = dict[str, Any]


def charts(kills: Kills) -> list[Row]:
    """What the page needs to draw each family."""
    return [chart(kills, family, members) for family, members in kills.families.items()]


def chart(kills: Kills, family: str, members: list[Saboteur]) -> Row:
    rows = [row(kills, each, HEAD + ROW * number) for number, each in enumerate(members)]
    size = {"width": SIDE + COLUMN * len(kills.laws) + 4, "height": HEAD + ROW * len(members) + 2}
    return {"family": family, "rows": rows, "columns": columns(kills), "head": HEAD, "side": SIDE, "step": ROW, **size}


def columns(kills: Kills) -> list[Row]:
    """Where the name of each law stands; `first` marks those that begin another letter."""
    before = ["", *(clause for _, clause in kills.laws)]
    lefts = [SIDE + COLUMN * number for number in range(len(kills.laws))]
    return [
        {"law": law, "clause": clause, "left": left, "at": left + COLUMN - 2, "first": clause[0] != before[number][:1]}
        for number, ((law, clause), left) in enumerate(zip(kills.laws, lefts, strict=True))
    ]


def row(kills: Kills, each: Saboteur, top: int) -> Row:
    """A saboteur's line: a square for each law that finds it."""
    there = [SIDE + COLUMN * number for number, (law, _) in enumerate(kills.laws) if law in each.killed_by]
    path = "".join(f"M{left + 1} {top + 3}h8v9h-8z" for left in there)
    alone = each.killed_by[0] if len(each.killed_by) == 1 else ""
    said = {"name": each.name, "wrong": each.wrong, "case": each.smallest["case"] if each.smallest else ""}
    return {**said, "top": top, "path": path, "look": "alone" if alone else "shared", "alone": alone, "count": len(each.killed_by)}
