"""Where an ONNX node comes from: the module and the line that the exporter has written into it."""

from __future__ import annotations

import ast

import onnx

from shufflenet_audit.network.call import Place
from shufflenet_audit.user_code import line_in_trace

_LONGEST = 20_000


def place(node: onnx.NodeProto) -> Place:
    """The module that a node was part of, and the user's line: text of the file, never opened."""
    notes = {each.key: each.value[:_LONGEST] for each in node.metadata_props}
    scopes = _listed(notes.get("pkg.torch.onnx.name_scopes", ""))
    classes = _listed(notes.get("pkg.torch.onnx.class_hierarchy", ""))
    source = line_in_trace(notes.get("pkg.torch.onnx.stack_trace", ""))
    if scopes:
        return Place(_last(scopes[:-1]), _last(classes[:-1]).rpartition(".")[2], source)
    return Place(node.name.rpartition("/")[0].strip("/").replace("/", "."), "", source)


def _listed(text: str) -> list[str]:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return []
    return value if isinstance(value, list) and all(isinstance(e, str) for e in value) else []


def _last(names: list[str]) -> str:
    return names[-1] if names else ""
