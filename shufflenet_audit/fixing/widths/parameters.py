"""Parameters, buffers and constants of the new network, under the names that they had."""

from __future__ import annotations

import torch
from torch import fx, nn

from shufflenet_audit.fixing.widths.blueprint import Blueprint

_SPREAD = 0.02
"""Standard deviation of parameters of no layer whose values are not there: as in BERT and ViT."""


class Parameters:
    """What the new network holds, put into a tree of modules."""

    def __init__(self, blueprint: Blueprint, root: nn.Module) -> None:
        self._blueprint = blueprint
        self._root = root
        self._trained = {
            name
            for name, _ in blueprint.recorded.traced.model.named_parameters(remove_duplicate=False)
        }

    def put(self, node: fx.Node) -> None:
        """Hold what a node fetches: a parameter with new values, anything else as it is."""
        path, _, last = str(node.target).rpartition(".")
        module = self._module(path)
        if getattr(module, last, None) is not None:
            return
        old = self._blueprint.recorded.held[str(node.target)]
        if str(node.target) in self._trained:
            shape = self._blueprint.shape(node)
            module.register_parameter(
                last, nn.Parameter(_values(node, old, shape), old.requires_grad)
            )
        else:
            module.register_buffer(last, _buffer(node, old, self._blueprint.shape(node)))

    def place(self, path: str, module: nn.Module) -> None:
        """Hold a module, with whatever else is held under its name; one that is there stays."""
        parent, _, last = path.rpartition(".")
        holder, before = self._module(parent), self._module(path)
        if type(before) is nn.Module:
            for name, held in (*before.named_children(), *before.named_parameters(recurse=False)):
                if getattr(module, name, None) is None:
                    setattr(module, name, held)
            setattr(holder, last, module)

    def _module(self, path: str) -> nn.Module:
        module = self._root
        for name in filter(None, path.split(".")):
            if not hasattr(module, name):
                module.add_module(name, nn.Module())
            module = getattr(module, name)
        return module


def _values(node: fx.Node, old: torch.Tensor, shape: tuple[int, ...]) -> torch.Tensor:
    """Ones and zeros for the scale and shift of a norm; else like the old ones, or small."""
    if not old.is_floating_point():
        return torch.zeros(shape, dtype=old.dtype)
    if any("norm" in str(user.target) for user in node.users):
        return (torch.zeros if str(node.target).endswith("bias") else torch.ones)(
            shape, dtype=old.dtype
        )
    if old.is_meta or not old.numel():
        return torch.randn(shape, dtype=old.dtype) * _SPREAD
    spread, middle = (float(old.detach().std(correction=0)), float(old.detach().mean()))
    return torch.randn(shape, dtype=old.dtype) * spread + middle


def _buffer(node: fx.Node, old: torch.Tensor, shape: tuple[int, ...]) -> torch.Tensor:
    """The old values; for running statistics, those of a norm that has seen nothing."""
    if tuple(old.shape) == shape and not str(node.target).rpartition(".")[2].startswith("running"):
        return old.detach().clone()
    make = torch.ones if str(node.target).endswith("var") else torch.zeros
    return make(shape, dtype=old.dtype)
