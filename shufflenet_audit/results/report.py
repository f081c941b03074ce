"""A report: a form of an audit that a person or a program reads."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Report:
    """
    A form of an audit that a person or a program reads.

    `render` gives text, or the bytes of a file that is no text.
    """

    name: str
    suffix: str
    render: Callable[..., Any]

    @property
    def summary(self) -> str:
        """The first line of its documentation."""
        return (inspect.getdoc(self.render) or "").partition("\n")[0]


def report(name: str, *, suffix: str) -> Callable[[Callable[..., str | bytes]], Report]:
    """Make a report of a function from an audit to text, or to bytes."""
    return lambda render: Report(name, suffix, render)
