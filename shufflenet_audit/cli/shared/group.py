"""The command group whose default verb is `run`, so that `audit MODEL` is the audit itself."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

DEFAULT = "run"
_OWN = ("--help", "-h", "--version")


class DefaultGroup(click.Group):
    """A group that takes what is none of its verbs for the model of its default verb."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default verb in front where there is no verb."""
        debug = [each for each in args if each == "--debug"]
        rest = [each for each in args if each != "--debug"]
        if not (rest or ctx.resilient_parsing) and _is_configured():
            rest.insert(0, DEFAULT)
        elif rest and rest[0] not in (*self.commands, *_OWN):
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
        default = self.commands[DEFAULT]
        (model, *_) = default.params
        found = model.shell_complete(ctx, incomplete)
        return [*found, *super().shell_complete(ctx, incomplete)]

    def _check(self, ctx: click.Context, args: list[str]) -> None:
        """Raise UsageError for a mistyped verb: one with an argument after it, and no such file."""
        verb, *others = args
        close = get_close_matches(verb, self.commands, n=1)
        if (
            not ctx.resilient_parsing
            and close
            and others
            and not others[0].startswith("-")
            and not Path(verb).exists()
        ):
            message = f"no command is called {verb!r}: did you mean {close[0]}?"
            raise click.UsageError(message, ctx)


def _is_configured() -> bool:
    """Whether there is a configuration, which may name a model."""
    from shufflenet_audit.project.reading import found  # noqa: PLC0415  (it loads the rules)

    return found(Path.cwd()) is not None
