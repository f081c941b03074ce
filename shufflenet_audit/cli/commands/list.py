"""`audit list`: the models, rules and reports that there are, and the packs that bring them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from textwrap import TextWrapper
from typing import NamedTuple, TypeVar

import click

from shufflenet_audit.checking.rule import Rule
from shufflenet_audit.cli.shared import terminal
from shufflenet_audit.cli.shared.options import debug
from shufflenet_audit.cli.shared.output import show
from shufflenet_audit.discovery import BACKENDS, COMPARISONS, REPORTS, RULES, entries, load
from shufflenet_audit.errors import NotFoundError
from shufflenet_audit.latency.backend import Backend
from shufflenet_audit.results.report import Report
from shufflenet_audit.zoo import NETWORKS

T = TypeVar("T")


class What(StrEnum):
    """What can be listed."""

    MODELS = "models"
    RULES = "rules"
    REPORTS = "reports"
    COMPARISONS = "comparisons"
    BACKENDS = "backends"


class Row(NamedTuple):
    """A thing by name, the pack that brings it, and what it is."""

    name: str
    pack: str
    summary: str


@click.command(name="list")
@click.argument("what", type=click.Choice(What, case_sensitive=False))
@debug
def listing(what: What) -> int:
    """Show the models, rules, reports, … that are installed, and who brings them."""
    makers = {
        What.MODELS: _models,
        What.RULES: _rules,
        What.REPORTS: _reports,
        What.COMPARISONS: _comparisons,
        What.BACKENDS: _backends,
    }
    show("".join(f"{line}\n" for line in _lines(list(makers[what]()))))
    return 0


def _models() -> Iterator[Row]:
    for network in NETWORKS.values():
        variants = [name.removeprefix(network.name) for name in network.variants]
        also = f"; also {', '.join(variants)}" if variants else ""
        yield Row(network.name, "shufflenet-audit", network.summary + also)


def _rules() -> Iterator[Row]:
    return _installed(RULES, Rule, lambda rule: f"{rule.name}: {rule.summary}")


def _reports() -> Iterator[Row]:
    return _installed(REPORTS, Report, lambda report: f"{report.suffix}: {report.summary}")


def _comparisons() -> Iterator[Row]:
    return _installed(COMPARISONS, Report, lambda report: f"{report.suffix}: {report.summary}")


def _backends() -> Iterator[Row]:
    return _installed(BACKENDS, Backend, lambda backend: backend.summary)


def _installed(group: str, kind: type[T], summary: Callable[[T], str]) -> Iterator[Row]:
    """What entry points there are, those included that cannot be loaded."""
    for name, entry in entries(group).items():
        try:
            said = summary(load(entry, kind))
        except NotFoundError as error:
            said = str(error)
        yield Row(name, entry.dist.name if entry.dist else "", said)


def _lines(rows: Iterable[Row]) -> Iterator[str]:
    """The rows in columns; where a program reads them, each is one line."""
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    indent = sum(widths) + 4
    wide = terminal.width() if sys.stdout.isatty() else sys.maxsize
    wrapper = TextWrapper(max(wide, indent + 20), subsequent_indent=" " * indent)
    for name, brought_by, summary in rows:
        head = f"{name:{widths[0]}}  {brought_by:{widths[1]}}  "
        yield from wrapper.wrap(head + summary)
