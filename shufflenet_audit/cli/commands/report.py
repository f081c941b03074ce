"""`audit report SAVED`: a saved audit or comparison in another form. It does not need torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from shufflenet_audit.cli.shared.options import (
    debug,
    exit_status,
    fail_on,
    long,
    output,
)
from shufflenet_audit.cli.shared.output import check_writable
from shufflenet_audit.cli.shared.rendering import (
    chosen,
    deliver,
    lengthened,
)
from shufflenet_audit.cli.shared.saved_files import result, text
from shufflenet_audit.comparison import Comparison
from shufflenet_audit.discovery import COMPARISONS, REPORTS
from shufflenet_audit.results.violation import FailOn


@click.command()
@click.argument("saved", type=click.Path(path_type=Path, allow_dash=True))
@output
@long
@fail_on(FailOn.NEVER)
@debug
def report(saved: Path, threshold: FailOn, **asked: Any) -> int:
    """Render an audit or a comparison saved with --format json; - reads it from stdin."""
    file: Path | None = asked["file"]
    if file:
        check_writable(file)
    found = result(text(saved))
    group = COMPARISONS if isinstance(found, Comparison) else REPORTS
    form = chosen(asked["form"], file, group)
    deliver(found, lengthened(form) if asked["at_length"] else form, file)
    return 0 if isinstance(found, Comparison) else exit_status(found, threshold)
