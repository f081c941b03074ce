"""What there is to know of the terminal: whether it is one, how wide it is, and its colours."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from shufflenet_audit.text import printable

PIPED_WIDTH = 80
QUIET = "shufflenet_audit.quiet"


def width() -> int:
    """The columns of the terminal; 80 where the output goes somewhere else."""
    if not sys.stdout.isatty():
        return PIPED_WIDTH
    return max(shutil.get_terminal_size((PIPED_WIDTH, 24)).columns, 20)


def color() -> bool:
    """Whether the output may be in colours: only on a terminal, and not against NO_COLOR."""
    dumb = os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and not dumb


def is_quiet() -> bool:
    """Whether the command that runs was asked for no progress, by the option that many have."""
    context = click.get_current_context(silent=True)
    return bool(context and context.meta.get(QUIET))


@contextmanager
def working(what: str, *, quiet: bool) -> Iterator[None]:
    """Show that something is being done, on stderr, if that is a terminal."""
    if quiet or is_quiet() or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console  # noqa: PLC0415  (it takes a tenth of a second)
    from rich.text import Text  # noqa: PLC0415  (so does this)

    with Console(stderr=True).status(Text(printable(what))):
        yield
