"""
Says, in numbers, why a network with few FLOPs is slow.

`audit(model, x)` gives an `Audit`, and `compare(first, second)` puts audits side by side;
`trace(model, x)` gives the `CostGraph` alone, `measure(model, x)` the `Latency`, and
`fix(model, x)` the network rewritten for the same outputs. Importing this package does not import
torch.
"""

from __future__ import annotations

from shufflenet_audit.checking.finding import Finding
from shufflenet_audit.checking.guideline import Guideline, Verdict
from shufflenet_audit.comparison import Comparison, compare
from shufflenet_audit.errors import AuditError
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.kind import Kind
from shufflenet_audit.network.op import Op
from shufflenet_audit.pipeline.audit import audit, trace
from shufflenet_audit.pipeline.fix import fix
from shufflenet_audit.pipeline.times import measure
from shufflenet_audit.results.audit import Audit

__all__ = [
    "Audit",
    "AuditError",
    "Comparison",
    "CostGraph",
    "Finding",
    "Guideline",
    "Kind",
    "Op",
    "Verdict",
    "audit",
    "compare",
    "fix",
    "measure",
    "trace",
]
