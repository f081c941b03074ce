"""Costs by the user's own word: for ops, for modules, from code, from a file, from a pack."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from shufflenet_audit import Audit, Kind, audit
from shufflenet_audit.cli.exit_status import status
from shufflenet_audit.errors import LoadError
from shufflenet_audit.loading import Request, load
from shufflenet_audit.loading.python.costs_file import costs
from shufflenet_audit.pipeline.audit import audit_loaded
from shufflenet_audit.plugin import Call, Cost, CustomCost, cost_of, traffic


@torch.library.custom_op("audit_test::twice", mutates_args=())
def twice(x: torch.Tensor) -> torch.Tensor:
    return x * 2


@twice.register_fake
def _(x: torch.Tensor) -> torch.Tensor:
    return torch.empty_like(x)


class Inner(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 8)

    def forward(self, x: torch.Tensor, scale: float = 2.0) -> torch.Tensor:
        return torch.relu(self.linear(x)) * scale


class Heir(Inner):
    """Inherits the cost of its class."""


class Net(nn.Module):
    def __init__(self, inner: type[Inner] = Inner) -> None:
        super().__init__()
        self.inner = inner()
        self.head = nn.Linear(8, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.inner(self.inner(x), scale=3.0)
        out: torch.Tensor = self.head(twice(y) + y)
        return out


@cost_of("audit_test::twice")
def of_twice(call: Call) -> Cost:
    return Cost(Kind.ELEMENTWISE, traffic(call), elementwise=call.output.elements)


@cost_of(Inner)
def of_inner(call: Call) -> Cost:
    macs = call.args[0].elements * call.module.linear.in_features
    return Cost(Kind.ATTENTION, traffic(call), macs=macs)


@cost_of("audit_test::crash")
def of_nothing(call: Call) -> Cost:
    raise AssertionError


def audited(*given: CustomCost, model: nn.Module | None = None) -> Audit:
    return audit(model or Net(), torch.zeros(2, 8), costs=given)


def test_an_op_without_a_cost_is_unknown() -> None:
    assert [op.target for op in audited().graph.unknown] == ["audit_test.twice.default"]


def test_a_cost_for_an_op_makes_it_known() -> None:
    found = audited(of_twice)
    assert found.graph.total.unknown == 0
    assert found.graph["twice"].elementwise == 16
    assert not found.model.assumptions[1:]


@pytest.mark.parametrize("inner", [Inner, Heir])
def test_a_module_with_a_cost_is_one_op_each_time_it_runs(inner: type[Inner]) -> None:
    graph = audited(of_twice, of_inner, model=Net(inner)).graph
    assert [op.name for op in graph if op.launched] == ["inner", "inner_1", "twice", "add",
                                                        "addmm_2"]  # fmt: skip
    assert graph["inner_1"].parents == ("inner",)
    assert graph["twice"].parents == ("inner_1",)
    assert graph["add"].parents == ("twice", "inner_1")
    first = graph["inner"]
    assert (first.kind, first.macs, first.params) == (Kind.ATTENTION, 2 * 8 * 8, 72)
    assert (first.module, first.module_class) == ("inner", inner.__name__)
    assert (first.reads, first.writes) == (16 + 72, 16)


def test_a_module_whose_result_leaves_the_network_is_an_output() -> None:
    graph = audited(of_inner, model=nn.Sequential(Inner())).graph
    assert graph.outputs == ("0",)


def test_a_cost_for_the_whole_model_makes_it_one_op() -> None:
    graph = audited(of_inner, model=Inner()).graph
    assert [op.name for op in graph] == ["model"]


def test_the_model_is_left_without_hooks() -> None:
    model = Net()
    audited(of_inner, model=model)
    assert not any(each._forward_hooks or each._forward_pre_hooks for each in model.modules())


def test_a_cost_that_never_fires_is_reported() -> None:
    assert audited(of_twice, of_nothing).model.assumptions[-1] == (
        "the cost given for audit_test::crash was not used: nothing of that name ran"
    )


def test_a_handler_that_crashes_is_named_and_the_rest_stands() -> None:
    crashing = cost_of("audit_test::twice")(lambda call: Cost(Kind.OTHER, traffic(call), 1 // 0))
    found = audited(crashing)
    (unknown,) = found.graph.unknown
    assert unknown.error == (
        "its cost handler raised ZeroDivisionError: integer division or modulo by zero"
    )
    assert found.crashed
    assert (
        "1 ops audit_test.twice.default have no known cost: its cost handler raised"
        in (found.model.assumptions[-1])
    )
    assert found.graph.total.macs == audited(of_twice).graph.total.macs
    assert Audit.from_json(found.to_json()).crashed


def test_a_handler_that_gives_no_cost_has_crashed_too() -> None:
    wrong = CustomCost("audit_test::twice", lambda call: 3)  # type: ignore[arg-type, return-value]  # the point
    assert audited(wrong).graph.unknown[0].error == "its cost handler gave a int, not a Cost"


def test_a_known_op_can_be_given_another_cost() -> None:
    free = cost_of("aten::relu")(lambda call: Cost(Kind.OTHER, traffic(call)))
    assert audited(free).graph["relu"].kind is Kind.OTHER


MODEL = """
import torch
from torch import nn
from shufflenet_audit.plugin import Cost, Kind, cost_of, traffic

