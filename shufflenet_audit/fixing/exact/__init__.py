"""Exact rewrites, in the order in which they are tried: the network gives the same outputs."""

from __future__ import annotations

from typing import Final

from shufflenet_audit.fixing.exact import folded_scales, no_ops, scales_ahead
from shufflenet_audit.fixing.rewrite import Rewrite

EXACT: Final[tuple[Rewrite, ...]] = (
    no_ops.REWRITE,
    folded_scales.REWRITE,
    scales_ahead.REWRITE,
)
