"""Other widths with as many multiply–adds: plans, and the networks that come of them."""

from __future__ import annotations

from shufflenet_audit.fixing.widths.aims import EQUAL_WIDTHS, NO_GROUPS, ONE_BRANCH, Aim, Tie
from shufflenet_audit.fixing.widths.derivation import Pin
from shufflenet_audit.fixing.widths.plan import RETRAIN, Measure, Plan, Row, Stage, Unmet
from shufflenet_audit.fixing.widths.planning import Inputs, PlanError, plan

__all__ = [
    "EQUAL_WIDTHS",
    "NO_GROUPS",
    "ONE_BRANCH",
    "RETRAIN",
    "Aim",
    "Inputs",
    "Measure",
    "Pin",
    "Plan",
    "PlanError",
    "Row",
    "Stage",
    "Tie",
    "Unmet",
    "plan",
]
