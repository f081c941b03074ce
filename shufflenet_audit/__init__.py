"""
Says, in numbers, why a network with few FLOPs is slow.

`audit(model, x)` gives an `Audit`, and `compare(first, second)` puts audits side by side;
`trace(model, x)` gives the `CostGraph` alone, `measure(model, x)` the `Latency`, and
`fix(model, x)` the network rewritten for the same outputs. Each name is imported when it is first
used: importing this package costs nothing, and never imports torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what follows at run time through __getattr__
    from shufflenet_audit.checking.finding import Finding
    from shufflenet_audit.checking.guideline import Guideline, Verdict
    from shufflenet_audit.comparison import Comparison, compare
    from shufflenet_audit.errors import AuditError
    from shufflenet_audit.latency.predicting.fitted_device import fit_device
    from shufflenet_audit.network.graph import CostGraph
    from shufflenet_audit.network.kind import Kind
    from shufflenet_audit.network.op import Op
    from shufflenet_audit.pipeline.audit import audit, trace
    from shufflenet_audit.pipeline.fix import fix
    from shufflenet_audit.pipeline.times import measure
    from shufflenet_audit.results.audit import Audit

_HOMES = {
    "Audit": "results.audit",
    "AuditError": "errors",
    "Comparison": "comparison",
    "CostGraph": "network.graph",
    "Finding": "checking.finding",
    "Guideline": "checking.guideline",
    "Kind": "network.kind",
    "Op": "network.op",
    "Verdict": "checking.guideline",
    "audit": "pipeline.audit",
    "compare": "comparison",
    "fix": "pipeline.fix",
    "fit_device": "latency.predicting.fitted_device",
    "measure": "pipeline.times",
    "trace": "pipeline.audit",
}

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
    "fit_device",
    "fix",
    "measure",
    "trace",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted((*globals(), *__all__))
