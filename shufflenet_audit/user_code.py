"""Tells the user's lines of code from the engine's, and names them in errors."""

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
    {str(Path(folder).resolve()) for folder in (*sys.path, *site.getsitepackages()) if folder},
    key=len,
    reverse=True,
)  # fmt: skip
_FRAME = re.compile(r'File "([^"\n]+)", line (\d+), in [^\n]*(?:\n    ([^\n]+))?')
_LIBRARY = re.compile(r"(^|/)torch/|^<")
_CURRENT_LINE: ContextVar[Source | None] = ContextVar("line", default=None)


def is_user_code(file: str) -> bool:
    """Whether a file is neither of PyTorch nor of the engine: the user's own, or of a library."""
    return not file.startswith((_torch_folder(), *_ENGINE, "<"))


@lru_cache(maxsize=1)
def _torch_folder() -> str:
    spec = find_spec("torch")
    return str(Path(spec.origin).parent) + os.sep if spec and spec.origin else "<"


def source_line(file: str, line: int) -> Source:
    """A line of a file, with the text that it has now."""
    linecache.checkcache(file)
    return Source(short_path(file), line, linecache.getline(file, line).strip())


@contextmanager
def set_current_line(line: Source | None) -> Iterator[None]:
    """Let ops in this context count as called from a line. For graphs, whose code is not run."""
    token = _CURRENT_LINE.set(line)
    try:
        yield
    finally:
        _CURRENT_LINE.reset(token)


def current_line() -> Source | None:
    """The line that `set_current_line` has set, if any."""
    return _CURRENT_LINE.get()


def line_in_stack_trace(stack: str) -> Source | None:
    """The innermost line in the text of a stack trace that is not of PyTorch. Opens no file."""
    frames = [frame for frame in _FRAME.findall(stack) if not _LIBRARY.search(frame[0])]
    if not frames:
        return None
    file, line, text = frames[-1]
    path, here = PurePath(file), Path.cwd()
    shown = path.relative_to(here) if path.is_relative_to(here) else path
    return Source(shown.as_posix(), int(line), text.strip())


def unwrapped(model: torch.nn.Module) -> torch.nn.Module:
    """The module without the wrappers of `torch.compile` and data parallelism."""
    import torch  # noqa: PLC0415  (see the top)

    wrappers = (torch.nn.DataParallel, torch.nn.parallel.DistributedDataParallel)
    inner = model.module if isinstance(model, wrappers) else getattr(model, "_orig_mod", None)
    return unwrapped(inner) if isinstance(inner, torch.nn.Module) else model


def module_path(name: str) -> str:
    """The path of a module without the names that `torch.compile` puts into it."""
    return name.replace(_COMPILED, "")


def error_sentence(name: str, error: BaseException) -> str:
    """What raised an error, where in the user's code, and its message, in one line."""
    message = " ".join(_without_torchscript(str(error)).split()) or "no message"
    return f"{name} raised {type(error).__name__}{at_user_line(error)}: {message}"


def at_user_line(error: BaseException) -> str:
    """The innermost line of the user's code in a traceback, as ` at FILE:LINE`, or empty."""
    lines = [
        (frame.f_code.co_filename, line)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if is_user_code(frame.f_code.co_filename)
    ]
    return f" at {source_line(*lines[-1])}" if lines else ""


def _without_torchscript(message: str) -> str:
    """The message of an error without TorchScript's excerpt of code; else the line that failed."""
    if "TorchScript interpreter" not in message:
        return message
    code, _, rest = message.partition("RuntimeError:")
    lines = code.rpartition("<--- HERE")[0].splitlines()
    return rest.strip() or f"TorchScript gives no message, in: {' '.join(lines[-2:-1])}"


def short_path(file: str) -> str:
    """The file relative to the working folder, or to the folder that it is imported from."""
    return _short_path(file, os.getcwd())  # noqa: PTH109  (the cache needs a string)


@lru_cache(maxsize=1024)
def _short_path(file: str, folder: str) -> str:
    here = Path(folder)
    path = here.joinpath(file).resolve()
    if path.is_relative_to(here) and "site-packages" not in path.relative_to(here).parts:
        return path.relative_to(here).as_posix()
    for root in _ROOTS:
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return _within_package(path).as_posix()


def _within_package(path: Path) -> Path:
    """The file relative to the folder of its outermost package, as for an editable install."""
    folder = path.parent
    while (folder / "__init__.py").exists():
        folder = folder.parent
    return path if folder == path.parent else path.relative_to(folder)
