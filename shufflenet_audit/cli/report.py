"""`audit report SAVED`: a saved audit in another form. It does not need torch."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from shufflenet_audit.cli.options import FailOn, debug, exit_status, fail_on, output
from shufflenet_audit.cli.output import check_writable
from shufflenet_audit.cli.rendering import chosen, deliver
from shufflenet_audit.errors import FormatError
from shufflenet_audit.plugin import Audit


@click.command()
@click.argument("saved", type=click.Path(path_type=Path, allow_dash=True))
@output
@fail_on(FailOn.NEVER)
@debug
def report(saved: Path, form: str | None, file: Path | None, threshold: FailOn) -> int:
    """Render an audit that was saved with --format json; - reads it from stdin."""
    chosen_form = chosen(form, file)
    if file:
        check_writable(file)
    audit = Audit.from_json(_text(saved))
    deliver(audit, chosen_form, file)
    return exit_status(audit, threshold)


def _text(saved: Path) -> str:
    try:
        data = sys.stdin.buffer.read() if str(saved) == "-" else saved.read_bytes()
        return data.decode("utf-8")
    except OSError as error:
        message = f"{saved} cannot be read: {error.strerror}"
        raise FormatError(message) from error
    except UnicodeDecodeError as error:
        message = f"{saved} is not a saved audit: it is not text; save one with --format json"
        raise FormatError(message) from error
