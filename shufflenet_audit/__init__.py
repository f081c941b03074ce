"""
Says, in numbers, why a network with few FLOPs is slow.

`audit(model, x)` gives an `Audit`, and `compare(first, second)` puts audits side by side;
`trace(model, x)` gives the `CostGraph` alone, and `measure(model, x)` the `Latency`. Importing this
package does not import torch.
"""

from __future__ import annotations

from shufflenet_audit.audit import audit
from shufflenet_audit.comparison import Comparison, compare
from shufflenet_audit.errors import AuditError
from shufflenet_audit.finding import Finding
from shufflenet_audit.graph import CostGraph
from shufflenet_audit.guideline import Guideline, Verdict
from shufflenet_audit.kind import Kind
from shufflenet_audit.latency import measure
from shufflenet_audit.op import Op
from shufflenet_audit.result import Audit
from shufflenet_audit.trace import trace

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
    "measure",
    "trace",
]
