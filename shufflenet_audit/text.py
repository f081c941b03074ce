"""Text that comes from a model, made harmless."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text on one line, with what would steer a terminal (newline, escape) spelled out."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )
