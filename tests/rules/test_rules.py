"""Every rule, against the smallest models that break it and that do not; and how rules are run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import inf
from typing import Any, Final

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import nn

from shufflenet_audit import CostGraph, Finding, Kind, Op, Verdict, trace
from shufflenet_audit.checking.check import guidelines
from shufflenet_audit.discovery import rules as installed
from shufflenet_audit.plugin import Metric, Rule, Scale, Severity, Unit, rule

RULES: Final = {code: rule for code, rule in installed().items() if code in "G1 G2 G3 G4 D1"}


class Function(nn.Module):
    """Layers, and a function that uses them."""

    def __init__(self, function: Callable[..., Any], *layers: nn.Module) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.function = function

    def forward(self, x: torch.Tensor) -> Any:
        return self.function(x, *self.layers)


@dataclass(frozen=True, slots=True)
class Case:
    """A model, and what a rule says of it."""

    rule: str
    says: str
    layers: tuple[nn.Module, ...]
    findings: tuple[str, ...] = ()
    shape: tuple[int, ...] = (1, 8, 14, 14)

    def __str__(self) -> str:
        return f"{self.rule}: {self.says}"


def conv(c_in: int, c_out: int, kernel: int = 1, groups: int = 1) -> nn.Conv2d:
    return nn.Conv2d(c_in, c_out, kernel, padding=kernel // 2, groups=groups, bias=False)


def shortcut(*layers: nn.Module) -> nn.Module:
    return Function(lambda x, branch: x + branch(x), nn.Sequential(*layers))


def side_by_side(*layers: nn.Module) -> nn.Module:
    return Function(lambda x, *branches: torch.cat([each(x) for each in branches], 1), *layers)


def split(*layers: nn.Module) -> nn.Module:
    def unit(x: torch.Tensor, branch: nn.Module) -> torch.Tensor:
        kept, used = x.chunk(2, 1)
        return torch.cat((kept, branch(used)), 1)

    return Function(unit, nn.Sequential(*layers))


def gated() -> nn.Module:
    return Function(lambda x, f: f(x) * f(x).mean((2, 3), keepdim=True).sigmoid(), conv(8, 8))


CASES: Final = [
    Case("G1", "equal widths pass", (conv(8, 8),)),
    Case("G1", "twice as wide passes", (conv(8, 16),)),
    Case("G1", "a 3×3 convolution is not its concern", (conv(8, 64, 3),)),
    Case("G1", "a depthwise convolution is not its concern", (conv(8, 32, 1, 8),)),
    Case("G1", "four times as wide", (conv(8, 32),), ("8 channels in, 32 out: 4.0 times apart",)),
    Case("G1", "a quarter as wide", (conv(32, 8),), ("32 channels in, 8 out: 4.0 times apart",),
         (1, 32, 14, 14)),
    Case("G1", "grouped", (conv(8, 32, 1, 2),), ("8 channels in, 32 out: 4.0 times apart",)),
    Case("G1", "a linear layer over rows", (nn.Linear(8, 32),),
         ("8 channels in, 32 out: 4.0 times apart",), (1, 50, 8)),
    Case("G1", "a classifier has no rows to save", (nn.Linear(4096, 1000),), (), (1, 4096)),
    Case("G2", "a dense convolution passes", (conv(8, 8), conv(8, 8, 3))),
    Case("G2", "a depthwise convolution is not its concern", (conv(8, 8, 3, 8),)),
    Case("G2", "two groups", (conv(8, 8, 1, 2),), ("2 groups, 8 channels in, 8 out",)),
    Case("G2", "groups of a 3×3 convolution", (conv(8, 16, 3, 4),),
         ("4 groups, 8 channels in, 16 out",)),
    Case("G2", "groups of a transposed convolution",
         (nn.ConvTranspose2d(8, 16, 2, stride=2, groups=2),), ("2 groups, 8 channels in, 16 out",)),
    Case("G3", "a chain passes", tuple(conv(8, 8) for _ in range(9))),
    Case("G3", "a residual block of three passes", (shortcut(conv(8, 8), conv(8, 8), conv(8, 8)),)),
    Case("G3", "a depthwise convolution is one fragment", (conv(8, 8, 3, 8),)),
    Case("G3", "eight groups", (conv(16, 16, 1, 8),), ("8 fragments on 1 path, 1 kernel deep",),
         (1, 16, 14, 14)),
    Case("G3", "six branches", (side_by_side(*(conv(8, 8) for _ in range(6))),),
         ("6 fragments on 6 paths, 2 kernels deep",)),
    Case("G3", "a deep branch", (shortcut(*(conv(8, 8) for _ in range(6))),),
         ("6 fragments on 2 paths, 7 kernels deep",)),
    Case("G4", "a fused activation passes", (conv(8, 8), nn.BatchNorm2d(8), nn.ReLU())),
    Case("G4", "a split instead of a shortcut passes", (split(conv(4, 4), nn.ReLU()),)),
    Case("G4", "a depthwise convolution on a half passes",
         (split(conv(4, 4), conv(4, 4, 3, 4), conv(4, 4)),)),
    Case("G4", "a bottleneck passes", (conv(32, 8), conv(8, 8, 3, 8), conv(8, 32)), (),
         (1, 32, 14, 14)),
    Case("G4", "an add", (shortcut(conv(8, 8)),), ("add of 2 maps of float32[1×8×14×14]",)),
    Case("G4", "a thick depthwise convolution and its activations",
         (conv(8, 48), nn.ReLU(), conv(48, 48, 3, 48), nn.ReLU6(), conv(48, 8)),
         tuple(f"{what} on a thick map: {size}, 6.0 times what enters or leaves the block"
               for what, size in (("relu", "float32[1×48×14×14]"),
                                  ("depthwise convolution", "48 channels"),
                                  ("relu6", "float32[1×48×14×14]")))),
    Case("G4", "a depthwise convolution over all channels",
         (conv(8, 8), conv(8, 8, 3, 8), conv(8, 8)),
         ("depthwise convolution over the whole map: 8 channels",)),
    Case("G4", "a depthwise convolution of stride 2 shrinks the map",
         (conv(8, 8), nn.Conv2d(8, 8, 3, stride=2, groups=8), conv(8, 8))),
    Case("G4", "pre-activation", (nn.BatchNorm2d(8), nn.ReLU(), conv(8, 8)),
         ("batch norm of float32[1×8×14×14] with no convolution before it to fold into",)),
    Case("G4", "a norm that depends on its input", (conv(8, 8), nn.GroupNorm(2, 8)),
         ("group norm of float32[1×8×14×14] cannot be folded",)),
    Case("G4", "an activation of a concatenation",
         (side_by_side(conv(8, 8), conv(8, 8)), nn.ReLU()),
         ("relu of float32[1×16×14×14] has no convolution to fuse into",)),
    Case("G4", "a gate", (gated(),),
         ("mul of float32[1×8×14×14] reads another tensor when fused",)),
    Case("D1", "convolutions pass", (conv(8, 8), nn.ReLU())),
    Case("D1", "views pass", (nn.Flatten(), nn.Unflatten(1, (8, 14, 14)))),
    Case("D1", "a shuffle", (conv(8, 8), nn.ChannelShuffle(2)),
         ("channel shuffle of float32[1×8×14×14]",)),
    Case("D1", "a concatenation", (side_by_side(conv(8, 8), conv(8, 8)),),
         ("concat to float32[1×16×14×14]",)),
    Case("D1", "a shuffle behind a concatenation",
         (side_by_side(conv(8, 8), conv(8, 8)), nn.ChannelShuffle(2)),
         ("concat to float32[1×16×14×14]",
          "channel shuffle of float32[1×16×14×14] right behind a concat")),
    Case("D1", "a chain of concatenations",
         (side_by_side(nn.Identity(), conv(8, 8)), side_by_side(nn.Identity(), conv(16, 8))),
         ("concat to float32[1×16×14×14]",
          "concat to float32[1×24×14×14]: 67% of it was moved before")),
    Case("D1", "a dense block, which gathers its maps anew", (Function(
        lambda x, f, g: torch.cat((x, y := f(x), g(torch.cat((x, y), 1))), 1),
        conv(8, 8), conv(16, 8)),),
         ("concat to float32[1×16×14×14]",
          "concat to float32[1×24×14×14]: 67% of it was moved before")),
    Case("D1", "a copy", (Function(lambda x: x.permute(0, 2, 3, 1).contiguous()),),
         ("copy to float32[1×14×14×8]",)),
    Case("D1", "padding", (nn.ZeroPad2d(1), conv(8, 8, 3)), ("padding to float32[1×8×16×16]",)),
]  # fmt: skip


def messages(code: str, graph: CostGraph, **options: Any) -> tuple[str, ...]:
    return tuple(finding.message for finding in RULES[code].check(graph, **options))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_rule(case: Case) -> None:
    graph = trace(nn.Sequential(*case.layers), torch.zeros(case.shape))
    assert messages(case.rule, graph) == case.findings


def test_every_rule_has_a_passing_and_a_failing_case() -> None:
    passing = {case.rule for case in CASES if not case.findings}
    failing = {case.rule for case in CASES if case.findings}
    assert passing & failing == set(RULES) == {"G1", "G2", "G3", "G4", "D1"}


# documentation


def snippets() -> Iterator[tuple[str, str, str]]:
    """Code of the sections Example and Instead, cut from each rule's documentation."""
    for code, each in RULES.items():
        for section in ("Example", "Instead"):
            found = re.search(
                rf"^## {section}\n+```python\n(.*?)```",
                each.documentation,
                re.MULTILINE | re.DOTALL,
            )
            assert found, f"{code} has no section {section}"
            yield code, section, found[1]


