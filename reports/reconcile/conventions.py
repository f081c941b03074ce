"""What other tools would print for a network, told from its graph alone, and why."""

from __future__ import annotations

from .counters import CONVENTIONS
from .reconciliation import Reconciliation, reconciled

__all__ = ["CONVENTIONS", "Reconciliation", "reconciled"]
