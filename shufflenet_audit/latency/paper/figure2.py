"""Figure 2 of the ShuffleNet V2 paper on this machine: where the time of two networks goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from shufflenet_audit.latency.paper.experiments import Row, rows
from shufflenet_audit.network.breakdown import by_category, chart
from shufflenet_audit.network.kind import Category
from shufflenet_audit.network.timings import Latency

NETWORKS: Final[Mapping[str, str]] = {
    "ShuffleNet v1 (1x, g=3)": "shufflenet_v1",
    "MobileNet v2 (1x)": "mobilenet_v2",
}
"""The names of the reference networks, by those in the paper."""


def text(measured: Mapping[str, Latency]) -> str:
    """For each network its categories here as a chart, and the paper's shares beside them."""
    return "\n".join(line for name, latency in measured.items() for line in _lines(name, latency))


def printed(name: str) -> dict[str, dict[str, float]]:
    """The shares of a network that the paper prints, in percent: by machine, by category."""
    return {row["platform"]: _printed(row) for row in rows("figure2") if row["network"] == name}


def _printed(row: Row) -> dict[str, float]:
    shares = {each: row[f"{each.lower()}_pct"] for each in Category}
    return {str(each): float(share) for each, share in shares.items() if share}


def _lines(name: str, latency: Latency) -> Iterator[str]:
    paper = printed(name)
    yield f"figure 2, {name}: share of the time here ({latency.backend}), and in the paper"
    yield ""
    parts = by_category(latency)
    for part, line in zip(parts, chart(parts).splitlines(), strict=True):
        shares = () if part.within else (share(each, part.name) for each in paper.values())
        yield "  ".join((line, *(f"{share:>6}" for share in shares)))
    yield f"columns at the right: {', '.join(paper)}"
    yield ""


def share(shares: Mapping[str, float], category: str) -> str:
    """A share as the paper prints it; a dash where it has none."""
    return f"{shares[category]:g}%" if category in shares else "–"