SNIPPETS: Final = list(snippets())


def model_of(code: str) -> CostGraph:
    names: dict[str, Any] = {"nn": nn, "torch": torch}
    exec(code, names)
    return trace(names["model"], names["x"])


@pytest.mark.parametrize(("code", "section", "snippet"), SNIPPETS)
def test_documentation_tells_the_truth(code: str, section: str, snippet: str) -> None:
    assert bool(messages(code, model_of(snippet))) == (section == "Example")


@pytest.mark.parametrize("code", ["G1", "G2", "G3"])
def test_what_the_documentation_offers_instead_has_as_many_multiply_adds(code: str) -> None:
    before, after = (model_of(text).total for rule, _, text in SNIPPETS if rule == code)
    assert after.macs == pytest.approx(before.macs, rel=0.02)
    assert after.memory_access < before.memory_access


@pytest.mark.parametrize("each", RULES.values(), ids=RULES)
def test_documentation_names_every_option_and_every_section(each: Rule) -> None:
    sections = re.findall(r"^## (.*)$", each.documentation, re.MULTILINE)
    for section in ("Why it matters", "Example", "Instead", "Options", "Metric", "References"):
        assert section in sections
    options = each.documentation.partition("## Options")[2].partition("## ")[0]
    assert re.findall(r"^- `(\w+)`", options, re.MULTILINE) == list(each.options)
    assert each.summary.endswith(".")
    assert len(each.summary) <= 100


