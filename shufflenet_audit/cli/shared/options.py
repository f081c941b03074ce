"""Options that more than one command has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from shufflenet_audit.cli.shared import completions
from shufflenet_audit.cli.shared.terminal import QUIET
from shufflenet_audit.results.audit import Audit
from shufflenet_audit.results.violation import FailOn, violations

Command = TypeVar("Command", bound=Callable[..., Any])


def output(command: Command) -> Command:
    """Say in which form the audit comes out, and where."""
    form = click.option(
        "--format", "form", metavar="NAME", shell_complete=completions.reports,
        help="The report (audit list reports).",
    )  # fmt: skip
    file = click.option(
        "-o", "--output", "file", metavar="FILE", type=click.Path(path_type=Path),
        help="Where the report goes; its suffix says the format.",
    )  # fmt: skip
    return form(file(command))


def long(command: Command) -> Command:
    """Ask for the long form of a report that has one."""
    return click.option(
        "--long", "at_length", is_flag=True,
        help="A document instead of a summary (markdown).",
    )(command)  # fmt: skip


def which_rules(command: Command) -> Command:
    """Check some of the rules alone."""
    only = click.option(
        "--rule", "only", metavar="CODE", multiple=True, shell_complete=completions.rules,
        help="Check only this rule; repeatable.",
    )  # fmt: skip
    ignored = click.option(
        "--ignore", "ignored", metavar="CODE", multiple=True, shell_complete=completions.rules,
        help="Leave this rule out; repeatable.",
    )  # fmt: skip
    return only(ignored(command))


def on_device(command: Command) -> Command:
    """Predict times instead of measuring them."""
    return click.option(
        "--on", "device", metavar="DEVICE", shell_complete=completions.devices,
        help="Predict the time on a device (audit devices).",
    )(command)  # fmt: skip


def fail_on(default: FailOn | None) -> Callable[[Command], Command]:
    """Say which verdicts count as a violation; without a default, the configuration says so."""
    return click.option(
        "--fail-on", "threshold", type=click.Choice(FailOn, case_sensitive=False),
        default=default, show_default=default or "error, or as configured",
        help="The verdicts that exit with status 1.",
    )  # fmt: skip


def quiet(command: Command) -> Command:
    """Show no progress: whoever would show some asks `terminal.is_quiet`."""

    def keep(context: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001  (click's)
        context.meta[QUIET] = value

    return click.option(
        "--quiet", is_flag=True, expose_value=False, callback=keep, help="No progress on stderr."
    )(command)


def debug(command: Command) -> Command:
    """Show the traceback of an error; `status` looks for it among the arguments itself."""
    return click.option(
        "--debug", is_flag=True, expose_value=False, help="Show the traceback of an error."
    )(command)


def exit_status(audit: Audit, threshold: FailOn) -> int:
    """2 if a rule or a cost handler crashed, 1 if there is a violation that counts, else 0."""
    return 2 if audit.crashed else int(any(violations(audit, threshold)))
