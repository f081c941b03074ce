"""What a word on the command line may become: for the completion of shells. Nothing is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _models(incomplete: str) -> Iterable[CompletionItem]:
    """Reference networks; and files, which the shell itself completes."""
    from shufflenet_audit.zoo import NETWORKS  # noqa: PLC0415  (only where a shell asks)

    yield CompletionItem(incomplete, type="file")
    for network in NETWORKS.values():
        yield CompletionItem(network.name, help=network.summary)
        yield from map(CompletionItem, network.variants)


def _installed(kind: str) -> Callable[[str], Iterable[CompletionItem]]:
    def names(_: str) -> Iterable[CompletionItem]:
        from shufflenet_audit import discovery  # noqa: PLC0415  (only where a shell asks)

        return map(CompletionItem, discovery.entries(getattr(discovery, kind)))

    return names


def _devices(_: str) -> Iterable[CompletionItem]:
    from shufflenet_audit.latency.predicting.device_names import folder, names  # noqa: PLC0415  (few ask for them)

    return map(CompletionItem, names(folder()))


def _completer(make: Callable[[str], Iterable[CompletionItem]]) -> Completer:
    def complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
        lower = incomplete.lower()
        found = make(incomplete)
        return [
            each for each in found if each.type == "file" or each.value.lower().startswith(lower)
        ]

    return complete


models = _completer(_models)
rules = _completer(_installed("RULES"))
reports = _completer(_installed("REPORTS"))
backends = _completer(_installed("BACKENDS"))
devices = _completer(_devices)
