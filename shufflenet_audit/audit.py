"""The use case: a model is traced and checked, and comes out as an Audit."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from shufflenet_audit.check import guidelines
from shufflenet_audit.discovery import rules as installed_rules
from shufflenet_audit.plugin import Rule
from shufflenet_audit.result import Audit, Model, Tool

if TYPE_CHECKING:  # importing torch takes seconds, and `audit --help` must not wait for it
    import torch

    from shufflenet_audit.sources import Loaded
    from shufflenet_audit.trace.run import Traced


def audit(
    model: torch.nn.Module,
    *inputs: Any,
    rules: Iterable[Rule] | None = None,
    options: Mapping[str, Mapping[str, Any]] = {},
    **named_inputs: Any,
) -> Audit:
    """
    Audit a module on example inputs, as in `audit(model, x)`.

    `rules` are all installed ones unless given; `options` are by rule code, as in
    `{"G1": {"max_ratio": 3.0}}`. The module is run once, on meta tensors, and stays as it was.
    Raises AuditError when the model cannot be run.
    """
    from shufflenet_audit.trace.run import traced  # noqa: PLC0415  (see the top)

    run = traced(model, inputs, named_inputs)
    assumed = ("the model was in training mode, and is audited as in evaluation",)
    described = _model(run, type(model).__name__, assumed if model.training else ())
    return _audited(run, described, rules, options)


def audit_loaded(
    loaded: Loaded,
    rules: Iterable[Rule] | None = None,
    options: Mapping[str, Mapping[str, Any]] = {},
) -> Audit:
    """Audit a model that came from a file or a name. Raises AuditError."""
    from shufflenet_audit.trace.run import traced  # noqa: PLC0415  (see the top)

    with loaded.context():
        run = traced(loaded.model, loaded.args, loaded.kwargs, build=loaded.build)
    return _audited(run, _model(run, loaded.name, loaded.assumptions), rules, options)


def _model(run: Traced, name: str, assumptions: tuple[str, ...]) -> Model:
    if run.reason:
        assumptions = (*assumptions, f"run on real tensors with random values: {run.reason}")
    return Model(name, type(run.model).__name__, run.on, assumptions)


def _audited(
    run: Traced,
    model: Model,
    rules: Iterable[Rule] | None,
    options: Mapping[str, Mapping[str, Any]],
) -> Audit:
    chosen = installed_rules().values() if rules is None else rules
    tool = Tool(
        "shufflenet-audit", version("shufflenet-audit"), platform.python_version(), version("torch")
    )
    return Audit(tool, model, run.graph, guidelines(run.graph, chosen, options))
