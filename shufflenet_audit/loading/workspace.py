"""The modules of a user's code: importable while it is built and run, and gone afterwards."""

from __future__ import annotations

import importlib
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType


class Workspace:
    """
    Folders that code is imported from, and the modules that came from them.

    The modules are in sys.modules only within `active`, so files of the same name in other
    folders are not confused with them; and they come back when it is entered again.
    """

    def __init__(self, *folders: Path) -> None:
        self._path = [str(folder.resolve()) for folder in folders]
        self._modules: dict[str, ModuleType] = {}

    @contextmanager
    def active(self) -> Iterator[None]:
        """Import from the folders, and forget it in the end."""
        path, before, no_bytecode = sys.path.copy(), sys.modules.copy(), sys.dont_write_bytecode
        sys.path[:0] = [each for each in self._path if each not in path[:1]]
        sys.modules.update(self._modules)
        sys.dont_write_bytecode = True  # nothing is left behind in the user's folders either
        importlib.invalidate_caches()
        try:
            yield
        finally:
            self._path += [each for each in sys.path if each not in (*path, *self._path)]
            sys.path[:] = path
            sys.dont_write_bytecode = no_bytecode
            self._withdraw(before)

    def _withdraw(self, before: dict[str, ModuleType]) -> None:
        """Take the modules of the user's own code out of sys.modules, and put back the others."""
        known = {name.partition(".")[0] for name in before}
        for name, module in sys.modules.copy().items():
            if before.get(name) is module:
                continue
            if name in before:
                self._modules[name] = module
                sys.modules[name] = before[name]
            elif name.partition(".")[0] not in known and _users(module):
                self._modules[name] = sys.modules.pop(name)


def _users(module: ModuleType) -> bool:
    """Whether a module is a user's: neither installed, nor of the standard library, nor binary."""
    file = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", ())), None)
    if file is None or file.endswith((".so", ".pyd")):
        return False
    path = Path(file)
    if {"site-packages", "dist-packages"} & set(path.parts):
        return False
    return not path.is_relative_to(sysconfig.get_paths()["stdlib"])
