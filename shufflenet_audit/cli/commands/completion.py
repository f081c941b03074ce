"""`audit completion SHELL`: the script that lets a shell complete the command."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from shufflenet_audit.cli.shared.options import debug
from shufflenet_audit.cli.shared.output import show
from shufflenet_audit.errors import UnavailableError

_VARIABLE = "_AUDIT_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
@debug
def completion(context: click.Context, shell: str) -> int:
    """Print the script that lets a shell complete commands, options, models, rules and devices."""
    kind = get_completion_class(shell)
    if kind is None:
        message = f"click cannot complete in {shell}: install a newer one"
        raise UnavailableError(message)
    # What click does when the variable is set, without the check of the version of bash.
    whole = kind(context.find_root().command, {}, "audit", _VARIABLE)
    show(whole.source_template % whole.source_vars())
    return 0
