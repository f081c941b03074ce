"""The group of verbs: imported when they are used, with `run` as the default one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from shufflenet_audit.text import did_you_mean

DEFAULT = "run"
_OWN = ("--help", "-h", "--version")
_COMMANDS = "shufflenet_audit.cli.commands"


@dataclass(frozen=True, slots=True)
class Verb:
    """A command, known without importing it."""

    name: str
    """What is typed."""
    target: str
    """Where it is: a module in `cli/commands/`, and the name of the command in it."""
    summary: str
    """The first sentence of its documentation."""

    def command(self) -> click.Command:
        """The command itself, with its examples."""
        from shufflenet_audit.cli.shared.examples import with_examples  # noqa: PLC0415  (for its --help)

        module, _, name = self.target.partition(":")
        command: click.Command = getattr(import_module(f"{_COMMANDS}.{module}"), name)
        return with_examples(command)


class VerbGroup(click.Group):
    """A group that takes what is not one of its verbs for the model of its default verb."""

    def __init__(self, *args: Any, verbs: Sequence[Verb], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.verbs = {verb.name: verb for verb in verbs}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's)
        """The names of the verbs."""
        return sorted(self.verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  (click's)
        """The verb of that name, imported now."""
        verb = self.verbs.get(cmd_name)
        return verb.command() if verb else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The verbs with their summaries, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, self._short(name, formatter)) for name in self.list_commands(ctx)]
            )

    def _short(self, name: str, formatter: click.HelpFormatter) -> str:
        """As much of a summary as fits on a line."""
        room = formatter.width - 6 - max(map(len, self.verbs))
        return click.Command(name, help=self.verbs[name].summary).get_short_help_str(room)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default verb in front where there is no verb."""
        debug = [each for each in args if each == "--debug"]
        rest = [each for each in args if each != "--debug"]
        if not (rest or ctx.resilient_parsing) and _is_configured():
            rest.insert(0, DEFAULT)
        elif rest and rest[0] not in (*self.verbs, *_OWN):
            self._check(ctx, rest)
            rest.insert(0, DEFAULT)
        return super().parse_args(ctx, [*debug, *rest])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb. An interrupt is one line: click itself would print an empty one first."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise click.Abort from error

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Verbs, and what the default verb takes in their place."""
        default = self.verbs[DEFAULT].command()
        (model, *_) = default.params
        verbs = [
            CompletionItem(verb.name, help=verb.summary)
            for verb in self.verbs.values()
            if verb.name.startswith(incomplete)
        ]
        own = click.Command.shell_complete(self, ctx, incomplete)
        return [*model.shell_complete(ctx, incomplete), *verbs, *own]

    def _check(self, ctx: click.Context, args: list[str]) -> None:
        """Raise UsageError for a mistyped verb: one with an argument after it, and no such file."""
        verb, *others = args
        hint = did_you_mean(verb, self.verbs)
        if (
            not ctx.resilient_parsing
            and hint
            and others
            and not others[0].startswith("-")
            and not Path(verb).exists()
        ):
            message = f"no command is called {verb!r}: {hint}"
            raise click.UsageError(message, ctx)


def _is_configured() -> bool:
    """Whether there is a configuration, which may name a model."""
    from shufflenet_audit.project.reading import found  # noqa: PLC0415  (it loads the rules)

    return found(Path.cwd()) is not None