# options


def narrow_and_wide() -> CostGraph:
    return trace(nn.Sequential(conv(8, 24), conv(24, 24), conv(24, 8)), torch.zeros(1, 8, 14, 14))


@pytest.mark.parametrize(("max_ratio", "found"), [(1.0, 2), (2.9, 2), (3.0, 0)])
def test_g1_speaks_up_above_its_ratio(max_ratio: float, found: int) -> None:
    assert len(messages("G1", narrow_and_wide(), max_ratio=max_ratio)) == found


@pytest.mark.parametrize(("max_fragments", "found"), [(0, 1), (7, 1), (8, 0)])
def test_g3_speaks_up_above_its_number_of_fragments(max_fragments: int, found: int) -> None:
    graph = trace(conv(16, 16, 1, 8), torch.zeros(1, 16, 14, 14))
    assert len(messages("G3", graph, max_fragments=max_fragments)) == found


@pytest.mark.parametrize(("max_ratio", "thick"), [(5.9, True), (6.0, False)])
def test_g4_calls_a_map_thick_above_its_ratio(max_ratio: float, thick: bool) -> None:
    layers = conv(8, 48), conv(48, 48, 3, 48), conv(48, 8)
    (message,) = messages(
        "G4", trace(nn.Sequential(*layers), torch.zeros(1, 8, 14, 14)), max_ratio=max_ratio
    )
    assert ("on a thick map" in message) == thick


