"""What other tools would print for a network, told from its graph alone, and why."""

from __future__ import annotations

from shufflenet_audit.conventions.reconciliation import Reconciliation, reconciled
from shufflenet_audit.conventions.table import CONVENTIONS

__all__ = ["CONVENTIONS", "Reconciliation", "reconciled"]
