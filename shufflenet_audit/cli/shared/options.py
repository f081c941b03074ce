"""Options that several commands have, each group of them packed into one typed value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from shufflenet_audit.cli.shared import completions
from shufflenet_audit.results.violation import FailOn

Command = TypeVar("Command", bound=Callable[..., Any])
Decorator = Callable[[Command], Command]


def packed(
    name: str, kind: type[Any], *options: Callable[[Any], Any]
) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Give a command these options as one value: `name` of the dataclass `kind`."""
    own = tuple(field.name for field in fields(kind))

    def decorated(command: Callable[..., int]) -> Callable[..., int]:
        @wraps(command)
        def packing(**values: Any) -> int:
            taken = {key: values.pop(key) for key in own if key in values}
            return command(**{name: kind(**taken)}, **values)

        for option in reversed(options):
            packing = option(packing)
        return packing

    return decorated


@dataclass(frozen=True, slots=True)
class Output:
    """In which form the result comes out, and where."""

    form: str | None
    """The name of a report; None: what the suffix of the file says, or the terminal's."""
    file: Path | None
    """The file that the report goes to; None: stdout."""
    long: bool = False
    """Whether to write the long form of a report that has one."""


@dataclass(frozen=True, slots=True)
class RuleChoice:
    """Which rules are checked."""

    only: tuple[str, ...]
    """Codes or names of the rules to check; empty: all that are on."""
    ignored: tuple[str, ...]
    """Codes or names of rules to leave out."""


def output_file(help_text: str = "Where the report goes; its suffix says the format.") -> Decorator:  # type: ignore[type-arg]  # any command
    """The file that a command writes."""
    return click.option(
        "-o", "--output", "file", metavar="FILE", type=click.Path(path_type=Path), help=help_text
    )


_form = click.option(
    "--format", "form", metavar="NAME", shell_complete=completions.reports,
    help="The report (audit list reports).",
)  # fmt: skip
_long = click.option("--long", is_flag=True, help="A document instead of a summary (markdown).")

output = packed("output", Output, _form, output_file())
long_output = packed("output", Output, _form, output_file(), _long)

which_rules = packed(
    "rules",
    RuleChoice,
    click.option(
        "--rule", "only", metavar="CODE", multiple=True, shell_complete=completions.rules,
        help="Check only this rule; repeatable.",
    ),
    click.option(
        "--ignore", "ignored", metavar="CODE", multiple=True, shell_complete=completions.rules,
        help="Leave this rule out; repeatable.",
    ),
)  # fmt: skip


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


def seconds(default: float, help_text: str) -> Callable[[Command], Command]:
    """How long to measure."""
    return click.option(
        "--seconds", type=click.FloatRange(0), default=default, show_default=True, help=help_text
    )


def threads(command: Command) -> Command:
    """How many threads the runtime may use."""
    return click.option(
        "--threads", type=click.IntRange(1), default=1, show_default=True,
        help="Threads of the runtime.",
    )(command)  # fmt: skip
