"""Our tables in somebody's pyproject.toml: put in, or put in the place of others."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final

from shufflenet_audit.errors import FormatError
from shufflenet_audit.project.reading import TABLE

_HEADER: Final = re.compile(r"\s*\[\[?\s*([^\]]*?)\s*\]")
_OURS: Final = re.compile(rf"tool\.{TABLE}(\.|$)")


def with_tables(project: str, tables: str) -> str:
    """The text of a project file with these tables of ours, and no others. Raises FormatError."""
    rest = "".join(_others(project)).rstrip("\n")
    whole = f"{rest}\n\n{tables}" if rest else tables
    if not _keeps(whole, _foreign(project)):
        message = f"pyproject.toml cannot be changed safely: take away its [tool.{TABLE}] by hand"
        raise FormatError(message)
    return whole


def _keeps(project: str, foreign: Any) -> bool:
    try:
        return bool(_foreign(project) == foreign)
    except FormatError:
        return False


def _others(project: str) -> Iterator[str]:
    """The lines of tables that are not ours."""
    ours = False
    for line in project.splitlines(keepends=True):
        header = _HEADER.match(line)
        ours = bool(_OURS.match(header[1].replace('"', ""))) if header else ours
        if not ours:
            yield line


def _foreign(project: str) -> Any:
    try:
        document = tomllib.loads(project)
    except tomllib.TOMLDecodeError as error:
        message = f"pyproject.toml is not TOML: {error}"
        raise FormatError(message) from error
    tool = {key: value for key, value in document.get("tool", {}).items() if key != TABLE}
    return {**document, "tool": tool}
