"""Where an ONNX node comes from: the module and the line that the exporter has written into it."""

from __future__ import annotations

import ast
import re
from pathlib import Path, PurePath

import onnx

from shufflenet_audit.call import Place
from shufflenet_audit.op import Source

_FRAME = re.compile(r'File "([^"\n]+)", line (\d+), in [^\n]*(?:\n    ([^\n]+))?')
_LIBRARY = re.compile(r"(^|/)torch/|^<")
_LONGEST = 20_000


def place(node: onnx.NodeProto) -> Place:
    """The module that a node was part of, and the user's line: text of the file, never opened."""
    notes = {each.key: each.value[:_LONGEST] for each in node.metadata_props}
    scopes = _listed(notes.get("pkg.torch.onnx.name_scopes", ""))
    classes = _listed(notes.get("pkg.torch.onnx.class_hierarchy", ""))
    source = _source(notes.get("pkg.torch.onnx.stack_trace", ""))
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


def _source(stack: str) -> Source | None:
    """The innermost line that is not PyTorch's own."""
    frames = [found for found in _FRAME.findall(stack) if not _LIBRARY.search(found[0])]
    if not frames:
        return None
    file, line, text = frames[-1]
    return Source(_shortened(PurePath(file)), int(line), text.strip())


def _shortened(file: PurePath) -> str:
    here = Path.cwd()
    return (file.relative_to(here) if file.is_relative_to(here) else file).as_posix()
