"""Reads what is in a file, to tell which kind of file it is."""

from __future__ import annotations

import zipfile
from pathlib import Path

from shufflenet_audit.errors import LoadError


def head(path: Path, size: int = 4096) -> bytes:
    """The first `size` bytes of a file. Raises LoadError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise LoadError(message) from error


def zip_names(path: Path) -> tuple[str, ...]:
    """The names of the files in a zip archive; none for another kind of file or a damaged one."""
    if not head(path, 4).startswith(b"PK\x03\x04"):
        return ()
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError):
        return ()
    # In an archive that is cut short, zipfile may find only an archive stored inside it.
    is_complete = min((entry.header_offset for entry in entries), default=1) == 0
    return tuple(entry.filename for entry in entries) if is_complete else ()


def read_bytes(path: Path) -> bytes:
    """The whole content of a file. Raises LoadError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise LoadError(message) from error
