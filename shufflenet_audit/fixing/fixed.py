"""A network that was fixed: the new module, what was changed, and how that was checked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import torch

from shufflenet_audit.fixing.rewrite import Word
from shufflenet_audit.fixing.saving import save
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.op import Source


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the user's network something is."""

    ops: tuple[str, ...]
    """Names of the ops in the graph as it was."""
    modules: tuple[str, ...]
    """Paths of the modules that run them."""
    sources: tuple[Source, ...]
    """Lines of the user's code that run them or built their layers."""

    @classmethod
    def of(cls, ops: tuple[str, ...], graph: CostGraph) -> Place:
        """The place of these ops of a graph."""
        known = [graph[name] for name in ops if name in graph]
        return cls(
            tuple(op.name for op in known),
            tuple(dict.fromkeys(op.module for op in known)),
            tuple(dict.fromkeys(op.line for op in known if op.line)),
        )


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a part of a network costs for one run on the example inputs."""

    macs: int
    """Multiply–adds."""
    memory_access: int
    """Elements read and written, op by op."""
    kernels: int
    """Kernels launched: ops that are not views."""


@dataclass(frozen=True, slots=True)
class Change:
    """One rewrite, carried out at one place."""

    rewrite: str
    """Name of the rewrite."""
    word: Word
    """What it does to the outputs."""
    place: Place
    """Where."""
    sentence: str
    """What was done."""
    before: Amounts
    """What the replaced ops cost."""
    after: Amounts
    """What the ops in their place cost."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A change that was not made, and why."""

    rewrite: str
    """Name of the rewrite."""
    place: Place
    """Where."""
    reason: str
    """Why not."""


@dataclass(frozen=True, slots=True)
class Check:
    """How the outputs of the two networks compare, over all inputs that were tried."""

    inputs: int
    """Inputs on which both were run."""
    batches: tuple[int, ...]
    """Batch sizes among them."""
    relative: float
    """Largest difference of outputs, as a share of the largest output, in the model's own dtype."""
    absolute: float
    """Largest difference of outputs, in the model's own dtype."""
    tolerance: float
    """The largest relative difference that passes."""
    relative_wide: float | None
    """The same as `relative` in float64, where rounding is no excuse; None if it was not tried."""
    tolerance_wide: float
    """The largest relative difference in float64 that passes."""
    note: str = ""
    """What was not tried, and why."""


@dataclass(frozen=True, slots=True, repr=False)
class Fixed:
    """A network with every exact rewrite that passed its check."""

    module: torch.fx.GraphModule
    """The network: it takes the tensors among the inputs of the model, one by one."""
    changes: tuple[Change, ...]
    """What was changed, in the order in which it was."""
    refusals: tuple[Refusal, ...]
    """What could not be changed, or was and had to be taken back, with the reason."""
    before: CostGraph
    """The network as it was."""
    after: CostGraph
    """The network as it is now, traced anew and costed by the same engine."""
    check: Check
    """How the outputs of the two compare."""
    inputs: tuple[torch.Tensor, ...]
    """The example inputs."""
    fixed_batch: str = ""
    """Why it runs at the batch size of the example alone; empty if it runs at any."""

    def save(self, path: str | Path) -> Path:
        """
        Write the network to a `.pt2` (torch.export) or `.onnx` file, with its weights.

        The batch size is left open where the network allows it. Raises AuditError for another
        suffix and where the exporter refuses the network.
        """
        return save(self.module, self.inputs, Path(path), any_batch=not self.fixed_batch)

    def __repr__(self) -> str:
        return "\n".join(_lines(self))


def _lines(fixed: Fixed) -> list[str]:
    """The result in a few lines."""
    old, new = fixed.before.total, fixed.after.total
    counts = Counter(change.rewrite for change in fixed.changes)
    return [
        f"{len(fixed.changes)} changes; outputs differ by {fixed.check.relative:.1e} at most",
        f"  multiply–adds  {old.macs:>14,} → {new.macs:,}",
        f"  bytes (fused)  {old.bytes_fused:>14,} → {new.bytes_fused:,}",
        f"  kernels        {old.launches:>14,} → {new.launches:,}",
        *(f"  {name} × {count}" for name, count in counts.most_common()),
    ]
