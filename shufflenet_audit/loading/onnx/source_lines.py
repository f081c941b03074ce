"""Where an ONNX node is from: the module and the line that the exporter wrote into it."""

from __future__ import annotations

import ast

import onnx

from shufflenet_audit.network.call import Place
from shufflenet_audit.user_code import line_in_stack_trace

_LONGEST = 20_000


def place(node: onnx.NodeProto) -> Place:
    """The module and the line that a node is from. The named source file is never opened."""
    metadata = {entry.key: entry.value[:_LONGEST] for entry in node.metadata_props}
    scopes = _names(metadata.get("pkg.torch.onnx.name_scopes", ""))
    classes = _names(metadata.get("pkg.torch.onnx.class_hierarchy", ""))
    source = line_in_stack_trace(metadata.get("pkg.torch.onnx.stack_trace", ""))
    if scopes:
        return Place(_last(scopes[:-1]), _last(classes[:-1]).rpartition(".")[2], source)
    return Place(node.name.rpartition("/")[0].strip("/").replace("/", "."), "", source)


def _names(text: str) -> list[str]:
    """The names in the text of a Python list; none if it is something else."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return []
    return value if isinstance(value, list) and all(isinstance(name, str) for name in value) else []


def _last(names: list[str]) -> str:
    return names[-1] if names else ""
