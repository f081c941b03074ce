"""The error for an argument that a network is not defined for."""

from __future__ import annotations

from collections.abc import Iterable


def undefined(network: str, argument: str, value: object, defined: Iterable[float]) -> ValueError:
    """The line that says so, with the values that it is defined for."""
    return ValueError(
        f"{network} has no {argument}={value}, only {', '.join(f'{x:g}' for x in defined)}"
    )
