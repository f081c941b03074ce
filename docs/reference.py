"""Reference pages that follow from the program: its commands, and what a pack may import."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from enum import Enum, EnumType
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, Final

import click

from shufflenet_audit import plugin
from shufflenet_audit.cli.main import commands

DOCS: Final = Path(__file__).parent
WRITTEN: Final = "Written by `docs/generate.py`"
WIDTH: Final = 100


def documents() -> Iterator[tuple[Path, str]]:
    """Both pages, with the text that they must have."""
    yield DOCS / "cli.md", "\n".join(_commands())
    yield DOCS / "api.md", "\n".join(_names())


def _commands() -> Iterator[str]:
    yield from ("# The commands", "", f"{WRITTEN} from what `--help` says.", "")
    settings: dict[str, Any] = {**commands.context_settings, "terminal_width": WIDTH}
    root = click.Context(commands, info_name="audit", **settings)
    yield from _shown("audit", commands.get_help(root))
    for name, command in sorted(commands.commands.items()):
        context = click.Context(command, info_name=name, parent=root, terminal_width=WIDTH)
        yield from _shown(f"audit {name}", command.get_help(context))


def _shown(title: str, text: str) -> Iterator[str]:
    yield from (f"## {title}", "", "```text", text, "```", "")


def _names() -> Iterator[str]:
    yield from ("# What a pack may import", "", f"{WRITTEN} from `shufflenet_audit.plugin`.", "")
    yield "How to use it: [writing-a-rule.md](writing-a-rule.md)."
    yield ""
    for name in plugin.__all__:
        yield from _described(name, getattr(plugin, name))


def _described(name: str, thing: object) -> Iterator[str]:
    """A module with its functions, a class with its members, a function, or a value's type."""
    yield from (f"## {name}", "")
    if inspect.ismodule(thing):
        yield from (_first_line(thing), "", *_listed(_own(thing)))
    elif isinstance(thing, EnumType):
        yield from (inspect.getdoc(thing) or "", "")
        values: Iterable[Enum] = iter(thing)
        yield from (f"- `{each.name}`: {each.value}" for each in values)
    elif inspect.isroutine(thing) or inspect.isclass(thing):
        keyword = "class" if inspect.isclass(thing) else "def"
        yield from ("```python", f"{keyword} {name}{_signature(thing)}", "```", "")
        yield from (inspect.getdoc(thing) or "", "", *_listed(_members(thing)))
    else:
        yield f"A value of type `{type(thing).__name__}`."
    yield ""


def _listed(members: Iterable[tuple[str, object]]) -> Iterator[str]:
    for name, value in members:
        said = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
        shown = name if isinstance(value, property) else f"{name}{_signature(said)}"
        yield f"- `{shown}`: {_first_line(said)}"


def _own(module: ModuleType) -> Iterator[tuple[str, object]]:
    for name, value in vars(module).items():
        public = not name.startswith("_") and (inspect.isroutine(value) or inspect.isclass(value))
        if public and value.__module__ == module.__name__:
            yield name, value


def _members(thing: object) -> Iterator[tuple[str, object]]:
    kinds = (FunctionType, classmethod, staticmethod, property)
    for name, value in vars(thing).items() if inspect.isclass(thing) else ():
        if not name.startswith("_") and isinstance(value, kinds):
            yield name, value


class _Bare(str):
    """An annotation that is shown without quotes."""

    __slots__ = ()
    __repr__ = str.__str__


def _signature(thing: object) -> str:
    try:
        signature = inspect.signature(thing)  # type: ignore[arg-type]  # what has none is told
    except (TypeError, ValueError):
        return ""
    shown = [
        each.replace(annotation=_bare(each.annotation)) for each in signature.parameters.values()
    ]
    returned = _bare(signature.return_annotation)
    return str(signature.replace(parameters=shown, return_annotation=returned))


def _bare(annotation: object) -> object:
    return _Bare(annotation) if isinstance(annotation, str) else annotation


def _first_line(thing: object) -> str:
    return (inspect.getdoc(thing) or "").partition("\n")[0]
