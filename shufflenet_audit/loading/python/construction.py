"""Which line of the user's code built each layer of a model, by PyTorch's registration hooks."""

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
    The lines that may have built each module, noted when it first holds something or is held.

    They go from the call of its class outwards, to the block that it is part of. A list of layers
    (an `nn.Sequential` with a constructor of its own) is no block.
    """

    def __init__(self) -> None:
        self._built: dict[int, tuple[ref[torch.nn.Module], tuple[Line, ...]]] = {}

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Take note while the context lasts; nothing of it is left behind."""

        def holds(module: torch.nn.Module, *_: Any) -> None:
            self._note(module)

        def is_held(_: Any, __: str, module: torch.nn.Module | None) -> None:
            if module is not None:
                self._note(module)

        with ExitStack() as hooks:
            for handle in (
                registration.register_module_parameter_registration_hook(holds),
                registration.register_module_buffer_registration_hook(holds),
                registration.register_module_module_registration_hook(is_held),
            ):
                hooks.callback(handle.remove)
            yield

    def lines(self, model: torch.nn.Module) -> dict[str, Source]:
        """
        The line that built each module of a model, by its path; that of what holds it if unknown.

        Of the lines that may have, it is the one that built the fewest of the same class: a
        function that makes every convolution of a network says less than the line that calls it.
        Where they say as much, it is a line of the user's own rather than of a library.
        """
        modules = {module_path(path): module for path, module in model.named_modules()}
        chains = {path: self._chain(module) for path, module in modules.items()}
        counts = Counter(
            (type(modules[path]), line) for path, chain in chains.items() for line in set(chain)
        )
        found: dict[str, Source] = {}
        for path, chain in chains.items():
            kind, holder = type(modules[path]), path.rpartition(".")[0]
            if chain:
                ranks = [(counts[kind, line], _is_installed(line)) for line in chain]
                found[path] = source_line(*chain[ranks.index(min(ranks))])
            elif holder in found:
                found[path] = found[holder]
        return found

    def _note(self, module: torch.nn.Module) -> None:
        known = self._built.get(id(module))
        if known is None or known[0]() is not module:
            chain = tuple(_chain(module, sys._getframe(2)))  # noqa: SLF001  (no public way)
            self._built[id(module)] = (ref(module), chain)

    def _chain(self, module: torch.nn.Module) -> tuple[Line, ...]:
        known = self._built.get(id(module))
        return known[1] if known and known[0]() is module else ()


def _chain(module: torch.nn.Module, frame: FrameType | None) -> Iterator[Line]:
    """The lines that were running, from the inside, without the module's own constructor."""
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
