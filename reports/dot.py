"""The DOT report: the graph for Graphviz, blocks as clusters."""

from __future__ import annotations

from collections.abc import Iterator

from shufflenet_audit.plugin import Audit, Block, Category, Op, human, printable, report

_COLORS = {
    Category.CONV: "#c9d9f0",
    Category.ELEMWISE: "#f5d9c4",
    Category.DATA: "#cbe6e2",
    Category.SHUFFLE: "#ecd3e0",
    Category.OTHER: "#e3e5e8",
}


@report("dot", suffix=".dot")
def dot(audit: Audit) -> str:
    """The graph in Graphviz's language: ops coloured by category, inside their blocks."""
    return "\n".join(_lines(audit)) + "\n"


def _lines(audit: Audit) -> Iterator[str]:
    graph = audit.graph
    yield f"digraph {_quoted(audit.model.name)} {{"
    yield '  node [shape=box, style="rounded,filled", fontname="sans-serif", fontsize=10];'
    for given in graph.inputs:
        label = f"{given.name}\n{given.tensor}"
        yield f'  {_quoted(given.name)} [label={_quoted(label)}, fillcolor="white"];'
    for index, block in enumerate(graph.blocks()):
        yield from _cluster(audit, index, block)
    for op in graph.ops:
        for parent in dict.fromkeys(op.parents):
            yield f"  {_quoted(parent)} -> {_quoted(op.name)};"
    yield "}"


def _cluster(audit: Audit, index: int, block: Block) -> Iterator[str]:
    yield f"  subgraph cluster_{index} {{"
    yield f'    label={_quoted(block.name)}; color="#9aa3ac"; fontname="sans-serif"; fontsize=10;'
    yield from (f"    {_node(audit.graph[name])}" for name in block.ops)
    yield "  }"


def _node(op: Op) -> str:
    cost = human(op.bytes, "B") if op.known else "unknown"
    label = f"{op.name}\n{op.kind}, {cost}"
    return f'{_quoted(op.name)} [label={_quoted(label)}, fillcolor="{_COLORS[op.kind.category]}"];'


def _quoted(text: str) -> str:
    """Text in DOT's quotes, where only quotes, backslashes and line ends are special."""
    lines = (printable(line).replace("\\", "\\\\") for line in text.split("\n"))
    return '"' + "\\n".join(lines).replace('"', '\\"') + '"'
