"""For authors of packs: what a rule finds in a model, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shufflenet_audit.checking.finding import Finding
from shufflenet_audit.checking.rule import Rule
from shufflenet_audit.discovery import rules
from shufflenet_audit.pipeline.audit import trace
from shufflenet_audit.text import named

if TYPE_CHECKING:  # importing torch takes seconds
    import torch


def findings(
    rule: str | Rule, model: torch.nn.Module, *inputs: Any, **options: Any
) -> list[Finding]:
    """What a rule (or the installed rule of that code) finds in a model run on these inputs."""
    chosen = named(rules(), rule, "rule") if isinstance(rule, str) else rule
    return list(chosen.check(trace(model, *inputs), **options))
