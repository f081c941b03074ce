"""What changes from one model to another, as sections of a page for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from shufflenet_audit.plugin import BlockPart, Change, ChangeKind, groups, wording

from .layout import TWO_COLUMNS, beside, plain, section, table, words

_COLORS = {
    ChangeKind.GAINED: "cyan",
    ChangeKind.LOST: "blue",
    ChangeKind.CHANGED: "yellow",
    ChangeKind.SAME: "dim",
}
"""Colours of ops: neither red nor green, since an op more is neither bad nor good."""

_FINDING_COLORS = {**_COLORS, ChangeKind.GAINED: "red", ChangeKind.LOST: "green"}
_MOST = 40
"""Rows of a table; further ones are counted."""


def sections(other: str, change: Change, width: int) -> Iterator[RenderableType]:
    """Ops, blocks and findings of the model with that letter, compared to the first."""
    half = width // 2 - 4 if width >= TWO_COLUMNS else width
    ops = section(f"Ops of {other} compared to A (those that run a kernel)", *_ops(change))
    yield beside((ops, section(f"Blocks of A and {other}", *_blocks(change, other, half))), width)
    counts = Counter(pair.fate for pair in change.findings)
    totals = ", ".join(f"{counts[fate]} {word}" for fate, word in wording.CHANGE_WORDS.items())
    title = f"Findings of {other} compared to A: {totals}"
    yield section(title, *_findings(change))


def _ops(change: Change) -> Iterator[RenderableType]:
    rows = table("", "", "ops>", "FLOPs>", "op by op>", "fused>")
    for row in groups.op_changes(change):
        costs = (wording.signed(row.macs), wording.signed(row.bytes, "B"),
                 wording.signed(row.bytes_fused, "B"))  # fmt: skip
        cells = ("unknown",) * 3 if row.unknown else costs
        rows.add_row(Text(row.fate, _COLORS[row.fate]), words(row.kind), str(row.ops), *cells)
    if rows.row_count:
        yield rows
    yield plain(
        "1 op is the same" if change.same == 1 else f"{change.same} ops are the same", "dim"
    )


def _blocks(change: Change, other: str, width: int) -> Iterator[RenderableType]:
    heads = (f"{name} {one}>" for name in ("FLOPs", "fused") for one in ("A", other))
    rows = table("", *heads, "fragments>")
    runs = tuple(groups.runs(change.blocks))
    for run in runs[:_MOST]:
        name = _fit(run.names, max(width - 52, 15))
        alike = f"×{len(run.pairs)}" if len(run.pairs) > 1 else ""
        rows.add_row(name, *_pair((run.pair.first, run.pair.second)), alike)
    yield rows
    left = sum(len(run.pairs) for run in runs[_MOST:])
    if left:
        yield plain(f"and {left} more blocks", "dim")


def _fit(names: Sequence[str], room: int) -> Text:
    """The names in a width of `room`; if there are two, each gets half of it."""
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
    shown = [group for group in groups.findings(change) if group.fate is not ChangeKind.SAME]
    for group in shown[:_MOST]:
        others = f" and {group.others}" if group.others else ""
        place = f"in {group.worst.where()}{others}"
        text = Text("\n").join((plain(group.worst.message), plain(place, "dim")))
        word = Text(wording.CHANGE_WORDS[group.fate], _FINDING_COLORS[group.fate])
        rows.add_row(word, plain(group.code), text, wording.saves(group.avoidable))
    if shown:
        yield rows
    left = sum(len(group.pairs) for group in shown[_MOST:])
    if left:
        yield plain(f"and {left} more findings", "dim")
