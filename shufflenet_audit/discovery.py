"""Rules, reports and backends, found through entry points: the built-in ones like any other."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar

from shufflenet_audit.checking.finding import Finding
from shufflenet_audit.checking.guideline import Severity
from shufflenet_audit.checking.rule import Rule, Scale
from shufflenet_audit.costs.custom import CustomCost
from shufflenet_audit.errors import NotFoundError
from shufflenet_audit.latency.backend import Backend
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.results.report import Report
from shufflenet_audit.text import named

RULES = "shufflenet_audit.rules"
REPORTS = "shufflenet_audit.reports"
COMPARISONS = "shufflenet_audit.comparisons"
BACKENDS = "shufflenet_audit.backends"
COSTS = "shufflenet_audit.costs"
DEFAULTS = "shufflenet_audit.defaults"

T = TypeVar("T")


def rules() -> dict[str, Rule]:
    """
    All installed rules by code: first those that can fail, then those that only warn.

    One that cannot be loaded becomes a rule that crashes, so that all others still run.
    """
    loaded = (_loaded_or_crashing(entry, Rule) for entry in entries(RULES).values())
    found = {rule.code: rule for rule in loaded}
    ordered = sorted(
        found.values(), key=lambda rule: (rule.severity is not Severity.ERROR, rule.code)
    )
    return {rule.code: rule for rule in ordered}


def reports(group: str = REPORTS) -> dict[str, Report]:
    """All installed reports by name: those of an audit, or of a comparison."""
    loaded = (load(entry, Report) for entry in entries(group).values())
    return {report.name: report for report in loaded}


def costs() -> tuple[CustomCost, ...]:
    """All installed costs of ops and modules that the engine does not know."""
    loaded = (_loaded_or_crashing(entry, CustomCost) for entry in entries(COSTS).values())
    return tuple(each for each in loaded if isinstance(each, CustomCost))


def lost_costs() -> tuple[Rule, ...]:
    """A rule that crashes for each installed cost that cannot be loaded, to be reported with it."""
    loaded = (_loaded_or_crashing(entry, CustomCost) for entry in entries(COSTS).values())
    return tuple(each for each in loaded if isinstance(each, Rule))


def backend(name: str) -> Backend:
    """The installed backend of that name; no other is loaded. Raises NotFoundError."""
    return load(_entry(BACKENDS, name, "backend"), Backend)


def default_backend() -> Backend:
    """The backend that is used where none is named."""
    return load(_entry(DEFAULTS, "backend", "default"), Backend)


def default_exporter() -> Backend:
    """The backend whose file is written to be run elsewhere, and whose profiles come back."""
    return load(_entry(DEFAULTS, "export", "default"), Backend)


def default_report(group: str = REPORTS) -> Report:
    """The report that is used where none is named: of an audit, or of a comparison."""
    name = "report" if group == REPORTS else "comparison"
    return load(_entry(DEFAULTS, name, "default"), Report)


def entries(group: str) -> dict[str, EntryPoint]:
    """The rules, reports or backends of that group by name, not loaded."""
    found = sorted(entry_points(group=group), key=lambda entry: entry.name)
    return {entry.name: entry for entry in found}


def report(name: str, group: str = REPORTS) -> Report:
    """The installed report of that name, whatever becomes of the others. Raises NotFoundError."""
    return load(_entry(group, name, "report"), Report)


def pack(kind: str, name: str) -> str:
    """The distribution that brings the rule, report or backend of that name."""
    for entry in entry_points(group=kind, name=name):
        return entry.dist.name if entry.dist else ""
    return ""


def _entry(group: str, name: str, kind: str) -> EntryPoint:
    return named(entries(group), name, kind)


def _loaded_or_crashing(entry: EntryPoint, kind: type[T]) -> T | Rule:
    try:
        return load(entry, kind)
    except NotFoundError as error:
        return _crashing(entry.name, error)


def _crashing(code: str, error: NotFoundError) -> Rule:
    def check(graph: CostGraph) -> Iterator[Finding]:  # noqa: ARG001  (as any check takes it)
        raise error

    check.__doc__ = str(error)
    return Rule(code, "cannot-be-loaded", check, Scale(), Severity.ERROR)


def load(entry: EntryPoint, kind: type[T]) -> T:
    """What an entry point stands for. Raises NotFoundError where it is not of that kind."""
    dist = entry.dist.name if entry.dist else "unknown"
    brought = f"{entry.name} ({entry.value}), which the pack {dist} brings,"
    try:
        thing = entry.load()
    except Exception as error:
        message = f"{brought} cannot be loaded: {error!r}: fix or uninstall the pack"
        raise NotFoundError(message) from error
    if not isinstance(thing, kind):
        message = f"{brought} is no {kind.__name__.lower()}: make one with the decorator"
        raise NotFoundError(message)
    return thing
