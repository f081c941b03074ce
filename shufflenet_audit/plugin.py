"""All that a pack may import: what a rule or a report is, and what it is given."""

from __future__ import annotations

from shufflenet_audit.checking.finding import Avoidable, Finding
from shufflenet_audit.checking.guideline import (
    Guideline,
    Metric,
    Severity,
    Unit,
    Verdict,
)
from shufflenet_audit.checking.rule import (
    Rule,
    Scale,
    avoidable_share,
    rule,
)
from shufflenet_audit.comparison import (
    Amount,
    BlockPair,
    BlockPart,
    Change,
    Comparison,
    Fate,
    FindingPair,
    FindingPart,
    Judged,
    OpPair,
    OpPart,
    Slice,
    Standing,
    Subject,
    Timed,
    TimedKind,
    groups,
    ratio,
    wording,
)
from shufflenet_audit.costs.custom import CustomCost, cost_of
from shufflenet_audit.errors import UnavailableError
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
from shufflenet_audit.latency.measuring import kernels, onnxruntime_profile
from shufflenet_audit.network import breakdown
from shufflenet_audit.network.blocks import Block
from shufflenet_audit.network.call import (
    Call,
    Spec,
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
    Kept,
    Limit,
)
from shufflenet_audit.results.clusters import (
    Cluster,
    clusters,
    costliest,
    savings,
)
from shufflenet_audit.results.drift import Drift, Regression
from shufflenet_audit.results.evidence import Claim, claims
from shufflenet_audit.results.fingerprint import fingerprint, fingerprints
from shufflenet_audit.results.project_summary import Guard, guards
from shufflenet_audit.results.report import Report, report
from shufflenet_audit.results.violation import is_open
from shufflenet_audit.text import (
    bar,
    duration,
    human,
    page,
    printable,
)

__all__ = [
    "CONVOLUTIONS",
    "Aggregation",
    "Amount",
    "Audit",
    "Avoidable",
    "Backend",
    "Block",
    "BlockPair",
    "BlockPart",
    "Budget",
    "Call",
    "Category",
    "Change",
    "Claim",
    "Clock",
    "Cluster",
    "Comparison",
    "Convolution",
    "Cost",
    "CostGraph",
    "CustomCost",
    "Drift",
    "Evidence",
    "Exported",
    "Fate",
    "Finding",
    "FindingPair",
    "FindingPart",
    "Guard",
    "Guideline",
    "Input",
    "Judged",
    "Kept",
    "Kernel",
    "Kind",
    "Latency",
    "Limit",
    "Metric",
    "Model",
    "Op",
    "OpPair",
    "OpPart",
    "Regression",
    "Report",
    "Roof",
    "Rule",
    "Scale",
    "Seconds",
    "Session",
    "Settings",
    "Severity",
    "Slice",
    "Source",
    "Spec",
    "Standing",
    "Subject",
    "Support",
    "Task",
    "Tensor",
    "Timed",
    "TimedKind",
    "Timing",
    "Tool",
    "Totals",
    "Traffic",
    "UnavailableError",
    "Unit",
    "Verdict",
    "avoidable_share",
    "backend",
    "bar",
    "breakdown",
    "claims",
    "clusters",
    "cost_of",
    "costliest",
    "duration",
    "fingerprint",
    "fingerprints",
    "groups",
    "guards",
    "human",
    "is_open",
    "kernels",
    "onnxruntime_profile",
    "page",
    "printable",
    "ratio",
    "report",
    "rule",
    "savings",
    "thicknesses",
    "traffic",
    "wording",
]
