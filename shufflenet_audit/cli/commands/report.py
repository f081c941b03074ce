"""`audit report SAVED`: a saved audit or comparison in another form. It does not need torch."""

from __future__ import annotations

from pathlib import Path

import click

from shufflenet_audit.cli.exit_status import exit_status
from shufflenet_audit.cli.shared.flags import debug
from shufflenet_audit.cli.shared.options import Output, fail_on, long_output
from shufflenet_audit.cli.shared.output import check_writable
from shufflenet_audit.cli.shared.rendering import chosen, deliver
from shufflenet_audit.cli.shared.saved_files import result, text
from shufflenet_audit.comparison import Comparison
from shufflenet_audit.discovery import COMPARISONS, REPORTS
from shufflenet_audit.results.violation import FailOn


@click.command()
@click.argument("saved", type=click.Path(path_type=Path, allow_dash=True))
@long_output
@fail_on(FailOn.NEVER)
@debug
def report(saved: Path, output: Output, threshold: FailOn) -> int:
    """Render an audit or a comparison saved with --format json; - reads it from stdin."""
    if output.file:
        check_writable(output.file)
    found = result(text(saved))
    group = COMPARISONS if isinstance(found, Comparison) else REPORTS
    deliver(found, chosen(output, group=group), output.file)
    return 0 if isinstance(found, Comparison) else exit_status(found, threshold)
