"""The user's code, imported: once for each audit, with errors that name the user's own line."""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Callable
from difflib import get_close_matches
from importlib import import_module
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.metadata import packages_distributions
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

from shufflenet_audit.errors import LoadError
from shufflenet_audit.loading.content import whole
from shufflenet_audit.loading.workspace import Workspace
from shufflenet_audit.user_code import place, raised, source_line


def imported(name: str, workspace: Workspace) -> ModuleType:
    """The module of that name. Raises LoadError."""
    return _imported(lambda: import_module(name), name, workspace)


def imported_file(path: Path) -> tuple[ModuleType, Workspace]:
    """The module that a file is, and what it is imported in. Raises LoadError."""
    file = path.resolve()
    linecache.checkcache(str(file))
    if _is_relative(path):
        root, name = _in_package(file)
        workspace = Workspace(root, Path())
        return imported(name, workspace), workspace
    workspace = Workspace(file.parent, Path())
    return _imported(lambda: _alone(file), str(path), workspace), workspace


def _imported(load: Callable[[], ModuleType], name: str, workspace: Workspace) -> ModuleType:
    try:
        with workspace.active():
            return load()
    except SyntaxError as error:
        where = source_line(error.filename, error.lineno or 1) if error.filename else name
        message = f"{where}: {error.msg}"
        raise LoadError(message) from error
    except ModuleNotFoundError as error:
        raise _missing(error, name) from error
    except SystemExit as error:
        message = f"{name} ends the program{place(error)}: put that under if __name__ == '__main__'"
        raise LoadError(message) from error
    except Exception as error:
        raise LoadError(raised(name, error)) from error


def _missing(error: ModuleNotFoundError, name: str) -> LoadError:
    """The error for a module that is not there: the one that was named, or one that it imports."""
    missing = error.name or ""
    if not name.startswith(missing):
        where = place(error)
        return LoadError(f"{name} imports {missing}{where}, which is not there: install it")
    package, _, last = missing.rpartition(".")
    close = get_close_matches(last, _modules(package), n=1)
    where = f"there is no module {last}" + (f" in {package}" if package else "")
    if close:
        return LoadError(f"{where}: did you mean {close[0]}?")
    return LoadError(f"{where}: install it, or run from the folder that it is in")


def _modules(package: str) -> list[str]:
    """The modules of a package that has been imported, or all packages that are installed."""
    if not package:
        return list(packages_distributions())
    return [each.name for each in iter_modules(getattr(sys.modules.get(package), "__path__", None))]


def _alone(file: Path) -> ModuleType:
    """A file as a module of its own, compiled from its text of now rather than from a cache."""
    code = compile(whole(file), str(file), "exec", dont_inherit=True)
    name = file.stem if _is_free(file) else f"audited_{file.stem}"
    module = module_from_spec(_spec(name, file))
    sys.modules[name] = module
    exec(code, vars(module))
    return module


def _spec(name: str, file: Path) -> ModuleSpec:
    """A file is found by its path, whatever its suffix."""
    spec = spec_from_file_location(name, file, loader=SourceFileLoader(name, str(file)))
    if spec is None:
        message = f"{file} cannot be imported"
        raise LoadError(message)
    return spec


def _is_free(file: Path) -> bool:
    """Whether the name of the file is that of no other module, so that it may be called by it."""
    if file.stem in sys.modules or file.stem in sys.stdlib_module_names:
        return False
    found = find_spec(file.stem) if file.stem.isidentifier() else None
    return found is None or found.origin == str(file)


def _is_relative(path: Path) -> bool:
    """Whether the file imports relatively, and so is part of a package."""
    try:
        nodes = ast.walk(ast.parse(whole(path)))
    except (SyntaxError, ValueError, RecursionError):
        return False  # it is said when it is compiled
    relative = any(isinstance(node, ast.ImportFrom) and node.level for node in nodes)
    return relative and (path.resolve().parent / "__init__.py").exists()


def _in_package(file: Path) -> tuple[Path, str]:
    """The folder that the package of a file is in, and the file's name as a module of it."""
    names, folder = [file.stem], file.parent
    while (folder / "__init__.py").exists():
        names.append(folder.name)
        folder = folder.parent
    return folder, ".".join(reversed(names))