@pytest.mark.parametrize("code", ["G1", "G2", "G4", "D1"])
def test_what_saves_less_than_the_least_share_is_not_shown(code: str) -> None:
    case = next(case for case in CASES if case.rule == code and case.findings)
    graph = trace(nn.Sequential(*case.layers), torch.zeros(case.shape))
    shares = [finding.avoidable.share(graph) for finding in RULES[code].check(graph, min_share=0)]
    assert messages(code, graph, min_share=max(shares))
    assert not messages(code, graph, min_share=1.01 * max(shares))


# what to do instead


WIDTHS: Final = re.compile(
    r"(\d+)→(\d+)(?: without groups)? has (?:as many|(\d+)% (more|fewer)) multiply–adds"
    r" and moves (\d+)% less"
)


def offered(finding: Finding) -> tuple[int, int, float, float]:
    """Widths, multiply–adds and traffic of what a finding offers, the latter as shares."""
    found = WIDTHS.search(finding.instead)
    assert found, finding.instead
    change = int(found[3] or 0) / 100 * (-1 if found[4] == "fewer" else 1)
    return int(found[1]), int(found[2]), 1 + change, 1 - int(found[5]) / 100


@given(
    code=st.sampled_from(["G1", "G2"]),
    widths=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    groups=st.integers(1, 4),
    kernel=st.sampled_from([1, 3]),
    stride=st.integers(1, 2),
)
def test_what_g1_and_g2_offer_instead_is_as_they_say(
    *, code: str, widths: tuple[int, int], groups: int, kernel: int, stride: int
) -> None:
    c_in, c_out = (groups * width for width in widths)
    options: dict[str, Any] = {"stride": stride, "padding": kernel // 2, "bias": False}
    x = torch.zeros(2, c_in, 12, 12)
    graph = trace(nn.Conv2d(c_in, c_out, kernel, groups=groups, **options), x)
    (op,) = graph
    found = list(RULES[code].check(graph, min_share=0.0))
    assume(found)
    c_in, c_out, macs, traffic = offered(found[0])
    kept = groups if code == "G1" else 1
    other = nn.Conv2d(c_in, c_out, kernel, groups=kept, **options)
    (instead,) = trace(other, torch.zeros(2, c_in, 12, 12))
    assert instead.macs / op.macs == pytest.approx(macs, abs=0.026)
    assert instead.memory_access / op.memory_access == pytest.approx(traffic, abs=0.0051)
    saved = op.memory_access - instead.memory_access
    assert found[0].avoidable.memory_access == pytest.approx(max(saved, 0), abs=1)


@given(st.integers(9, 64), st.integers(2, 6))
def test_what_g4_offers_for_a_depthwise_convolution_is_as_it_says(width: int, factor: int) -> None:
    def middle(c: int, wide: int) -> tuple[CostGraph, Op]:
        layers = conv(c, wide), conv(wide, wide, 3, wide), conv(wide, c)
        graph = trace(nn.Sequential(*layers), torch.zeros(1, c, 10, 10))
        return graph, next(graph.of_kind(Kind.DEPTHWISE_CONV))

    graph, op = middle(width, width * factor)
    (finding,) = RULES["G4"].check(graph)
    fewer, *less = map(int, re.findall(r"\d+", finding.instead))
    assert less or finding.instead.endswith("it moves half")
    _, instead = middle(width, fewer)
    saved = op.memory_access - instead.memory_access
    assert saved / op.memory_access == pytest.approx((less or [50])[0] / 100, abs=0.01)
    assert finding.avoidable.memory_access == pytest.approx(saved, rel=0.02)


def test_a_norm_behind_a_convolution_or_linear_layer_moves_nothing_as_g4_says() -> None:
    for layers, shape in (
        ((conv(8, 8), nn.BatchNorm2d(8)), (1, 8, 14, 14)),
        ((nn.Linear(8, 8), nn.BatchNorm1d(8)), (50, 8)),
    ):
        graph = trace(nn.Sequential(*layers), torch.zeros(shape))
        (norm,) = graph.of_kind(Kind.NORMALIZATION)
        assert norm.memory_access_fused == 0


def test_one_convolution_as_g3_offers_has_as_many_multiply_adds_as_the_block() -> None:
    graph = trace(shortcut(*(conv(64, 64, 3) for _ in range(6))), torch.zeros(1, 64, 14, 14))
    (finding,) = RULES["G3"].check(graph)
    found = re.search(r"one (\d+)×\d+ convolution (\d+)→(\d+)", finding.instead)
    assert found
    kernel, c_in, c_out = map(int, found.groups())
    one = trace(conv(c_in, c_out, kernel), torch.zeros(1, c_in, 14, 14)).total
    assert one.macs == pytest.approx(graph.total.macs, rel=2 / c_in)
    assert finding.avoidable.launches == 6 - 1


def test_branches_merged_as_g3_offers_have_as_many_multiply_adds() -> None:
    branches = (*(conv(8, 8) for _ in range(4)), conv(8, 8, 3), conv(8, 8, 3))
    graph = trace(side_by_side(*branches), torch.zeros(1, 8, 14, 14))
    (finding,) = RULES["G3"].check(graph)
    assert finding.instead == (
        "merge 4 1×1 convolutions of the same input into one;"
        " merge 2 3×3 convolutions of the same input into one"
    )
    merged = trace(side_by_side(conv(8, 32), conv(8, 16, 3)), torch.zeros(1, 8, 14, 14))
    assert merged.total.macs == graph.total.macs
    assert finding.avoidable.launches == graph.total.launches - merged.total.launches


def test_groups_made_dense_and_narrow_as_g3_offers_have_fewer_fragments() -> None:
    graph = trace(conv(64, 64, 1, 16), torch.zeros(1, 64, 14, 14))
    (finding,) = RULES["G3"].check(graph)
    assert finding.instead.startswith("make the group convolution dense and narrower")
    assert finding.avoidable.launches == 16 - 1
    assert trace(conv(16, 16), torch.zeros(1, 16, 14, 14)).total.macs == graph.total.macs


@pytest.mark.parametrize("code", RULES)
def test_nobody_can_avoid_more_than_there_is(code: str) -> None:
    for case in (case for case in CASES if case.rule == code):
        graph = trace(nn.Sequential(*case.layers), torch.zeros(case.shape))
        for finding in RULES[code].check(graph):
            moved = sum(op.memory_access for op in finding.ops)
            assert 0 <= finding.avoidable.memory_access <= moved
            assert finding.avoidable.memory_access_fused <= sum(
                op.memory_access_fused for op in finding.ops
            )
            assert finding.instead
            assert finding.ops


# metric, verdict, score


def metric(value: float, scale: Scale) -> Metric:
    return Metric(value, "", Unit.SHARE, scale.best, scale.warn, scale.fail)


SCALES: Final = [each.scale for each in RULES.values()]


@given(st.sampled_from(SCALES), st.floats(0, 50), st.floats(0, 50))
def test_a_score_is_100_at_best_and_falls_as_the_metric_grows(
    scale: Scale, one: float, other: float
) -> None:
    less, more = (metric(value, scale).score for value in sorted((one, other)))
    assert less is not None
    assert more is not None
    assert 0 <= more <= less <= 100
    assert metric(scale.best, scale).score == 100
    assert metric(scale.fail, scale).score == 50


def constant(value: float | None, severity: Severity = Severity.ERROR) -> Rule:
    """A rule without findings, whose metric is that value."""
    scale = Scale(lambda _: value, warn=0.2, fail=0.5)
    return rule("X1", "constant-rule", scale=scale, severity=severity)(lambda graph: ())


@pytest.mark.parametrize(
    ("value", "severity", "verdict"),
    [
        (0.0, "error", "pass"),
        (0.19, "error", "pass"),
        (0.2, "error", "warn"),
        (0.49, "error", "warn"),
        (0.5, "error", "fail"),
        (inf, "error", "fail"),
        (0.49, "warning", "warn"),
        (0.5, "warning", "warn"),
        (0.1, "warning", "pass"),
        (None, "error", "not_applicable"),
    ],
)
def test_the_verdict_follows_from_metric_and_severity(
    value: float | None, severity: str, verdict: str
) -> None:
    (found,) = guidelines(narrow_and_wide(), [constant(value, Severity(severity))])
    assert found.verdict == verdict
    assert (found.score is None) == (value is None)


def test_without_a_measure_the_metric_is_the_share_that_can_be_avoided() -> None:
    graph = narrow_and_wide()
    plain = replace(RULES["G1"], scale=Scale())
    (found,) = guidelines(graph, [plain])
    avoidable = sum(finding.avoidable.memory_access_fused for finding in found.findings)
    assert found.metric is not None
    assert found.metric.value == avoidable / graph.total.memory_access_fused


def test_findings_come_most_costly_first() -> None:
    layers = conv(8, 32), nn.MaxPool2d(2), conv(32, 8), conv(8, 32)
    graph = trace(nn.Sequential(*layers), torch.zeros(1, 8, 28, 28))
    (found,) = guidelines(graph, [RULES["G1"]])
    costs = [finding.avoidable.bytes_fused for finding in found.findings]
    assert len(costs) == 3
    assert costs == sorted(costs, reverse=True)


@pytest.mark.parametrize("code", RULES)
def test_a_rule_judges_even_a_network_without_ops(code: str) -> None:
    (found,) = guidelines(trace(nn.Identity(), torch.zeros(1, 3)), [RULES[code]])
    assert found.verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE)
    assert not found.findings


