"""A network as a graph of costed ops: frozen data, with pandas and networkx views of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from shufflenet_audit.network.blocks import Block, blocks
from shufflenet_audit.network.fusion import fused
from shufflenet_audit.network.kind import Kind
from shufflenet_audit.network.op import Op
from shufflenet_audit.network.tensor import Tensor
from shufflenet_audit.network.totals import Totals

if TYPE_CHECKING:  # they take half a second to import, and most uses need neither
    import networkx as nx
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Input:
    """An example input of the model."""

    name: str
    tensor: Tensor


@dataclass(frozen=True)
class CostGraph:
    """
    The ops of a network in the order in which they run, joined by who reads what.

    `outputs` names the ops (or inputs) whose results leave the network; `params` counts the
    parameters of the model, each once, whether an op reads them or not.
    """

    ops: tuple[Op, ...]
    inputs: tuple[Input, ...]
    outputs: tuple[str, ...]
    params: int

    @classmethod
    def of(
        cls, ops: Sequence[Op], inputs: Iterable[Input], outputs: Iterable[str], params: int
    ) -> CostGraph:
        """The graph of these ops, with what is left to each after fusion filled in."""
        leaving = tuple(outputs)
        return cls(fused(ops, leaving), tuple(inputs), leaving, params)

    def __len__(self) -> int:
        return len(self.ops)

    def __iter__(self) -> Iterator[Op]:
        return iter(self.ops)

    def __getitem__(self, name: str) -> Op:
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def of_kind(self, *kinds: Kind | str) -> Iterator[Op]:
        """The ops of these kinds, in the order in which they run."""
        return (op for op in self.ops if op.kind in kinds)

    def parents(self, op: Op) -> tuple[Op, ...]:
        """The ops whose results it reads, one for each of its inputs that an op made."""
        return tuple(self._by_name[name] for name in op.parents if name in self._by_name)

    def children(self, op: Op) -> tuple[Op, ...]:
        """The ops that read its result."""
        return tuple(self._by_name[name] for name in self._children.get(op.name, ()))

    def maker(self, op: Op) -> Op:
        """The op whose memory this one hands on: itself, or for a view what it looks at."""
        while not op.launched and op.parents and op.parents[0] in self._by_name:
            op = self._by_name[op.parents[0]]
        return op

    def blocks(self) -> tuple[Block, ...]:
        """Its building blocks, found on the graph alone; every op is in exactly one."""
        return self._blocks

    @property
    def known(self) -> Iterator[Op]:
        """The ops whose cost is known."""
        return (op for op in self.ops if op.known)

    @property
    def unknown(self) -> tuple[Op, ...]:
        """The ops whose cost nobody knows. The totals leave them out, and say so."""
        return tuple(op for op in self.ops if not op.known)

    @cached_property
    def total(self) -> Totals:
        """Sums over the known ops."""
        return Totals.of(self.ops, self.params)

    def by_kind(self) -> dict[Kind, Totals]:
        """Totals of each kind of op, the most memory access first; params are those ops read."""
        found = Counter(op.kind for op in self.ops)
        parts = {kind: self._only(kind) for kind in found}
        return dict(sorted(parts.items(), key=lambda item: -item[1].memory_access))

    def table(self) -> pd.DataFrame:
        """One row per op. Numbers of an unknown op are missing, not zero."""
        import pandas as pd  # noqa: PLC0415  (see the top)

        return pd.DataFrame([_row(op) for op in self.ops]).convert_dtypes()

    def networkx(self) -> nx.DiGraph[str]:
        """The graph of inputs and ops; a node has its `op`, `kind`, `module`, and its numbers."""
        import networkx as nx  # noqa: PLC0415  (see the top)

        graph: nx.DiGraph[str] = nx.DiGraph()
        for given in self.inputs:
            graph.add_node(given.name, kind="input")
        for op in self.ops:
            graph.add_node(op.name, op=op, **_row(op))
            graph.add_edges_from((parent, op.name) for parent in op.parents)
        return graph

    def _only(self, kind: Kind) -> Totals:
        ops = tuple(self.of_kind(kind))
        return CostGraph(ops, (), (), sum(op.params for op in ops)).total

    @cached_property
    def _by_name(self) -> dict[str, Op]:
        return {op.name: op for op in self.ops}

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        children: dict[str, list[str]] = {}
        for op in self.ops:
            for parent in dict.fromkeys(op.parents):
                children.setdefault(parent, []).append(op.name)
        return children

    @cached_property
    def _blocks(self) -> tuple[Block, ...]:
        return blocks(self.ops, (given.name for given in self.inputs), self.outputs)


def _row(op: Op) -> dict[str, object]:
    known = op.known
    return {
        "name": op.name,
        "kind": str(op.kind),
        "category": str(op.kind.category),
        "target": op.target,
        "module": op.module,
        "source": str(op.source) if op.source else None,
        "defined": str(op.defined) if op.defined else None,
        "inputs": " ".join(map(str, op.inputs)),
        "outputs": " ".join(map(str, op.outputs)),
        "params": op.params,
        "macs": op.macs if known else None,
        "elementwise": op.elementwise if known else None,
        "reads": op.reads if known else None,
        "writes": op.writes if known else None,
        "memory_access": op.memory_access if known else None,
        "memory_access_fused": op.memory_access_fused if known else None,
        "bytes": op.bytes if known else None,
        "bytes_fused": op.bytes_fused if known else None,
        "intensity": op.intensity if known else None,
        "fragments": op.fragments,
    }
