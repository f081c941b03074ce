"""What is in a file, as far as its kind can be told by it."""

from __future__ import annotations

import zipfile
from pathlib import Path

from shufflenet_audit.errors import LoadError


def head(path: Path, size: int = 4096) -> bytes:
    """The first bytes of a file. Raises LoadError."""
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise LoadError(message) from error


def members(path: Path) -> tuple[str, ...]:
    """The names of the files in a zip archive; none if it is no such archive, or a damaged one."""
    if not head(path, 4).startswith(b"PK\x03\x04"):
        return ()
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError):
        return ()
    # Of an archive that is cut short, an archive within it can be all that is found.
    is_whole = min((each.header_offset for each in entries), default=1) == 0
    return tuple(each.filename for each in entries) if is_whole else ()


def whole(path: Path) -> bytes:
    """All of a file. Raises LoadError."""
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise LoadError(message) from error
