"""`audit fix`: the network rewritten, with the same outputs for less."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shufflenet_audit.cli.shared.flags import debug, quiet
from shufflenet_audit.cli.shared.model_argument import ModelArgument, model_argument
from shufflenet_audit.cli.shared.options import output_file
from shufflenet_audit.cli.shared.output import check_writable, show
from shufflenet_audit.cli.shared.terminal import working
from shufflenet_audit.pipeline.fix import fix_loaded
from shufflenet_audit.text import counted

if TYPE_CHECKING:  # importing torch takes seconds, and `audit --help` must not wait for it
    from shufflenet_audit.fixing import Change, Fixed, Refusal


_NAMED = 2
"""Modules that are named for a change: the rest is in the library's result."""


@click.command()
@model_argument
@click.option(
    "--exact",
    is_flag=True,
    default=True,
    help="Only what gives the same outputs: the one kind of change that there is so far.",
)
@output_file("Write the fixed network there: fixed.pt2 or fixed.onnx.")
@quiet
@debug
def fix(model: ModelArgument, file: Path | None, *, exact: bool) -> int:
    """
    Rewrite a network so that it gives the same outputs for less.

    Batch norms, parallel branches, shuffles and more are folded into weights. Every change is
    checked by running both networks. Without -o nothing is written.
    """
    del exact
    if file:
        check_writable(file)
    with working(f"fixing {model.model}"):
        fixed = fix_loaded(model.load())
        if file:
            fixed.save(file)
    show("".join(f"{line}\n" for line in _lines(fixed, file)))
    return 0


def _lines(fixed: Fixed, file: Path | None) -> Iterator[str]:
    yield from _totals(fixed)
    yield ""
    changes: dict[str, list[Change]] = {}
    for change in fixed.changes:
        changes.setdefault(change.rewrite, []).append(change)
    for name, alike in changes.items():
        yield from _changes(name, alike)
    yield from _refusals(fixed.refusals)
    yield from _checked(fixed)
    if file:
        yield f"written to {file}"


def _totals(fixed: Fixed) -> Iterator[str]:
    before, after = fixed.before.total, fixed.after.total
    for what, old, new in (
        ("multiply–adds", before.macs, after.macs),
        ("memory access, fused (bytes)", before.bytes_fused, after.bytes_fused),
        ("memory access, op by op (bytes)", before.bytes, after.bytes),
        ("kernels", before.launches, after.launches),
        ("parameters", before.params, after.params),
    ):
        yield f"{what:32}{old:>16,} → {new:,}"


def _changes(name: str, alike: list[Change]) -> Iterator[str]:
    kernels = sum(change.before.kernels - change.after.kernels for change in alike)
    change_of = "fewer" if kernels >= 0 else "more"
    yield f"{name} ({alike[0].word}) × {len(alike)}, {counted(abs(kernels), 'kernel')} {change_of}"
    ((sentence, count),) = Counter(change.sentence for change in alike).most_common(1)
    first = next(change for change in alike if change.sentence == sentence)
    line = next(iter(first.place.sources), None)
    where = ", ".join(filter(None, (_named(first.place.modules), str(line or ""))))
    more = f" and {len(alike) - count} like it" if count < len(alike) else ""
    yield f"    {sentence}{more}; first: {where}" if where else f"    {sentence}{more}"


def _named(modules: tuple[str, ...]) -> str:
    """The first modules of a place, and how many others there are."""
    named = " + ".join(modules[:_NAMED])
    others = len(modules) - _NAMED
    return f"{named} and {others} more" if others > 0 else named


def _refusals(refusals: tuple[Refusal, ...]) -> Iterator[str]:
    for (name, reason), count in Counter((r.rewrite, r.reason) for r in refusals).most_common():
        yield f"not done: {name} × {count}"
        yield f"    {reason}"


def _checked(fixed: Fixed) -> Iterator[str]:
    check = fixed.check
    yield ""
    batches = " and ".join(map(str, check.batches))
    yield (
        f"checked on {check.inputs} inputs of batch {batches}: outputs differ by"
        f" {check.relative:.1e} of the largest ({check.tolerance:.0e} is allowed)"
    )
    if check.relative_wide is not None:
        yield f"in float64 by {check.relative_wide:.1e} ({check.tolerance_wide:.0e} is allowed)"
    if check.note:
        yield check.note
