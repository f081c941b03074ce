"""A network with new widths: a graph of modules and ATen calls that runs, trains and exports."""

from __future__ import annotations

from operator import getitem
from typing import Any

import torch
from torch import fx, nn

from shufflenet_audit.fixing.widths.blueprint import Blueprint
from shufflenet_audit.fixing.widths.layers import layer
from shufflenet_audit.fixing.widths.parameters import Parameters
from shufflenet_audit.fixing.widths.recorded import nodes_in
from shufflenet_audit.fixing.widths.rewriting import Batch, rewritten


def build(blueprint: Blueprint, *, device: str = "cpu", seed: int = 0) -> fx.GraphModule:
    """
    The network, with random weights from that seed.

    Convolutions, linear layers and batch norms are modules under the names that they had, so that
    `train()` lets batch norm use the statistics of the batch. Other ops are calls of ATen.
    """
    with torch.random.fork_rng(devices=()), torch.device(device):
        torch.manual_seed(seed)
        builder = _Builder(blueprint)
        for node in blueprint.derived.nodes:
            builder.add(node)
    network = fx.GraphModule(builder.root, builder.graph, "SameMacs")
    network.graph.eliminate_dead_code()
    network.graph.lint()
    network.delete_all_unused_submodules()
    network.recompile()
    network.eval()
    return network


class _Builder:
    """Writes the new graph, node by node, and the modules that it calls."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.graph = fx.Graph()
        self.root = nn.Module()
        self._blueprint = blueprint
        self._made: dict[str, fx.Node] = {}
        self._firsts: set[str] = set()
        self._parameters = Parameters(blueprint, self.root)
        self._batch = Batch(self.graph, blueprint.recorded)

    def add(self, node: fx.Node) -> None:
        """Write what stands for a node of the old graph."""
        if node.op == "placeholder":
            self._made[node.name] = self.graph.placeholder(node.name)
            self._batch.given(node, self._made[node.name])
        elif node.op == "get_attr":
            self._parameters.put(node)
            self._made[node.name] = self.graph.get_attr(str(node.target))
        elif node.op == "output":
            self._leave(node)
        else:
            self._made[node.name] = self._call(node)

    def _call(self, node: fx.Node) -> fx.Node:
        args, kwargs = self._blueprint.edits.arguments(node)
        if node.target is getitem and args[0].name in self._firsts:
            return self._made[args[0].name]
        made = layer(node, args, self._blueprint)
        if made is not None:
            name, module, operand = made
            self._parameters.place(name, module)
            self._firsts.add(node.name)
            return self.graph.call_module(name, (self._made[operand.name],))
        call = rewritten(node, (args, kwargs), self._blueprint, self._batch)
        if call.single:
            self._firsts.add(node.name)
        args, kwargs = fx.map_arg((call.args, call.kwargs), self._new)
        if call.target is None:
            return self._made[next(nodes_in(call.args)).name]
        return self.graph.call_function(call.target, tuple(args), dict(kwargs))

    def _new(self, node: fx.Node) -> fx.Node:
        return node if node.graph is self.graph else self._made[node.name]

    def _leave(self, node: fx.Node) -> None:
        args, _ = self._blueprint.edits.arguments(node)
        made: list[Any] = [self._made[each.name] for each in nodes_in(args)]
        self.graph.output(made[0] if len(made) == 1 else tuple(made))
