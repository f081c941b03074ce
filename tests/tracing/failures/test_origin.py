"""A bug of the program's own is not blamed on the model, nor the other way round."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from shufflenet_audit import AuditError, trace
from shufflenet_audit.cli.exit_status import status
from shufflenet_audit.tracing import recorder
from shufflenet_audit.tracing import trace as running
from shufflenet_audit.tracing.meta import shape_rules

X = torch.zeros(1, 3, 8, 8)


class Model(nn.Module):
    """Runs a function."""

    def __init__(self, function: Callable[[torch.Tensor], Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: torch.Tensor) -> Any:
        return self.function(x)


def endless(x: torch.Tensor) -> torch.Tensor:
    return endless(x + 1)


WRONG: list[Callable[[torch.Tensor], Any]] = [
    lambda x: x @ x.reshape(-1),
    lambda x: x + torch.ones(5),
    lambda x: nn.functional.conv2d(x, torch.ones(4, 5, 1, 1)),
    lambda x: nn.functional.conv2d(x, torch.ones(4, 3, 1, 1).double()),
    lambda x: x.view(7),
    lambda x: getattr(x, "gone"),  # noqa: B009  (or mypy would find it)
    lambda x: torch.cat([x, x[:, :, :1]], 1),
    lambda x: nn.functional.scaled_dot_product_attention(x, x[..., :3], x),
    lambda x: nn.functional.scaled_dot_product_attention(x, x),  # type: ignore[call-arg]  # on purpose
    lambda x: x.relu().to("nowhere"),
    lambda x: torch.zeros(-1),
    endless,
]


@pytest.mark.parametrize("function", WRONG, ids=range(len(WRONG)))
def test_what_a_model_does_wrong_is_the_models(function: Callable[[torch.Tensor], Any]) -> None:
    with pytest.raises(AuditError, match="Model raised"):
        trace(Model(function), X)


class BugError(Exception):
    """What nobody foresaw."""


def bug(*_: Any, **__: Any) -> Any:
    raise BugError


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        (recorder, "layout_of", bug),
        (recorder, "operands", bug),
        (recorder.Recorder, "_write_down", bug),
        (shape_rules, "_RULES", None),
        (running, "HANDLERS", None),
    ],
    ids=["describing", "reading", "writing", "foretelling", "costing"],
)
def test_a_bug_of_ours_is_ours(
    place: Any, name: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, name, value)
    with pytest.raises((BugError, TypeError, AttributeError)):
        trace(Model(torch.relu), X)


def test_a_bug_is_one_line_and_with_debug_its_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(recorder, "operands", bug)
    assert status(["shufflenet_v2", "-o", "report.json", "--quiet"]) == 2
    assert capfd.readouterr().err == (
        "audit: this is a bug in shufflenet-audit: BugError:"
        " run again with --debug, and report it\n"
    )
    assert not list(tmp_path.iterdir())
    assert status(["shufflenet_v2", "--debug", "--quiet"]) == 2
    assert "Traceback" in capfd.readouterr().err
