"""The error for an argument that a network is not defined for."""

from __future__ import annotations

from collections.abc import Iterable


def undefined(network: str, argument: str, value: object, defined: Iterable[float]) -> ValueError:
    """The error that names the argument and the values that the network is defined for."""
    return ValueError(
        f"{network} has no {argument}={value}, only {', '.join(f'{x:g}' for x in defined)}"
    )
