"""What a word on the command line may become: for the completion of shells. Nothing is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

from shufflenet_audit.discovery import BACKENDS, REPORTS, RULES, entries
from shufflenet_audit.errors import AuditError
from shufflenet_audit.zoo import NETWORKS

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _models(incomplete: str) -> Iterable[CompletionItem]:
    """Reference networks; and files, which the shell itself completes."""
    yield CompletionItem(incomplete, type="file")
    for network in NETWORKS.values():
        yield CompletionItem(network.name, help=network.summary)
        yield from map(CompletionItem, network.variants)


def _installed(group: str) -> Callable[[str], Iterable[CompletionItem]]:
    return lambda _: map(CompletionItem, entries(group))


def _devices(_: str) -> Iterable[CompletionItem]:
    from shufflenet_audit.latency.predicting.devices import devices, folder  # noqa: PLC0415  (few ask for them)

    try:
        return map(CompletionItem, devices(folder()))
    except AuditError:
        return ()


def _completer(make: Callable[[str], Iterable[CompletionItem]]) -> Completer:
    def complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
        lower = incomplete.lower()
        found = make(incomplete)
        return [
            each for each in found if each.type == "file" or each.value.lower().startswith(lower)
        ]

    return complete


models = _completer(_models)
rules = _completer(_installed(RULES))
reports = _completer(_installed(REPORTS))
backends = _completer(_installed(BACKENDS))
devices = _completer(_devices)
