"""All that is needed to build a network with new widths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from shufflenet_audit.fixing.widths.derivation import Derivation
from shufflenet_audit.fixing.widths.edits import Edits
from shufflenet_audit.fixing.widths.form import Form
from shufflenet_audit.fixing.widths.recorded import Recorded
from shufflenet_audit.fixing.widths.sizes import Sizes


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A recorded network, its changes of structure, and its new widths."""

    recorded: Recorded
    """The network as it is."""
    edits: Edits
    """The changes of structure."""
    derived: Derivation
    """Its shapes in terms of widths."""
    sizes: Sizes
    """What ties the widths."""
    values: tuple[int, ...]
    """A number for each width that is free; of the others, whatever it started with."""

    def size(self, form: Form) -> int:
        """The new size that a form stands for."""
        return int(self.sizes.resolved(form).value(self.values))

    def shape(self, node: torch.fx.Node) -> tuple[int, ...]:
        """The new shape of what a node makes (its first output), for one unit of batch."""
        return tuple(map(self.size, self.derived.shapes[node.name][0]))

    def numbers(self, node: torch.fx.Node) -> dict[int, Any]:
        """By position: the sizes that stand in the arguments of a node, for one unit of batch."""
        return {
            at: self.size(forms) if isinstance(forms, Form) else list(map(self.size, forms))
            for at, forms in self.derived.numbers.get(node.name, {}).items()
        }
