"""Custom costs in a Python file of the user's."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from shufflenet_audit.costs.custom import CustomCost
from shufflenet_audit.errors import LoadError


def costs(path: Path) -> tuple[CustomCost, ...]:
    """The custom costs that a file makes. Raises LoadError if there are none."""
    from shufflenet_audit.loading.python.imports import imported_file  # noqa: PLC0415  (it needs torch)

    if not path.is_file():
        message = f"there is no file {path} with costs: name a Python file"
        raise LoadError(message)
    module, _ = imported_file(path)
    found = costs_in(module)
    if not found:
        message = f"{path} makes no cost: decorate a function in it with cost_of('mylib::op')"
        raise LoadError(message)
    return found


def costs_in(module: ModuleType) -> tuple[CustomCost, ...]:
    """The custom costs among the names of a module."""
    return tuple(each for each in vars(module).values() if isinstance(each, CustomCost))
