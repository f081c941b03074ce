"""A network as a graph of costed ops: immutable, with pandas and networkx views."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

from shufflenet_audit.network.blocks import Block, blocks
from shufflenet_audit.network.fusion import fused
from shufflenet_audit.network.kind import Kind
from shufflenet_audit.network.memory import Moment, peak, timeline
from shufflenet_audit.network.op import Op
from shufflenet_audit.network.tensor import Tensor
from shufflenet_audit.network.totals import Totals
from shufflenet_audit.structure.hints import Count, Inline, Mark, Within

if TYPE_CHECKING:  # importing them takes half a second, and most uses need neither
    import networkx as nx
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Input:
    """An example input of the model."""

    name: str
    """Name of the input in the graph."""
    tensor: Annotated[Tensor, Inline()]
    """Its shape and element type."""


@dataclass(frozen=True)
class CostGraph:
    """The ops of a network in the order in which they run, connected by who reads what."""

    ops: Annotated[tuple[Op, ...], Mark.LINES]
    """All ops, in the order in which they run."""
    inputs: tuple[Input, ...]
    """The example inputs of the model."""
    outputs: tuple[str, ...]
    """Names of the ops (or inputs) whose results leave the network."""
    params: Annotated[Count, Within("totals")]
    """Elements of the parameters of the model, each once, whether an op reads them or not."""

    @classmethod
    def of(
        cls, ops: Sequence[Op], inputs: Iterable[Input], outputs: Iterable[str], params: int
    ) -> CostGraph:
        """The graph of these ops; computes what each still moves after fusion."""
        outputs = tuple(outputs)
        return cls(fused(ops, outputs), tuple(inputs), outputs, params)

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
        """The ops whose results it reads, one for each input that is not an input of the model."""
        return tuple(self._by_name[name] for name in op.parents if name in self._by_name)

    def children(self, op: Op) -> tuple[Op, ...]:
        """The ops that read its result."""
        return tuple(self._by_name[name] for name in self._children.get(op.name, ()))

    def maker(self, op: Op) -> Op:
        """The op that wrote the memory of its output: for a view, the op that it is a view of."""
        while not op.launched and op.parents and op.parents[0] in self._by_name:
            op = self._by_name[op.parents[0]]
        return op

    def blocks(self) -> tuple[Block, ...]:
        """Its building blocks, found from the graph alone; every op is in exactly one."""
        return self._blocks

    @property
    def known(self) -> Iterator[Op]:
        """The ops of known cost."""
        return (op for op in self.ops if op.known)

    @property
    def unknown(self) -> tuple[Op, ...]:
        """The ops of unknown cost. `total` leaves them out and counts them in `unknown`."""
        return tuple(op for op in self.ops if not op.known)

    @cached_property
    def total(self) -> Totals:
        """Sums over the ops of known cost."""
        most = peak(self.memory)
        return replace(Totals.of(self.ops, self.params), peak_memory=most)

    @cached_property
    def memory(self) -> tuple[Moment, ...]:
        """The activations that are alive while each op runs."""
        inputs = {each.name: each.tensor for each in self.inputs}
        return timeline(self.ops, inputs, self.outputs)

    def by_kind(self) -> dict[Kind, Totals]:
        """Totals of each kind of op, the most memory access first; `params` are what they read."""
        kinds = dict.fromkeys(op.kind for op in self.ops)
        totals = {kind: self._only(kind) for kind in kinds}
        return dict(sorted(totals.items(), key=lambda item: -item[1].memory_access))

    def fused_share(self, *kinds: Kind) -> float | None:
        """Share of memory access after fusion in ops of these kinds; None if nothing is moved."""
        total = self.total.memory_access_fused
        moved = sum(op.memory_access_fused for op in self.of_kind(*kinds) if op.known)
        return moved / total if total else None

    def table(self) -> pd.DataFrame:
        """One row per op. The numbers of an op of unknown cost are missing, not zero."""
        import pandas as pd  # noqa: PLC0415  (see the top)

        return pd.DataFrame([_row(op) for op in self.ops]).convert_dtypes()

    def networkx(self) -> nx.DiGraph[str]:
        """The graph of inputs and ops; a node has its `op`, `kind`, `module`, and its numbers."""
        import networkx as nx  # noqa: PLC0415  (see the top)

        graph: nx.DiGraph[str] = nx.DiGraph()
        for example in self.inputs:
            graph.add_node(example.name, kind="input")
        for op in self.ops:
            graph.add_node(op.name, op=op, **_row(op))
            graph.add_edges_from((parent, op.name) for parent in op.parents)
        return graph

    def _only(self, kind: Kind) -> Totals:
        ops = tuple(self.of_kind(kind))
        return Totals.of(ops, sum(op.params for op in ops))

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
        return blocks(self.ops, (example.name for example in self.inputs), self.outputs)


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