class Odd(nn.Module):
    def forward(self, x):
        return torch.relu(x) * 2

@cost_of(Odd)
def odd(call):
    return Cost(Kind.OTHER, traffic(call), elementwise=7)

model = nn.Sequential(nn.Linear(3, 4), Odd())
"""

COSTS = """
from shufflenet_audit.plugin import Cost, Kind, cost_of, traffic

@cost_of("aten::addmm")
def of_linear(call):
    return Cost(Kind.OTHER, traffic(call), elementwise=5)
"""


def test_costs_in_the_file_of_the_model_are_used(tmp_path: Path) -> None:
    file = tmp_path / "with_costs.py"
    file.write_text(MODEL)
    found = audit_loaded(load(Request(f"{file}:model")))
    (odd,) = found.graph.of_kind(Kind.OTHER)
    assert (odd.elementwise, odd.module_class) == (7, "Odd")


def test_a_file_of_costs_can_be_named_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("plain.py").write_text("from torch import nn\nmodel = nn.Linear(3, 4)\n")
    Path("mine.py").write_text(COSTS)
    assert status(["plain.py", "--costs", "mine.py", "--format", "json"]) == 0
    printed = Audit.from_json(capsys.readouterr().out)
    assert [op.elementwise for op in printed.graph if op.launched] == [5]


def test_a_crash_in_a_handler_makes_the_exit_status_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("plain.py").write_text("from torch import nn\nmodel = nn.Linear(3, 4)\n")
    Path("mine.py").write_text(COSTS.replace("elementwise=5", "elementwise=1 // 0"))
    assert status(["plain.py", "--costs", "mine.py"]) == 2
    printed = capsys.readouterr()
    assert "ZeroDivisionError" in printed.out + printed.err
    assert "Traceback" not in printed.err


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "there is no file"), ("x = 1\n", "makes no cost"), ("1 / 0\n", "ZeroDivisionError")],
)
def test_a_file_without_costs_is_refused(tmp_path: Path, text: str | None, said: str) -> None:
    file = tmp_path / "costless.py"
    if text:
        file.write_text(text)
    with pytest.raises(LoadError, match=said):
        costs(file)


def installed(folder: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Have a pack whose one cost, for linear layers, comes from this code."""
    (folder / "costs_pack.py").write_text(code)
    metadata = folder / "costs_pack-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: costs-pack\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[shufflenet_audit.costs]\nlinear = costs_pack:of_linear\n"
    )
    monkeypatch.syspath_prepend(folder)


def test_an_installed_pack_that_is_broken_is_reported_and_the_rest_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(tmp_path, monkeypatch, "1 / 0")
    made = audit(nn.Linear(3, 4), torch.zeros(2, 3))
    assert made.crashed
    assert made.graph.total.macs == 24
    assert "linear (costs_pack:of_linear), which the pack costs-pack brings" in (
        made.guideline("linear").error
    )


def test_an_installed_pack_brings_costs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(tmp_path, monkeypatch, COSTS)
    try:
        used = audit(nn.Linear(3, 4), torch.zeros(2, 3))
        unused = audit(nn.ReLU(), torch.zeros(2, 3))
    finally:
        sys.modules.pop("costs_pack", None)
    assert [op.elementwise for op in used.graph if op.launched] == [5]
    assert not any("not used" in said for said in unused.model.assumptions)
