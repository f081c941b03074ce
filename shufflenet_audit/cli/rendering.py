"""An audit in the form that was asked for."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from shufflenet_audit.cli import terminal
from shufflenet_audit.cli.output import save, show
from shufflenet_audit.discovery import REPORTS, entries, load, report
from shufflenet_audit.errors import AuditError, NotFoundError
from shufflenet_audit.plugin import Audit, Report


def chosen(name: str | None, file: Path | None) -> Report:
    """The report of that name, or else the one that writes such files. Raises NotFoundError."""
    if name:
        return report(name)
    if file is None or not file.suffix:
        return report("terminal")
    usable = list(_usable())
    fitting = [each for each in usable if file.name.lower().endswith(each.suffix)]
    if fitting:
        return max(fitting, key=lambda each: len(each.suffix))  # .trace.json before .json
    known = ", ".join(dict.fromkeys(each.suffix for each in usable))
    message = f"no report is written to {file.suffix} files, only to {known}: say --format NAME"
    raise NotFoundError(message)


def _usable() -> Iterator[Report]:
    """The reports that can be loaded. That another cannot is said when it is asked for."""
    for entry in entries(REPORTS).values():
        with suppress(NotFoundError):
            yield load(entry, Report)


def deliver(audit: Audit, form: Report, file: Path | None) -> None:
    """Write the audit to the file, or to stdout if there is none."""
    if file is None:
        show(_rendered(audit, form, width=terminal.width(), color=terminal.color()))
    else:
        save(_rendered(audit, form, width=terminal.PIPED_WIDTH, color=False), file)


def _rendered(audit: Audit, form: Report, **known: object) -> str | bytes:
    """What the report writes. It is told of the terminal what it asks for."""
    takes = inspect.signature(form.render).parameters
    told = {key: value for key, value in known.items() if key in takes}
    try:
        written: str | bytes = form.render(audit, **told)
    except AuditError:
        raise
    except Exception as error:
        message = f"the report {form.name} crashed: {type(error).__name__}: {error}"
        raise AuditError(message) from error
    return written
