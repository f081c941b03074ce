"""Which lines are the user's, whose module it is, and errors that name them."""

from __future__ import annotations

import linecache
import os
import re
import site
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from shufflenet_audit.network.op import Source

if TYPE_CHECKING:  # importing torch takes seconds
    import torch

_COMPILED = "_orig_mod."  # what torch.compile wraps is this attribute of the wrapper
_HERE = Path(__file__).parent
_ENGINE = tuple(str(_HERE / folder) + os.sep for folder in ("tracing", "loading"))
_ROOTS = sorted(
    {str(Path(each).resolve()) for each in (*sys.path, *site.getsitepackages()) if each},
    key=len,
    reverse=True,
)  # fmt: skip
_FRAME = re.compile(r'File "([^"\n]+)", line (\d+), in [^\n]*(?:\n    ([^\n]+))?')
_LIBRARY = re.compile(r"(^|/)torch/|^<")
_LINE: ContextVar[Source | None] = ContextVar("line", default=None)


def is_user_code(file: str) -> bool:
    """Whether a file is the user's own (or a library's), and not PyTorch's or the engine's."""
    return not file.startswith((_torch_folder(), *_ENGINE, "<"))


@lru_cache(maxsize=1)
def _torch_folder() -> str:
    found = find_spec("torch")
    return str(Path(found.origin).parent) + os.sep if found and found.origin else "<"


def source_line(file: str, line: int) -> Source:
    """That line of a file, with its text as it is now."""
    linecache.checkcache(file)
    return Source(shortened(file), line, linecache.getline(file, line).strip())


@contextmanager
def running(line: Source | None) -> Iterator[None]:
    """Ops that run in this context come from that line: for code that a file holds as a graph."""
    token = _LINE.set(line)
    try:
        yield
    finally:
        _LINE.reset(token)


def running_line() -> Source | None:
    """The line that `running` was told, if any."""
    return _LINE.get()


def line_in_trace(stack: str) -> Source | None:
    """The innermost line of a written stack trace that is not PyTorch's own. No file is opened."""
    frames = [frame for frame in _FRAME.findall(stack) if not _LIBRARY.search(frame[0])]
    if not frames:
        return None
    file, line, text = frames[-1]
    path, here = PurePath(file), Path.cwd()
    shown = path.relative_to(here) if path.is_relative_to(here) else path
    return Source(shown.as_posix(), int(line), text.strip())


def unwrapped(model: torch.nn.Module) -> torch.nn.Module:
    """The module inside what `torch.compile` and data parallelism wrap around it."""
    import torch  # noqa: PLC0415  (see the top)

    wrappers = (torch.nn.DataParallel, torch.nn.parallel.DistributedDataParallel)
    inner = model.module if isinstance(model, wrappers) else getattr(model, "_orig_mod", None)
    return unwrapped(inner) if isinstance(inner, torch.nn.Module) else model


def module_path(name: str) -> str:
    """The path of a module as its author knows it, compiled or not."""
    return name.replace(_COMPILED, "")


def raised(name: str, error: BaseException) -> str:
    """A sentence: that something raised this, where in the user's code, and its message."""
    message = " ".join(_without_script(str(error)).split()) or "no message"
    return f"{name} raised {type(error).__name__}{place(error)}: {message}"


def place(error: BaseException) -> str:
    """The innermost line of the user's code that an exception came through, as ` at FILE:LINE`."""
    lines = [
        (frame.f_code.co_filename, line)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if is_user_code(frame.f_code.co_filename)
    ]
    return f" at {source_line(*lines[-1])}" if lines else ""


def _without_script(message: str) -> str:
    """The message of TorchScript without the code around it, or else the line that failed."""
    if "TorchScript interpreter" not in message:
        return message
    code, _, rest = message.partition("RuntimeError:")
    lines = code.rpartition("<--- HERE")[0].splitlines()
    return rest.strip() or f"TorchScript does not say what, in: {' '.join(lines[-2:-1])}"


def shortened(file: str) -> str:
    """The file relative to the working folder or to the folder it is imported from."""
    return _shortened(file, os.getcwd())  # noqa: PTH109  (a string is a key that costs nothing)


@lru_cache(maxsize=1024)
def _shortened(file: str, folder: str) -> str:
    here = Path(folder)
    path = here.joinpath(file).resolve()
    if path.is_relative_to(here) and "site-packages" not in path.relative_to(here).parts:
        return path.relative_to(here).as_posix()
    for root in _ROOTS:
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return _within_package(path).as_posix()


def _within_package(path: Path) -> Path:
    """The file from its outermost package on, if it is in one: that of an editable install."""
    above = path.parent
    while (above / "__init__.py").exists():
        above = above.parent
    return path if above == path.parent else path.relative_to(above)
