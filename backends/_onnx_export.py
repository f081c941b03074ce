"""A task as an ONNX model whose nodes tell which op they came from."""

from __future__ import annotations

import ast
import io
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import onnx
import torch
from torch.fx.node import map_arg

from shufflenet_audit.plugin import Exported, Task

_MARK = "op_"
_SCOPES = "pkg.torch.onnx.name_scopes"
_SPLIT = re.compile(r"_split_\d+$")


def exported(task: Task) -> Exported:
    """
    The recorded graph of a task, exported by PyTorch.

    Each op is called by a module of its own, whose name the exporter writes to the nodes that it
    makes of it.
    """
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")  # the exporter warns of its own internals
        program = torch.onnx.export(
            _Named(task).eval(), task.leaves, dynamo=True, verbose=False, optimize=False
        )
        if program is None:
            message = "torch.onnx.export made no program"
            raise RuntimeError(message)
        before = dict(_origins(program.model_proto))
        program.optimize()
    model = program.model_proto
    return Exported(model.SerializeToString(), before | dict(_origins(model, before)))


class _Call(torch.nn.Module):
    """One op as a module."""

    def __init__(self, op: Any) -> None:
        super().__init__()
        self.op = op

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The result of the op."""
        return self.op(*args, **kwargs)


class _Named(torch.nn.Module):
    """The recorded graph, as a module that has a module of that name for each op."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.nodes = tuple(task.nodes.nodes)
        for node in self.nodes:
            if node.op == "get_attr":
                self.register_buffer(_MARK + node.name, task.attributes[str(node.target)])
            elif node.op == "call_function" and node.name in task.graph:
                self.add_module(_MARK + node.name, _Call(node.target))

    def forward(self, *leaves: torch.Tensor) -> Any:
        """The results of the graph."""
        values: dict[torch.fx.Node, Any] = {}
        inputs = iter(leaves)
        for node in self.nodes:
            own = getattr(self, _MARK + node.name, None)
            args, kwargs = map_arg((node.args, node.kwargs), values.__getitem__)
            match node.op:
                case "placeholder":
                    values[node] = next(inputs)
                case "get_attr":
                    values[node] = own
                case "output":
                    return args[0]
                case _:
                    values[node] = (own or node.target)(*args, **kwargs)
        return None


def _origins(model: onnx.ModelProto, before: Mapping[str, str] = {}) -> Iterator[tuple[str, str]]:
    """
    The op of each node and of what it makes, as the exporter has written it to the node.

    It writes nothing to a split, whose results are named after what was split `before`.
    """
    for node in model.graph.node:
        scopes = {entry.key: entry.value for entry in node.metadata_props}.get(_SCOPES, "[]")
        marked = [each for each in ast.literal_eval(scopes) if each.startswith(_MARK)]
        made = before.get(_SPLIT.sub("", node.output[0])) if node.output else None
        op = marked[-1].removeprefix(_MARK) if marked else made
        if op:
            yield from ((name, op) for name in (node.name, *node.output))
