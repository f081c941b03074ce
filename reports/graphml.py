"""The GraphML report: the graph with all its numbers, for Gephi, yEd and networkx."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shufflenet_audit.plugin import Audit, printable, report

if TYPE_CHECKING:  # a tenth of a second that the other reports do not need
    import networkx as nx


@report("graphml", suffix=".graphml")
def graphml(audit: Audit) -> str:
    """The graph as GraphML: a node for each op, with its kind, place and costs."""
    import networkx as nx  # noqa: PLC0415  (see the top)

    return "\n".join(nx.generate_graphml(_plain(audit), named_key_ids=True)) + "\n"


def _plain(audit: Audit) -> nx.DiGraph[str]:
    """The graph with attributes that GraphML can express; unknown values are left out."""
    import networkx as nx  # noqa: PLC0415  (see the top)

    graph = audit.graph.networkx()
    plain: nx.DiGraph[str] = nx.DiGraph()
    for name, attributes in graph.nodes(data=True):
        plain.add_node(printable(name), **_known(attributes))
    plain.add_edges_from((printable(parent), printable(child)) for parent, child in graph.edges)
    return plain


def _known(attributes: dict[str, object]) -> dict[str, str | int | float]:
    known: dict[str, str | int | float] = {}
    for key, value in attributes.items():
        if isinstance(value, str):
            known[key] = printable(value)
        elif isinstance(value, int | float):
            known[key] = value
    return known
