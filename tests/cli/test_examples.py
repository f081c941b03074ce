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


VERBS = {name: verb.command() for name, verb in commands.verbs.items()}
SHOWN = [(name, line) for name, command in VERBS.items() for line in examples(command)]
OWN = [("", line) for line in examples(commands)]


@pytest.mark.parametrize("name", VERBS)
def test_the_list_of_commands_shows_the_first_sentence_of_each(name: str) -> None:
    documented = " ".join((VERBS[name].help or "").split())
    assert documented.startswith(commands.verbs[name].summary)


def test_every_command_has_examples() -> None:
    assert {name for name, _ in SHOWN} == set(VERBS)


@pytest.mark.parametrize(("name", "line"), [*SHOWN, *OWN], ids=lambda each: each)
def test_an_example_has_the_options_of_its_command(name: str, line: str) -> None:
    typed = shlex.split(line.rpartition("| ")[2])[1:]
    arguments = list(takewhile(lambda each: each not in (">", ">>"), typed))
    root = click.Context(commands, info_name="audit")
    given = commands.parse_args(root, arguments)
    verb, *rest = [*root._protected_args, *given]
    command = VERBS[verb]
    assert verb == (name or verb)
    command.make_context(verb, rest, parent=root)
