"""Where in the user's model and code the op that runs now was called from, read off the stack."""

from __future__ import annotations

import linecache
import os
import site
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import CodeType, FrameType

import torch

from shufflenet_audit.call import Place
from shufflenet_audit.op import Source

_TORCH = str(Path(torch.__file__).parent) + os.sep
_COMPILED = "_orig_mod."  # what torch.compile wraps is this attribute of the wrapper
_ENGINE = tuple(str(Path(__file__).parents[1] / each) + os.sep for each in ("trace", "sources"))
LINE = "line_of_the_user"
"""What a function of the engine calls the line (a Source) that it runs an op for, if it knows."""

_Line = tuple[str, int] | Source
_ROOTS = sorted(
    {str(Path(each).resolve()) for each in (*sys.path, *site.getsitepackages()) if each},
    key=len,
    reverse=True,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Role:
    """What a function on the stack can tell: the user's line, and the module it is a method of."""

    users: bool
    method: bool
    knows: bool


class Places:
    """
    Reads the place of a call off the stack, without hooks: a module is found by its `self`.

    So a module that is called by `.forward()` counts as any other, and nothing global is touched.
    """

    def __init__(self, model: torch.nn.Module, lines: Mapping[str, Source] = {}) -> None:
        """`lines` are those that built the modules of the model, by their paths."""
        self._paths: Mapping[int, tuple[str, str]] = {
            id(module): (path_of(path), type(module).__name__)
            for path, module in model.named_modules()
        }
        self._lines = lines
        self._roles: dict[CodeType, _Role] = {}
        self._places: dict[tuple[object, ...], Place] = {}

    def here(self, frame: FrameType | None, end: CodeType) -> Place:
        """The place of the call that runs in this frame. The search stops at the code `end`."""
        module: tuple[str, str] | None = None
        layer = False
        line: _Line | None = None
        while frame is not None and frame.f_code is not end and not (module and line):
            code = frame.f_code
            role = self._roles.get(code) or self._role(code)
            if module is None and role.method:
                module = self._paths.get(id(frame.f_locals.get("self")))
                layer = line is None and not role.users
            if line is None and role.users:
                line = (code.co_filename, frame.f_lineno)
            elif line is None and role.knows:
                line = frame.f_locals[LINE]
            frame = frame.f_back
        key = (module, layer, line)
        return self._places.get(key) or self._place(*key)

    def _place(
        self,
        module: tuple[str, str] | None,
        layer: bool,  # noqa: FBT001  (it is part of a key)
        line: _Line | None,
    ) -> Place:
        path, kind = module or ("", "")
        defined = self._lines.get(path) if module and layer else None
        place = Place(
            path, kind, line if line is None or isinstance(line, Source) else source(*line), defined
        )
        self._places[module, layer, line] = place
        return place

    def _role(self, code: CodeType) -> _Role:
        role = _Role(
            users=users_code(code.co_filename),
            method=code.co_argcount > 0 and code.co_varnames[0] == "self",
            knows=LINE in code.co_varnames and code.co_filename.startswith(_ENGINE),
        )
        self._roles[code] = role
        return role


def path_of(name: str) -> str:
    """The path of a module as its author knows it, compiled or not."""
    return name.replace(_COMPILED, "")


def users_code(file: str) -> bool:
    """Whether a file is the user's own (or a library's), and not PyTorch's or the engine's."""
    return not file.startswith((_TORCH, *_ENGINE, "<"))


def source(file: str, line: int) -> Source:
    """That line of a file, with its text as it is now."""
    linecache.checkcache(file)
    return Source(shortened(file), line, linecache.getline(file, line).strip())


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
