"""The graph as parts that open one inside the other, so that a page need lay out only a few."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from math import ceil
from typing import Any

from shufflenet_audit.plugin import CostGraph, printable

MOST = 60
"""How many parts may stand side by side before they are gathered into larger ones."""

_TO = " … "

Part = tuple[str, int, int, list[Any]]
"""Name, first op, the op behind the last, and the parts inside, which are such again."""


def parts(graph: CostGraph) -> list[Part]:
    """
    The parts of a network, in the order in which they run.

    Each is a run of consecutive ops, so that what is gathered never forms a cycle. A part without
    parts inside opens into its ops.
    """
    blocks: list[Part] = []
    start = 0
    for block in graph.blocks():
        stop = start + len(block.ops)
        modules = [op.module for op in graph.ops[start:stop]]
        blocks.append((printable(block.name), start, stop, _inside(modules, start)))
        start = stop
    return _gathered(blocks, depth=1)


def _inside(modules: Sequence[str], start: int) -> list[Part]:
    """The parts of one block: none where its ops can stand side by side."""
    if len(modules) <= 2 * MOST:
        return []
    runs: list[Part] = []
    at = start
    for module, same in groupby(modules):
        left = len(list(same))
        while left:
            size = min(left, MOST)
            runs.append((printable(module), at, at + size, []))
            at, left = at + size, left - size
    return _gathered(runs, depth=1)


def _gathered(found: list[Part], *, depth: int) -> list[Part]:
    """The parts, gathered by the first names of their module paths, else in equal numbers."""
    if len(found) <= MOST:
        return found
    runs = [list(run) for _, run in groupby(found, key=lambda part: _prefix(part[0], depth))]
    if len(runs) == len(found) or depth > _deepest(found):
        return [_gather(run, "") for run in _chunks(found)]
    if len(runs) == 1:
        return _gathered(found, depth=depth + 1)
    larger = [_gather(run, _prefix(run[0][0], depth), depth) for run in runs]
    return larger if len(larger) <= MOST else [_gather(run, "") for run in _chunks(larger)]


def _gather(run: list[Part], name: str, depth: int = 0) -> Part:
    if len(run) == 1:
        return run[0]
    first, last = run[0], run[-1]
    inside = _gathered(run, depth=depth + 1) if len(run) > MOST else run
    return (name or _stretch(first[0], last[0]), first[1], last[2], inside)


def _stretch(first: str, last: str) -> str:
    """From where to where, also between parts that are such stretches themselves."""
    return f"{first.split(_TO, maxsplit=1)[0]}{_TO}{last.rsplit(_TO, maxsplit=1)[-1]}"


def _chunks(found: list[Part]) -> Iterator[list[Part]]:
    size = max(ceil(len(found) / MOST), 2)
    return (found[at : at + size] for at in range(0, len(found), size))


def _prefix(path: str, depth: int) -> str:
    return ".".join(path.split(".")[:depth])


def _deepest(found: list[Part]) -> int:
    return max(part[0].count(".") + 1 for part in found)
