"""The exit status: 0 every guideline holds, 1 one is violated, 2 it could not be judged."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from shufflenet_audit.cli.main import commands
from shufflenet_audit.cli.shared.output import complain
from shufflenet_audit.errors import AuditError, ConfigError

UNJUDGED = 2


def status(arguments: Sequence[str]) -> int:
    """Do what the arguments say; whatever goes wrong is said in one line on stderr."""
    if not _is_somewhere():
        complain("the current folder has been deleted: change to another")
        return UNJUDGED
    try:
        return int(commands.main(list(arguments), "audit", standalone_mode=False) or 0)
    except (click.Abort, KeyboardInterrupt):
        complain("interrupted")
    except Exception as error:  # noqa: BLE001  (a bug must not look like a violated guideline)
        _explain(error, debug="--debug" in arguments)
    return UNJUDGED


def _explain(error: Exception, *, debug: bool) -> None:
    match error:
        case click.exceptions.NoArgsIsHelpError():
            error.show()
        case click.ClickException():
            complain(_lower(error.format_message()))
        case AuditError():
            if debug:
                traceback.print_exception(error)
            _complain_of(error)
        case _:
            if debug:
                traceback.print_exception(error)
            complain(_unforeseen(error, debug=debug))


def _complain_of(error: AuditError) -> None:
    for mistake in error.mistakes if isinstance(error, ConfigError) else (str(error),):
        complain(mistake)


def _unforeseen(error: Exception, *, debug: bool) -> str:
    said = f"{type(error).__name__}: {error}".rstrip(": ")
    again = "report it with the lines above" if debug else "run again with --debug, and report it"
    return f"this is a bug in shufflenet-audit: {said}: {again}"


def _is_somewhere() -> bool:
    """Whether there still is a current folder: without one, even PyTorch's libraries fail."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True


def _lower(message: str) -> str:
    """A message of click's in the form of ours."""
    return message[:1].lower() + message[1:].rstrip(".")
