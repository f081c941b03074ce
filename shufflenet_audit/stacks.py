"""The user's line in a stack trace that an exporter wrote into a file: no file in it is opened."""

from __future__ import annotations

import re
from pathlib import Path, PurePath

from shufflenet_audit.op import Source

_FRAME = re.compile(r'File "([^"\n]+)", line (\d+), in [^\n]*(?:\n    ([^\n]+))?')
_LIBRARY = re.compile(r"(^|/)torch/|^<")


def user_line(stack: str) -> Source | None:
    """The innermost line that is not PyTorch's own."""
    frames = [found for found in _FRAME.findall(stack) if not _LIBRARY.search(found[0])]
    if not frames:
        return None
    file, line, text = frames[-1]
    return Source(_shortened(PurePath(file)), int(line), text.strip())


def _shortened(file: PurePath) -> str:
    here = Path.cwd()
    return (file.relative_to(here) if file.is_relative_to(here) else file).as_posix()
