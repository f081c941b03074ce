"""Where the output goes: stdout, stderr, or a file that is written as a whole or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from shufflenet_audit.errors import AuditError
from shufflenet_audit.text import printable


class OutputError(AuditError):
    """The output cannot be written where it should go."""


def complain(message: str) -> None:
    """Say in one line on stderr what is wrong."""
    click.echo(f"audit: {printable(' '.join(message.split()))}", err=True)


def show(text: str | bytes) -> None:
    """Write a text to stdout. If nobody reads it any more, that is no error. Raises OutputError."""
    if isinstance(text, str):
        text = text.encode(sys.stdout.encoding or "utf-8", "replace")
    elif sys.stdout.isatty():
        message = "the report is no text for a terminal: write it to a file with -o FILE"
        raise OutputError(message)
    try:
        click.echo(text, nl=False)
        sys.stdout.flush()
    except BrokenPipeError:
        _silence()
    except OSError as error:
        _silence()
        message = f"the output cannot be written: {error.strerror}"
        raise OutputError(message) from error


def save(text: str | bytes, file: Path) -> None:
    """Write a text to a file. Raises OutputError, and then leaves the file as it was."""
    content = text.encode() if isinstance(text, str) else text
    try:
        if file.exists() and not file.is_file():  # a device or a pipe cannot be replaced
            file.write_bytes(content)
        else:
            _replace(file.resolve(), content)
    except OSError as error:
        message = f"{file} cannot be written: {error.strerror}"
        raise OutputError(message) from error


def check_writable(file: Path) -> None:
    """Raise OutputError if nothing can be written there: before the work, rather than after."""
    if file.is_dir():
        message = f"{file} is a folder: name a file in it, such as {file / 'report.json'}"
        raise OutputError(message)
    if not file.parent.is_dir():
        message = f"there is no folder {file.parent} to write {file.name} to: make it first"
        raise OutputError(message)


def _silence() -> None:
    """Let what is left in the buffer of stdout go nowhere when the program ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _replace(file: Path, content: bytes) -> None:
    beside = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        beside.write_bytes(content)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
