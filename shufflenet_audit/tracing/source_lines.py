"""Where in the user's model and code the op that runs now was called from, read off the stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import CodeType, FrameType

import torch

from shufflenet_audit.network.call import Place
from shufflenet_audit.network.op import Source
from shufflenet_audit.user_code import is_user_code, module_path, running_line, source_line

_Line = tuple[str, int] | Source


@dataclass(frozen=True, slots=True)
class _Role:
    """What a function on the stack can tell: the user's line, and the module it is a method of."""

    users: bool
    method: bool


class Places:
    """
    Reads the place of a call off the stack, without hooks: a module is found by its `self`.

    So a module that is called by `.forward()` counts as any other, and nothing global is touched.
    """

    def __init__(self, model: torch.nn.Module, lines: Mapping[str, Source] = {}) -> None:
        """`lines` are those that built the modules of the model, by their paths."""
        self._paths: Mapping[int, tuple[str, str]] = {
            id(module): (module_path(path), type(module).__name__)
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
            frame = frame.f_back
        key = (module, layer, line or running_line())
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
            path,
            kind,
            line if line is None or isinstance(line, Source) else source_line(*line),
            defined,
        )
        self._places[module, layer, line] = place
        return place

    def _role(self, code: CodeType) -> _Role:
        role = _Role(
            users=is_user_code(code.co_filename),
            method=code.co_argcount > 0 and code.co_varnames[0] == "self",
        )
        self._roles[code] = role
        return role
