"""The steps of an audit as a person sees them: progress, notes, and errors that name the cure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from shufflenet_audit.cli.shared.output import complain
from shufflenet_audit.cli.shared.terminal import is_quiet, working
from shufflenet_audit.errors import AuditError, TraceError
from shufflenet_audit.pipeline.audit import Job
from shufflenet_audit.results.audit import Audit


@contextmanager
def step(name: str, job: Job | None) -> Iterator[None]:
    """Show which step is being done to which model, and say what was assumed where it fails."""
    with working(f"{name} {job.loaded.name if job else 'it'}"), _hinted(job):
        yield


@contextmanager
def step_of_several(name: str, job: Job | None) -> Iterator[None]:
    """The same, where an error must also say which model it is of."""
    with working(f"{name} {job.loaded.name if job else 'them in turns'}"):
        try:
            with _hinted(job):
                yield
        except AuditError as error:
            if job is None:
                raise
            message = f"{job.name}: {error}"
            raise type(error)(message) from error


@contextmanager
def _hinted(job: Job | None) -> Iterator[None]:
    try:
        yield
    except TraceError as error:
        if job is None or not job.loaded.assumptions:
            raise
        assumed = "; ".join(job.loaded.assumptions)
        message = f"{error} ({assumed}: say otherwise with --input)"
        raise TraceError(message) from error


def tell_notes(audits: Sequence[Audit], *, shown: bool) -> None:
    """Say what was assumed, unless the report has shown it, and which rules crashed."""
    if is_quiet():
        return
    for audit in audits:
        name = f"{audit.model.name}: " if len(audits) > 1 else ""
        for assumption in () if shown else audit.model.assumptions:
            complain(f"note: {name}{assumption}")
        for guideline in audit.guidelines:
            if guideline.error:
                complain(f"{name}{guideline.code} crashed: {guideline.error}")