def crashing(graph: CostGraph) -> Iterator[Finding]:
    yield Finding(graph.ops[:1], "one finding before the crash")
    message = "no such thing"
    raise ValueError(message)


def test_a_rule_that_crashes_says_so_and_the_others_go_on() -> None:
    broken = rule("X1", "crashing-rule")(crashing)
    first, second, third = guidelines(narrow_and_wide(), [RULES["G1"], broken, RULES["G2"]])
    assert (second.verdict, second.error) == (Verdict.CRASHED, "ValueError: no such thing")
    assert (second.metric, second.score, second.findings) == (None, None, ())
    assert first.verdict is Verdict.FAIL
    assert third.verdict is Verdict.PASS


def test_a_measure_that_crashes_is_said_too() -> None:
    broken = rule("X1", "crashing-measure", scale=Scale(lambda graph: 1 / 0))(lambda graph: ())
    (found,) = guidelines(narrow_and_wide(), [broken])
    assert (found.verdict, found.error) == (Verdict.CRASHED, "ZeroDivisionError: division by zero")


def test_options_reach_the_rule_of_their_code() -> None:
    (found,) = guidelines(narrow_and_wide(), [RULES["G1"]], {"G1": {"max_ratio": 3.0}, "G2": {}})
    assert not found.findings


