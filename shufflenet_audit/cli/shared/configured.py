"""What the configuration says of a command's model, where the user has not said otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

import click

from shufflenet_audit.cli.shared import completions
from shufflenet_audit.cli.shared.model_argument import Wanted, building
from shufflenet_audit.project import Config


def configured_model(command: Callable[..., int]) -> Callable[..., int]:
    """Let the user say which model, or else the configuration: gives `wanted` and `config`."""

    @click.argument("model", required=False, shell_complete=completions.models)
    @building
    @click.option(
        "--config", "configuration_file", metavar="FILE", type=click.Path(path_type=Path),
        help="The configuration; else [tool.shufflenet-audit] in pyproject.toml.",
    )  # fmt: skip
    @wraps(command)
    def told(
        model: str | None,
        build: Callable[[str], Wanted],
        configuration_file: Path | None,
        **rest: Any,
    ) -> int:
        from shufflenet_audit.project.reading import configuration  # noqa: PLC0415  (not for --help)

        config = configuration(configuration_file).for_model(model or "")
        if model is None and not config.model:
            where = f", or set model in {config.file}" if config.file else ""
            message = f"missing argument 'MODEL': name one{where}"
            raise click.UsageError(message)
        typed = build(config.model if model is None else model)
        return command(wanted=_wanted(typed, config), config=config, **rest)

    return told


def _wanted(typed: Wanted, config: Config) -> Wanted:
    """What was typed goes before what is configured."""
    arguments = tuple(f"{name}={value!r}" for name, value in config.args.items())
    return replace(
        typed, arguments=(*arguments, *typed.arguments), inputs=typed.inputs or config.inputs
    )
