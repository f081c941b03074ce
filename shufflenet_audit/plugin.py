"""All that a pack may import: what a rule or a report is, and what it is given."""

from __future__ import annotations

from shufflenet_audit import breakdown, grouping, profile
from shufflenet_audit.backend import (
    Backend,
    Clock,
    Exported,
    Kernel,
    Session,
    Settings,
    Task,
    backend,
)
from shufflenet_audit.blocks import Block
from shufflenet_audit.budget import Aggregation, Budget, Kept, Limit
from shufflenet_audit.call import Call, Spec, traffic
from shufflenet_audit.claims import Claim, claims
from shufflenet_audit.clusters import Cluster, clusters, costliest, savings
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
from shufflenet_audit.conventions import CONVENTIONS, Reconciliation, reconciled
from shufflenet_audit.cost import Convolution, Cost, Traffic
from shufflenet_audit.custom_cost import CustomCost, cost_of
from shufflenet_audit.drift import Drift, Regression
from shufflenet_audit.errors import UnavailableError
from shufflenet_audit.finding import Avoidable, Finding
from shufflenet_audit.fingerprint import fingerprint, fingerprints
from shufflenet_audit.graph import CostGraph, Input
from shufflenet_audit.guards import Guard, guards
from shufflenet_audit.guideline import Guideline, Metric, Severity, Unit, Verdict
from shufflenet_audit.kind import CONVOLUTIONS, Category, Kind
from shufflenet_audit.numbers import duration, human
from shufflenet_audit.op import Op, Source
from shufflenet_audit.report import Report, report
from shufflenet_audit.result import Audit, Model, Tool
from shufflenet_audit.rule import Rule, Scale, avoidable_share, rule
from shufflenet_audit.tensor import Tensor
from shufflenet_audit.text import bar, page, printable
from shufflenet_audit.thickness import thicknesses
from shufflenet_audit.timings import Evidence, Latency, Roof, Seconds, Support, Timing
from shufflenet_audit.totals import Totals
from shufflenet_audit.violation import is_open

__all__ = [
    "CONVENTIONS",
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
    "Reconciliation",
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
    "grouping",
    "groups",
    "guards",
    "human",
    "is_open",
    "page",
    "printable",
    "profile",
    "ratio",
    "reconciled",
    "report",
    "rule",
    "savings",
    "thicknesses",
    "traffic",
    "wording",
]
