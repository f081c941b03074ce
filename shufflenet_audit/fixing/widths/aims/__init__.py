"""What a plan can aim at; a package may bring more."""

from __future__ import annotations

from shufflenet_audit.fixing.widths.aims.aim import Aim, Tie
from shufflenet_audit.fixing.widths.aims.equal_widths import EQUAL_WIDTHS
from shufflenet_audit.fixing.widths.aims.no_groups import NO_GROUPS
from shufflenet_audit.fixing.widths.aims.one_branch import ONE_BRANCH

__all__ = ["EQUAL_WIDTHS", "NO_GROUPS", "ONE_BRANCH", "Aim", "Tie"]
