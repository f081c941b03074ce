"""What one model gained and lost, as sections of a page for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from shufflenet_audit.plugin import BlockPart, Change, Fate, groups, wording

from .layout import TWO_COLUMNS, beside, plain, section, table, words

_COLORS = {Fate.GAINED: "green", Fate.LOST: "red", Fate.CHANGED: "yellow", Fate.SAME: "dim"}
_FOUND_COLORS = {**_COLORS, Fate.GAINED: "red", Fate.LOST: "green"}
_MOST = 40
"""Rows of a table; what is behind them is counted."""


def sections(other: str, change: Change, width: int) -> Iterator[RenderableType]:
    """Ops, blocks and findings of the model of that letter, compared to the first."""
    half = width // 2 - 4 if width >= TWO_COLUMNS else width
    ops = section(f"What {other} gained and lost, in ops that run a kernel", *_ops(change))
    yield beside((ops, section(f"Blocks of A and {other}", *_blocks(change, other, half))), width)
    counts = Counter(pair.fate for pair in change.findings)
    told = ", ".join(f"{counts[fate]} {word}" for fate, word in wording.FATES.items())
    title = f"Findings of {other} compared to A: {told}"
    yield section(title, *_findings(change))


def _ops(change: Change) -> Iterator[RenderableType]:
    rows = table("", "", "ops>", "FLOPs>", "op by op>", "fused>")
    for each in groups.shifts(change):
        costs = (wording.signed(each.macs), wording.signed(each.bytes, "B"),
                 wording.signed(each.bytes_fused, "B"))  # fmt: skip
        shown = ("unknown",) * 3 if each.unknown else costs
        fate = Text(each.fate, _COLORS[each.fate])
        rows.add_row(fate, words(each.kind), str(each.ops), *shown)
    if rows.row_count:
        yield rows
    yield plain(f"{change.same} ops are the same", "dim")


def _blocks(change: Change, other: str, width: int) -> Iterator[RenderableType]:
    heads = (f"{name} {one}>" for name in ("FLOPs", "fused") for one in ("A", other))
    rows = table("", *heads, "fragments>")
    found = tuple(groups.runs(change.blocks))
    for run in found[:_MOST]:
        name = _fit(run.names, max(width - 52, 15))
        alike = f"×{len(run.pairs)}" if len(run.pairs) > 1 else ""
        rows.add_row(name, *_pair((run.pair.first, run.pair.second)), alike)
    yield rows
    left = sum(len(run.pairs) for run in found[_MOST:])
    if left:
        yield plain(f"and {left} more blocks", "dim")


def _fit(names: Sequence[str], room: int) -> Text:
    """The names in so many columns; where there are two, each has its half."""
    texts = [plain(name) for name in names]
    if sum(map(len, names)) + 3 * len(names) - 3 > room:
        for text in texts:
            text.truncate((room - 3 * len(names) + 3) // len(names), overflow="ellipsis")
    return Text(" / ").join(texts)


def _pair(parts: Sequence[BlockPart | None]) -> Iterator[str]:
    absent = wording.ABSENT
    yield from (wording.quantity(part.totals.macs) if part else absent for part in parts)
    yield from (
        wording.quantity(part.totals.bytes_fused, "B") if part else absent for part in parts
    )
    yield " → ".join(str(part.fragments) if part else absent for part in parts)


def _findings(change: Change) -> Iterator[RenderableType]:
    rows = table("", "", "", "saves>")
    found = [each for each in groups.findings(change) if each.fate is not Fate.SAME]
    for each in found[:_MOST]:
        others = f" and {each.others}" if each.others else ""
        place = f"in {each.worst.where()}{others}"
        said = Text("\n").join((plain(each.worst.message), plain(place, "dim")))
        fate = Text(wording.FATES[each.fate], _FOUND_COLORS[each.fate])
        rows.add_row(fate, plain(each.code), said, wording.saves(each.avoidable))
    if found:
        yield rows
    left = sum(len(each.pairs) for each in found[_MOST:])
    if left:
        yield plain(f"and {left} more findings", "dim")
