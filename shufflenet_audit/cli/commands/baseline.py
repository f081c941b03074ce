"""`audit baseline MODEL`: what is found now is known from now on."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path

import click

from shufflenet_audit.cli.shared.configured import configured_model
from shufflenet_audit.cli.shared.model_argument import Wanted
from shufflenet_audit.cli.shared.options import debug
from shufflenet_audit.cli.shared.output import (
    check_writable,
    complain,
    save,
    show,
)
from shufflenet_audit.cli.shared.rule_selection import selected
from shufflenet_audit.cli.shared.terminal import working
from shufflenet_audit.project import Config
from shufflenet_audit.project.baseline import FILE, to_json
from shufflenet_audit.project.suppression import with_suppressed
from shufflenet_audit.results.audit import Audit


@click.command()
@configured_model
@click.option(
    "-o",
    "--output",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help=f"Where it goes; else the configured baseline, or {FILE}.",
)
@click.option("--quiet", is_flag=True, help="No progress.")
@debug
def baseline(wanted: Wanted, config: Config, file: Path | None, *, quiet: bool) -> int:
    """
    Write down what is found in a model, so that later only what is new or worse counts.

    The file holds the findings that are not suppressed, the metrics and the totals. It is read
    where the configuration says: baseline = "FILE".
    """
    file = file or (config.baseline.file if config.baseline else Path(FILE))
    check_writable(file)
    audit = _audit(wanted, config, quiet=quiet)
    for guideline in audit.guidelines:
        if guideline.error:
            complain(f"{guideline.code} crashed: {guideline.error}")
    if audit.crashed:
        complain(f"a part of the audit is missing: {file} is not written")
        return 2
    save(to_json(audit), file)
    found = len(audit.findings) - len(audit.suppressed)
    use = "" if config.baseline else f'; to use it, configure: baseline = "{file.as_posix()}"'
    show(f"{found} known finding{'s' * (found != 1)} written to {file}{use}\n")
    return 0


def _audit(wanted: Wanted, config: Config, *, quiet: bool) -> Audit:
    rules = config.levelled(selected((), (), config.off))
    with working(f"auditing {wanted.model}", quiet=quiet), redirect_stdout(sys.stderr):
        loaded = wanted.load()
        from shufflenet_audit.pipeline.audit import audit_loaded  # noqa: PLC0415  (load said what is wrong)

        return with_suppressed(audit_loaded(loaded, rules, config.options), config.suppressions)
