"""All that a pack may import: what a rule or a report is, and what it is given."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from shufflenet_audit.checking.finding import Avoidable, Finding
from shufflenet_audit.checking.guideline import (
    Guideline,
    Metric,
    Severity,
    Unit,
    Verdict,
)
from shufflenet_audit.checking.rule import (
    MIN_SHARE,
    Rule,
    Scale,
    avoidable_share,
    rule,
)
from shufflenet_audit.costs.custom import CustomCost, cost_of
from shufflenet_audit.errors import FormatError, UnavailableError
from shufflenet_audit.latency.backend import (
    Backend,
    Clock,
    Exported,
    Kernel,
    Session,
    Settings,
    Task,
    backend,
)
from shufflenet_audit.latency.measuring import kernels
from shufflenet_audit.latency.profile import Node, Profile
from shufflenet_audit.network import breakdown
from shufflenet_audit.network.blocks import Block
from shufflenet_audit.network.call import (
    Call,
    TensorSpec,
    traffic,
)
from shufflenet_audit.network.cost import (
    Convolution,
    Cost,
    Traffic,
)
from shufflenet_audit.network.graph import CostGraph, Input
from shufflenet_audit.network.kind import (
    CONVOLUTIONS,
    Category,
    Kind,
)
from shufflenet_audit.network.op import Op, Source
from shufflenet_audit.network.tensor import Tensor
from shufflenet_audit.network.thickness import thicknesses
from shufflenet_audit.network.timings import (
    Evidence,
    Latency,
    Roof,
    Seconds,
    Support,
    Timing,
)
from shufflenet_audit.network.totals import Totals
from shufflenet_audit.results.audit import (
    Audit,
    Model,
    Tool,
)
from shufflenet_audit.results.budget import (
    Aggregation,
    Budget,
    BudgetStatus,
    Limit,
)
from shufflenet_audit.results.clusters import (
    Cluster,
    clusters,
    costliest,
    savings,
)
from shufflenet_audit.results.drift import Drift, Regression
from shufflenet_audit.results.evidence import EvidenceText, evidence_texts
from shufflenet_audit.results.fingerprint import fingerprint, fingerprints
from shufflenet_audit.results.project_summary import ProjectSection, project_summary
from shufflenet_audit.results.report import Report, report
from shufflenet_audit.results.violation import is_open
from shufflenet_audit.text import (
    as_many,
    bar,
    counted,
    duration,
    human,
    page,
    printable,
)

if TYPE_CHECKING:  # rules need none of it, and every listing of rules imports them
    from shufflenet_audit.comparison import (
        Amount,
        BlockPair,
        BlockPart,
        Change,
        ChangeKind,
        Comparison,
        FindingPair,
        FindingPart,
        GuidelineResult,
        GuidelineRow,
        KindRow,
        LatencyRow,
        OpPair,
        OpPart,
        Subject,
        TimedKind,
        groups,
        ratio,
        wording,
    )

_PARTS = frozenset({"groups", "wording"})  # modules
_OF_COMPARISON = frozenset(
    {
        "Amount",
        "BlockPair",
        "BlockPart",
        "Change",
        "ChangeKind",
        "Comparison",
        "FindingPair",
        "FindingPart",
        "GuidelineResult",
        "GuidelineRow",
        "KindRow",
        "LatencyRow",
        "OpPair",
        "OpPart",
        "Subject",
        "TimedKind",
        "groups",
        "ratio",
        "wording",
    }
)

__all__ = [
    "CONVOLUTIONS",
    "MIN_SHARE",
    "Aggregation",
    "Amount",
    "Audit",
    "Avoidable",
    "Backend",
    "Block",
    "BlockPair",
    "BlockPart",
    "Budget",
    "BudgetStatus",
    "Call",
    "Category",
    "Change",
    "ChangeKind",
    "Clock",
    "Cluster",
    "Comparison",
    "Convolution",
    "Cost",
    "CostGraph",
    "CustomCost",
    "Drift",
    "Evidence",
    "EvidenceText",
    "Exported",
    "Finding",
    "FindingPair",
    "FindingPart",
    "FormatError",
    "Guideline",
    "GuidelineResult",
    "GuidelineRow",
    "Input",
    "Kernel",
    "Kind",
    "KindRow",
    "Latency",
    "LatencyRow",
    "Limit",
    "Metric",
    "Model",
    "Node",
    "Op",
    "OpPair",
    "OpPart",
    "Profile",
    "ProjectSection",
    "Regression",
    "Report",
    "Roof",
    "Rule",
    "Scale",
    "Seconds",
    "Session",
    "Settings",
    "Severity",
    "Source",
    "Subject",
    "Support",
    "Task",
    "Tensor",
    "TensorSpec",
    "TimedKind",
    "Timing",
    "Tool",
    "Totals",
    "Traffic",
    "UnavailableError",
    "Unit",
    "Verdict",
    "as_many",
    "avoidable_share",
    "backend",
    "bar",
    "breakdown",
    "clusters",
    "cost_of",
    "costliest",
    "counted",
    "duration",
    "evidence_texts",
    "fingerprint",
    "fingerprints",
    "groups",
    "human",
    "is_open",
    "kernels",
    "page",
    "printable",
    "project_summary",
    "ratio",
    "report",
    "rule",
    "savings",
    "thicknesses",
    "traffic",
    "wording",
]


def __getattr__(name: str) -> Any:
    """What belongs to a comparison is imported when a report of one asks for it."""
    if name not in _OF_COMPARISON:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    home = "shufflenet_audit.comparison"
    return import_module(f"{home}.{name}") if name in _PARTS else getattr(import_module(home), name)
