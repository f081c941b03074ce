"""What became of custom costs: sentences about those that never fired, and those that crashed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from shufflenet_audit.graph import CostGraph
from shufflenet_audit.op import Op
from shufflenet_audit.plugin import CustomCost


def notes_on(costs: Iterable[CustomCost], graph: CostGraph) -> Iterator[str]:
    """A sentence for each of these costs that no op needed, and for each handler that crashed."""
    for cost in costs:
        if not any(_is_for(cost, op) for op in graph):
            yield f"the cost given for {cost.name} was not used: nothing of that name ran"
    crashed = Counter((op.target, op.error) for op in graph if op.error)
    for (target, error), count in crashed.items():
        yield f"{count} ops {target} have no known cost: {error}"


def _is_for(cost: CustomCost, op: Op) -> bool:
    """Whether an op goes by the name of a cost: its target may have an overload behind it."""
    name, _, _ = op.target.rpartition(".")
    return cost.op in (op.target, name, name.removesuffix("_"))
