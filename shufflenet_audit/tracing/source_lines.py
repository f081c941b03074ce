"""Finds the module and the line of the user's code that called an op, on the stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import CodeType, FrameType

import torch

from shufflenet_audit.network.call import Place
from shufflenet_audit.network.op import Source
from shufflenet_audit.user_code import current_line, is_user_code, module_path, source_line

_Line = tuple[str, int] | Source


@dataclass(frozen=True, slots=True)
class _Role:
    """What a function on the stack is to the search for a place."""

    is_users: bool
    """Whether it is user code, so that its line may be the one."""
    is_method: bool
    """Whether it is a method, so that its `self` may be the module."""


class PlaceFinder:
    """
    Finds the place of a call on the stack, where a module is the `self` of a method.

    It needs no hooks, so a module that is called by `.forward()` is found as any other.
    """

    def __init__(self, model: torch.nn.Module, lines: Mapping[str, Source] = {}) -> None:
        """`lines` are the lines that built the modules of the model, by the paths of these."""
        self._modules: Mapping[int, tuple[str, str]] = {
            id(module): (module_path(path), type(module).__name__)
            for path, module in model.named_modules()
        }
        self._lines = lines
        self._roles: dict[CodeType, _Role] = {}
        self._places: dict[tuple[object, ...], Place] = {}

    def place(self, frame: FrameType | None, end: CodeType) -> Place:
        """The place of the call in this frame. The search goes outwards and stops at `end`."""
        module: tuple[str, str] | None = None
        in_library = False
        line: _Line | None = None
        while frame is not None and frame.f_code is not end and not (module and line):
            code = frame.f_code
            role = self._roles.get(code) or self._role(code)
            if module is None and role.is_method:
                module = self._modules.get(id(frame.f_locals.get("self")))
                in_library = line is None and not role.is_users
            if line is None and role.is_users:
                line = (code.co_filename, frame.f_lineno)
            frame = frame.f_back
        key = (module, in_library, line or current_line())
        return self._places.get(key) or self._new_place(*key)

    def _new_place(
        self,
        module: tuple[str, str] | None,
        in_library: bool,  # noqa: FBT001  (it is part of a key)
        line: _Line | None,
    ) -> Place:
        path, class_name = module or ("", "")
        built_at = self._lines.get(path) if module and in_library else None
        place = Place(
            path,
            class_name,
            line if line is None or isinstance(line, Source) else source_line(*line),
            built_at,
        )
        self._places[module, in_library, line] = place
        return place

    def _role(self, code: CodeType) -> _Role:
        role = _Role(
            is_users=is_user_code(code.co_filename),
            is_method=code.co_argcount > 0 and code.co_varnames[0] == "self",
        )
        self._roles[code] = role
        return role
