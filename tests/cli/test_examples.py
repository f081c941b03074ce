"""What `--help` shows can be typed."""

from __future__ import annotations

import shlex
from itertools import takewhile

import click
import pytest

from shufflenet_audit.cli.main import commands


def examples(command: click.Command) -> list[str]:
    lines = [line.strip() for line in (command.epilog or "").splitlines()]
    return [line.split("   ")[0] for line in lines if line.startswith("audit ")]


SHOWN = [(name, line) for name, each in commands.commands.items() for line in examples(each)]
OWN = [("", line) for line in examples(commands)]


def test_every_command_has_examples() -> None:
    assert {name for name, _ in SHOWN} == set(commands.commands)


@pytest.mark.parametrize(("name", "line"), [*SHOWN, *OWN], ids=lambda each: each)
def test_an_example_has_the_options_of_its_command(name: str, line: str) -> None:
    typed = shlex.split(line.rpartition("| ")[2])[1:]
    arguments = list(takewhile(lambda each: each not in (">", ">>"), typed))
    root = click.Context(commands, info_name="audit")
    given = commands.parse_args(root, arguments)
    verb, *rest = [*root._protected_args, *given]
    command = commands.commands[verb]
    assert verb == (name or verb)
    command.make_context(verb, rest, parent=root)
