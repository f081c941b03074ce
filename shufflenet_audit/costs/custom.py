"""What an op or a module costs, by the word of whoever knows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from shufflenet_audit.network.call import Call
from shufflenet_audit.network.cost import Cost
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.op import Op


@dataclass(frozen=True, slots=True)
class CustomCost:
    """
    What an op, or a module of some class, costs, by the word of whoever knows it.

    `handler` takes a `Call` and gives its `Cost`. A module is one call: its `args` are what
    `forward` is given, its parameters are in `kwargs`, and `Call.module` is the module itself.
    """

    target: str | type
    handler: Callable[[Call], Cost]

    @property
    def op(self) -> str:
        """What the ops that it is for go by: `mylib.op`, or `module.` and the name of a class."""
        if isinstance(self.target, type):
            return class_op(self.target)
        return self.target.replace("::", ".")

    @property
    def name(self) -> str:
        """Its target as its author wrote it."""
        return self.target if isinstance(self.target, str) else self.op.removeprefix("module.")


def class_op(kind: type) -> str:
    """What a call of a module of that class goes by: its name, as a file may be imported twice."""
    return f"module.{kind.__module__}.{kind.__qualname__}"


def cost_of(target: str | type) -> Callable[[Callable[[Call], Cost]], CustomCost]:
    """Make a custom cost of a handler: for an op, as in `mylib::op`, or for a class of modules."""
    return lambda handler: CustomCost(target, handler)


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
