"""An audit, or a comparison, in the form that was asked for."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from shufflenet_audit.cli.shared import terminal
from shufflenet_audit.cli.shared.output import save, show
from shufflenet_audit.comparison import Comparison
from shufflenet_audit.discovery import REPORTS, entries, load, report
from shufflenet_audit.errors import AuditError, NotFoundError
from shufflenet_audit.results.audit import Audit
from shufflenet_audit.results.report import Report


def chosen(name: str | None, file: Path | None, group: str = REPORTS) -> Report:
    """The report of that name, or else the one that writes such files. Raises NotFoundError."""
    if name:
        return report(name, group)
    if file is None or not file.suffix:
        return report("terminal", group)
    usable = list(_usable(group))
    fitting = [each for each in usable if file.name.lower().endswith(each.suffix)]
    if fitting:
        return max(fitting, key=lambda each: len(each.suffix))  # .trace.json before .json
    known = ", ".join(dict.fromkeys(each.suffix for each in usable))
    message = f"no report is written to {file.suffix} files, only to {known}: say --format NAME"
    raise NotFoundError(message)


def lengthened(form: Report) -> Report:
    """The report in its long form. Raises AuditError where it has none."""
    if "long" not in inspect.signature(form.render).parameters:
        message = f"the report {form.name} has no long form: leave out --long, or say --format NAME"
        raise AuditError(message)
    return replace(form, render=partial(form.render, long=True))


def _usable(group: str) -> Iterator[Report]:
    """The reports that can be loaded. That another cannot is said when it is asked for."""
    for entry in entries(group).values():
        with suppress(NotFoundError):
            yield load(entry, Report)


def deliver(result: Audit | Comparison, form: Report, file: Path | None) -> None:
    """Write the result to the file, or to stdout if there is none."""
    if file is None:
        show(_rendered(result, form, width=terminal.width(), color=terminal.color()))
    else:
        save(_rendered(result, form, width=terminal.PIPED_WIDTH, color=False), file)


def _rendered(result: Audit | Comparison, form: Report, **known: object) -> str | bytes:
    """What the report writes. It is told of the terminal what it asks for."""
    takes = inspect.signature(form.render).parameters
    told = {key: value for key, value in known.items() if key in takes}
    try:
        written: str | bytes = form.render(result, **told)
    except AuditError:
        raise
    except Exception as error:
        message = f"the report {form.name} crashed: {type(error).__name__}: {error}"
        raise AuditError(message) from error
    return written
