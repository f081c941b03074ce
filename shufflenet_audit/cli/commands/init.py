"""`audit init`: a commented configuration to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from shufflenet_audit.cli.shared.options import debug
from shufflenet_audit.cli.shared.output import (
    OutputError,
    check_writable,
    save,
    show,
)
from shufflenet_audit.discovery import rules
from shufflenet_audit.errors import FormatError
from shufflenet_audit.project.pyproject import with_tables
from shufflenet_audit.project.reading import (
    FILE,
    PROJECT,
    TABLE,
)
from shufflenet_audit.project.template import template


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--model", default="", metavar="MODEL", help="The model that is to be audited.")
@click.option("--force", is_flag=True, help="Write over a configuration that is there.")
@debug
def init(file: Path | None, model: str, *, force: bool) -> int:
    """
    Write a commented configuration, with every rule and every option.

    It goes into the pyproject.toml that is in this folder, else into shufflenet-audit.toml;
    `audit` finds both. With FILE, it goes there, and is named with --config.
    """
    file = file or Path(PROJECT if Path(PROJECT).is_file() else FILE)
    check_writable(file)
    project = file.name == PROJECT
    before = _content(file)
    if before and not force and (not project or f"tool.{TABLE}" in before):
        message = f"{file} has a configuration: --force writes over it"
        raise OutputError(message)
    text = template(rules().values(), model=model, project=project)
    save(with_tables(before, text) if project else text, file)
    show(f"written to {file}; what it can say: docs/configuration.md\n")
    return 0


def _content(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8") if file.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        message = f"{file} cannot be read as text"
        raise FormatError(message) from error
