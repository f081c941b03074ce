"""Flags that nearly every command has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from shufflenet_audit.cli.shared.terminal import QUIET

Command = TypeVar("Command", bound=Callable[..., Any])


def quiet(command: Command) -> Command:
    """Show no progress and no notes: whoever would show some asks `terminal.is_quiet`."""

    def keep(context: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001  (click's)
        context.meta[QUIET] = value

    return click.option(
        "--quiet", is_flag=True, expose_value=False, callback=keep,
        help="No progress and no notes on stderr.",
    )(command)  # fmt: skip


def debug(command: Command) -> Command:
    """Show the traceback of an error; `status` looks for it among the arguments itself."""
    return click.option(
        "--debug", is_flag=True, expose_value=False, help="Show the traceback of an error."
    )(command)