def test_a_scale_out_of_order_is_refused() -> None:
    with pytest.raises(ValueError, match=r"best 0\.5, warn 0\.2 and fail 0\.1 are not in order"):
        Scale(best=0.5, warn=0.2, fail=0.1)
    with pytest.raises(ValueError, match="not in order"):
        Scale(best=0.1, warn=0.1, fail=0.1)


NETWORKS: Final = ["resnet18", "mobilenet_v2", "densenet121", "googlenet", "shufflenet_v2_x1_0"]


@pytest.mark.filterwarnings("ignore:The default weight initialization:FutureWarning")
@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_that_fails_is_told_where(name: str) -> None:
    from torchvision import models  # noqa: PLC0415  (a second that the other tests need not wait)

    with torch.device("meta"):
        model = models.get_model(name)
    graph = trace(model, torch.zeros(1, 3, 224, 224, device="meta"))
    for found in guidelines(graph, RULES.values()):
        assert found.verdict is not Verdict.CRASHED, found.error
        assert found.findings or found.verdict is not Verdict.FAIL
        assert all(finding.ops[0].name in graph for finding in found.findings)


def test_elements_and_bytes_of_what_is_avoidable_agree() -> None:
    for dtype, size in ((torch.float32, 4), (torch.float16, 2)):
        model = nn.Sequential(conv(8, 32)).to(dtype)
        (finding,) = RULES["G1"].check(trace(model, torch.zeros(1, 8, 14, 14, dtype=dtype)))
        assert finding.avoidable.bytes == size * finding.avoidable.memory_access
