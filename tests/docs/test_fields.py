"""Each field of a public dataclass says what it is, in a docstring right below it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

import shufflenet_audit

PACKAGE: Final = Path(shufflenet_audit.__file__).parent
PACKS: Final = ("rules", "reports", "backends")  # in a checkout they stand beside the package
FOLDERS: Final = tuple(
    folder for folder in (PACKAGE, *map(PACKAGE.parent.joinpath, PACKS)) if folder.exists()
)


def classes() -> Iterator[tuple[str, ast.ClassDef]]:
    """The public dataclasses of the program, by the file that each stands in."""
    for folder in FOLDERS:
        for file in sorted(set(folder.rglob("*.py")) - set(folder.rglob("node_modules/**/*.py"))):
            for node in ast.parse(file.read_text()).body:
                if isinstance(node, ast.ClassDef) and is_public_dataclass(node):
                    yield file.relative_to(PACKAGE.parent).as_posix(), node


def is_public_dataclass(node: ast.ClassDef) -> bool:
    decorated = any("dataclass" in ast.unparse(line) for line in node.decorator_list)
    return decorated and not node.name.startswith("_")


def silent(node: ast.ClassDef) -> list[str]:
    """The fields without a docstring."""
    return [
        field.target.id
        for field, below in pairwise([*node.body, ast.Pass()])
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and not (isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant))
    ]


@pytest.mark.parametrize(
    ("file", "node"), [*classes()], ids=lambda part: getattr(part, "name", part)
)
def test_each_field_has_its_line(file: str, node: ast.ClassDef) -> None:
    assert silent(node) == [], f"{file}: {node.name}"


def test_a_field_without_a_line_is_seen() -> None:
    (node,) = ast.parse(
        "class A:\n    a: int\n    '''What a is.'''\n    b: int = 0\n    c: int\n"
    ).body
    assert isinstance(node, ast.ClassDef)
    assert silent(node) == ["b", "c"]
