"""Text that is kept in a file."""

from __future__ import annotations

from pathlib import Path

from shufflenet_audit.errors import FormatError


def contents(file: Path, what: str) -> str:
    """The text in a file that should be such a thing, as in "a saved audit". Raises FormatError."""
    try:
        return decoded(file.read_bytes(), file, what)
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}"
        raise FormatError(message) from error


def decoded(data: bytes, file: Path, what: str) -> str:
    """These bytes of a file as text. Raises FormatError."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"{file} is not {what}: it is not text"
        raise FormatError(message) from error
