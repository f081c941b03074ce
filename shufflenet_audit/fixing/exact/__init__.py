"""Exact rewrites, in the order in which they are tried: the network gives the same outputs."""

from __future__ import annotations

from typing import Final

from shufflenet_audit.fixing.exact import (
    activations,
    attention,
    constants,
    folded_scales,
    merged_branches,
    merged_sequence,
    merged_siblings,
    no_ops,
    padding,
    relabelled_channels,
    scales_ahead,
    unread,
)
from shufflenet_audit.fixing.rewrite import Rewrite

EXACT: Final[tuple[Rewrite, ...]] = (
    unread.REWRITE,
    constants.REWRITE,
    no_ops.REWRITE,
    activations.REWRITE,
    attention.REWRITE,
    padding.REWRITE,
    folded_scales.REWRITE,
    merged_branches.REWRITE,
    merged_sequence.REWRITE,
    scales_ahead.REWRITE,
    merged_siblings.REWRITE,
    relabelled_channels.REWRITE,
)
