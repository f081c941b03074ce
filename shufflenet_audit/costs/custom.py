"""What an op or a module costs according to the author of the model or of a pack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from shufflenet_audit.network.call import Call, class_op
from shufflenet_audit.network.cost import Cost
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.op import Op


@dataclass(frozen=True, slots=True)
class CustomCost:
    """What an op, or a module of some class, costs according to its author."""

    target: str | type
    """The op, as in `mylib::op`, or the class of modules that it is for."""
    handler: Callable[[Call], Cost]
    """Takes a `Call` and returns its `Cost`. A module is one call: `args` are the arguments of
    `forward`, its parameters are in `kwargs`, and `Call.module` is the module itself."""

    @property
    def op(self) -> str:
        """Name of the ops that it is for: `mylib.op`, or `module.` and the name of a class."""
        if isinstance(self.target, type):
            return class_op(self.target)
        return self.target.replace("::", ".")

    @property
    def name(self) -> str:
        """Its target as the author wrote it."""
        return self.target if isinstance(self.target, str) else self.op.removeprefix("module.")


def cost_of(target: str | type) -> Callable[[Callable[[Call], Cost]], CustomCost]:
    """Make a custom cost from a handler: for an op, as in `mylib::op`, or a class of modules."""
    return lambda handler: CustomCost(target, handler)


def custom_modules(costs: Iterable[CustomCost]) -> frozenset[str]:
    """The names of the classes of modules that these costs are for: each is traced as one call."""
    return frozenset(cost.op for cost in costs if isinstance(cost.target, type))


def notes_on(costs: Iterable[CustomCost], graph: CostGraph) -> Iterator[str]:
    """A sentence for each of these costs that was not used, and for each handler that crashed."""
    for cost in costs:
        if not any(_is_for(cost, op) for op in graph):
            yield f"the cost given for {cost.name} was not used: nothing of that name ran"
    crashed = Counter((op.target, op.error) for op in graph if op.error)
    for (target, error), count in crashed.items():
        yield f"{count} ops {target} have no known cost: {error}"


def _is_for(cost: CustomCost, op: Op) -> bool:
    """Whether a cost is for this op, whose target may end in an overload."""
    name, _, _ = op.target.rpartition(".")
    return cost.op in (op.target, name, name.removesuffix("_"))
