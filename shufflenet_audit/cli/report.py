"""`audit report SAVED`: a saved audit or comparison in another form. It does not need torch."""

from __future__ import annotations

from pathlib import Path

import click

from shufflenet_audit.cli.options import debug, exit_status, fail_on, output
from shufflenet_audit.cli.output import check_writable
from shufflenet_audit.cli.rendering import chosen, deliver
from shufflenet_audit.cli.stored import result, text
from shufflenet_audit.discovery import COMPARISONS, REPORTS
from shufflenet_audit.plugin import Comparison
from shufflenet_audit.violation import FailOn


@click.command()
@click.argument("saved", type=click.Path(path_type=Path, allow_dash=True))
@output
@fail_on(FailOn.NEVER)
@debug
def report(saved: Path, form: str | None, file: Path | None, threshold: FailOn) -> int:
    """Render an audit or a comparison saved with --format json; - reads it from stdin."""
    if file:
        check_writable(file)
    found = result(text(saved))
    compares = isinstance(found, Comparison)
    deliver(found, chosen(form, file, COMPARISONS if compares else REPORTS), file)
    return 0 if isinstance(found, Comparison) else exit_status(found, threshold)
