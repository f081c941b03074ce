"""Finds the line of the user's code that built each layer, by PyTorch's registration hooks."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any
from weakref import ref

import torch
from torch.nn.modules import module as registration

from shufflenet_audit.network.op import Source
from shufflenet_audit.user_code import (
    is_user_code,
    module_path,
    source_line,
)

_ENGINE = str(Path(__file__).parents[1])

Line = tuple[str, int]


class Construction:
    """
    The lines that may have built each module.

    They are read off the stack when the module first gets a parameter, buffer or submodule, or
    becomes a submodule itself. They go from the call of its class outwards, to the module that it
    is part of. A subclass of `nn.Sequential` is passed over: it is only a list of layers.
    """

    def __init__(self) -> None:
        self._built: dict[int, tuple[ref[torch.nn.Module], tuple[Line, ...]]] = {}

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Note the lines while the context lasts. The hooks are removed at its end."""

        def note_owner(module: torch.nn.Module, *_: Any) -> None:
            self._note(module)

        def note_submodule(_: Any, __: str, module: torch.nn.Module | None) -> None:
            if module is not None:
                self._note(module)

        with ExitStack() as hooks:
            for handle in (
                registration.register_module_parameter_registration_hook(note_owner),
                registration.register_module_buffer_registration_hook(note_owner),
                registration.register_module_module_registration_hook(note_submodule),
            ):
                hooks.callback(handle.remove)
            yield

    def lines(self, model: torch.nn.Module) -> dict[str, Source]:
        """
        The line that built each module, by the module's path; if unknown, that of its parent.

        Of the possible lines it is the one that built the fewest modules of the same class: a
        function that makes every convolution of a network says less than the line that calls it.
        If several built equally few, a line of the user's own comes before one of a library.
        """
        modules = {module_path(path): module for path, module in model.named_modules()}
        chains = {path: self._chain(module) for path, module in modules.items()}
        counts = Counter(
            (type(modules[path]), line) for path, chain in chains.items() for line in set(chain)
        )
        sources: dict[str, Source] = {}
        for path, chain in chains.items():
            module_class, parent = type(modules[path]), path.rpartition(".")[0]
            if chain:
                ranks = [(counts[module_class, line], _is_installed(line)) for line in chain]
                sources[path] = source_line(*chain[ranks.index(min(ranks))])
            elif parent in sources:
                sources[path] = sources[parent]
        return sources

    def _note(self, module: torch.nn.Module) -> None:
        known = self._built.get(id(module))
        if known is None or known[0]() is not module:
            chain = tuple(_chain(module, sys._getframe(2)))  # noqa: SLF001  (no public way)
            self._built[id(module)] = (ref(module), chain)

    def _chain(self, module: torch.nn.Module) -> tuple[Line, ...]:
        known = self._built.get(id(module))
        return known[1] if known and known[0]() is module else ()


def _chain(module: torch.nn.Module, frame: FrameType | None) -> Iterator[Line]:
    """The lines on the stack, innermost first, without those of the module's own constructor."""
    while frame is not None and not frame.f_code.co_filename.startswith(_ENGINE):
        code = frame.f_code
        if is_user_code(code.co_filename):
            is_method = code.co_argcount > 0 and code.co_varnames[0] == "self"
            owner = frame.f_locals.get("self") if is_method else None
            if owner is not module:
                yield code.co_filename, frame.f_lineno
                if isinstance(owner, torch.nn.Module) and not isinstance(
                    owner, torch.nn.Sequential
                ):
                    return
        frame = frame.f_back


def _is_installed(line: Line) -> bool:
    return not {"site-packages", "dist-packages"}.isdisjoint(Path(line[0]).parts)
