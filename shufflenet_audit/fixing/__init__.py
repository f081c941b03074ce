"""Rewrites of a network: exact ones, checked by running both."""

from __future__ import annotations

from shufflenet_audit.fixing.capture import captured
from shufflenet_audit.fixing.fix import fix, fixed
from shufflenet_audit.fixing.fixed import Amounts, Change, Check, Fixed, Place, Refusal
from shufflenet_audit.fixing.rewrite import Match, Misfit, Rewrite, Word

__all__ = [
    "Amounts", "Change", "Check", "Fixed", "Match", "Misfit", "Place", "Refusal", "Rewrite",
    "Word", "captured", "fix", "fixed",
]  # fmt: skip
