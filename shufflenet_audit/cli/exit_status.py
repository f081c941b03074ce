"""The exit status: 0 every guideline holds, 1 one is violated, 2 it could not be judged."""

from __future__ import annotations

import os
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import shell_complete

from shufflenet_audit.cli.main import commands
from shufflenet_audit.cli.shared.output import complain
from shufflenet_audit.cli.signals import StoppedBySignal
from shufflenet_audit.errors import AuditError, ConfigError

if TYPE_CHECKING:  # `audit --help` judges nothing
    from shufflenet_audit.results.audit import Audit
    from shufflenet_audit.results.violation import FailOn

UNJUDGED = 2
COMPLETION = "_AUDIT_COMPLETE"
"""The variable through which a shell asks for completions, as click names it."""


def status(arguments: Sequence[str]) -> int:
    """Do what the arguments say; whatever goes wrong is said in one line on stderr."""
    try:
        return _run(list(arguments))
    except (click.Abort, KeyboardInterrupt):
        complain("interrupted")
    except Exception as error:  # noqa: BLE001  (a bug must not look like a violated guideline)
        _explain(error, debug="--debug" in arguments)
    except StoppedBySignal:
        raise
    except BaseException as error:  # noqa: BLE001  (sys.exit() in a model must not look like success)
        complain(f"the code of the model or of a pack ended the program: {_described(error)}")
    return UNJUDGED


def _run(arguments: list[str]) -> int:
    _check_folder()
    if instruction := os.environ.get(COMPLETION):
        return _completed(instruction)
    return int(commands.main(arguments, "audit", standalone_mode=False) or 0)


def _check_folder() -> None:
    """Raise AuditError if the current folder is gone: without one, PyTorch's libraries fail."""
    try:
        Path.cwd()
    except FileNotFoundError as error:
        message = "the current folder has been deleted: change to another"
        raise AuditError(message) from error


def _completed(instruction: str) -> int:
    """Answer a shell that asks what a word may become, or for the script that makes it ask."""
    if shell_complete(commands, {}, "audit", COMPLETION, instruction) == 0:
        return 0
    complain(f"{COMPLETION}={instruction}: only the script of audit completion sets this: unset it")
    return UNJUDGED


def _described(error: BaseException) -> str:
    """What was raised, where in the user's code."""
    from shufflenet_audit.user_code import at_user_line  # noqa: PLC0415  (see the top)

    return f"{type(error).__name__}({error}){at_user_line(error)}"


def exit_status(audit: Audit, threshold: FailOn) -> int:
    """2 if a rule or a cost handler crashed, 1 if there is a violation that counts, else 0."""
    from shufflenet_audit.results.violation import violations  # noqa: PLC0415  (see the top)

    return UNJUDGED if audit.crashed else int(any(violations(audit, threshold)))


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


def _lower(message: str) -> str:
    """A message of click's in the form of ours."""
    return message[:1].lower() + message[1:].rstrip(".")
