"""
Networks with other widths and as many multiply–adds: what they move, launch, and take, in turns.

    python benchmarks/same_macs.py                     the showcase: counts, and times of both
    python benchmarks/same_macs.py --counts            counts alone, which need no quiet machine
    python benchmarks/same_macs.py --seconds 30        longer rounds, for narrower intervals

Before and after are run in turns, in PyTorch (eager) and in ONNX Runtime, on one thread. What is
printed of a time is the median of the ratios after to before, round by round, and the interval in
which the true one lies. Accuracy is not known: the networks have new random weights.
"""

from __future__ import annotations

import io
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import click
import onnx
import onnxruntime
import torch
from rich.console import Console
from rich.table import Table
from torch import nn
from torchvision.models import get_model

from shufflenet_audit.fixing.widths import EQUAL_WIDTHS, NO_GROUPS, Aim, Inputs, Plan, plan
from shufflenet_audit.latency.backend import Settings
from shufflenet_audit.latency.measuring.rounds import interleaved
from shufflenet_audit.latency.measuring.spread import seconds as spread
from shufflenet_audit.zoo.shufflenet_v1 import shufflenet_v1

_ERRORS_ONLY = 3
_WARMUP = 3
_INPUT = (1, 3, 224, 224)


@dataclass(frozen=True, slots=True)
class Case:
    """A network, and what is to hold of it."""

    name: str
    guidelines: str
    build: Callable[[], nn.Module]
    aims: tuple[Aim, ...]


CASES: Final = (
    *(
        Case(f"ShuffleNet V1, {groups} groups", guidelines, build, aims)
        for groups in (2, 3, 4, 8)
        for build in [lambda groups=groups: shufflenet_v1(groups=groups)]
        for guidelines, aims in (("G2", (NO_GROUPS,)), ("G1 and G2", (NO_GROUPS, EQUAL_WIDTHS)))
    ),
    Case("ResNeXt-50", "G2", lambda: get_model("resnext50_32x4d"), (NO_GROUPS,)),
    Case("RegNet X 400 MF", "G2", lambda: get_model("regnet_x_400mf"), (NO_GROUPS,)),
    Case("RegNet Y 400 MF", "G2", lambda: get_model("regnet_y_400mf"), (NO_GROUPS,)),
    Case("MobileNet V2", "G1", lambda: get_model("mobilenet_v2"), (EQUAL_WIDTHS,)),
    Case("MobileNet V3 large", "G1", lambda: get_model("mobilenet_v3_large"), (EQUAL_WIDTHS,)),
    Case("EfficientNet-B0", "G1", lambda: get_model("efficientnet_b0"), (EQUAL_WIDTHS,)),
    Case("ResNet-50", "G1", lambda: get_model("resnet50"), (EQUAL_WIDTHS,)),
    Case("DenseNet-121", "G1", lambda: get_model("densenet121"), (EQUAL_WIDTHS,)),
)


@click.command()
@click.option("--counts", is_flag=True, help="Count, and time nothing.")
@click.option("--seconds", default=10.0, show_default=True, help="Seconds for each pair.")
@click.option("--multiple-of", default=8, show_default=True, help="Of what widths are multiples.")
@click.option("--only", default="", help="Only networks whose names have this in them.")
def main(*, counts: bool, seconds: float, multiple_of: int, only: str) -> None:
    """Plan, build, count and time each network of the showcase."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    settings = Settings(seconds=seconds, warmup=_WARMUP)
    table = Table("network", "guideline", *_headings(counts=counts))
    for case in CASES:
        if only.lower() in case.name.lower():
            table.add_row(*_row(case, multiple_of, None if counts else settings))
    Console(width=160).print(table)


def _headings(*, counts: bool) -> tuple[str, ...]:
    counted = (
        "multiply–adds (M)",
        "memory access, fused (M)",
        "op by op (M)",
        "kernels, eager",
        "nodes, ONNX Runtime",
    )
    return counted if counts else (*counted, "time, eager", "time, ONNX Runtime")


def _row(case: Case, multiple_of: int, settings: Settings | None) -> Iterator[str]:
    yield case.name
    yield case.guidelines
    model = case.build().eval()
    inputs = Inputs((torch.empty(_INPUT, device="meta"),))
    found = plan(model, inputs, case.aims, multiple_of=multiple_of)
    yield from _counted(found)
    networks = (model, found.build())
    with TemporaryDirectory() as folder:
        sessions = [_session(each, Path(folder) / f"{at}.onnx") for at, each in enumerate(networks)]
        yield _changed(*(nodes for _, nodes in sessions))
        if settings:
            x = torch.rand(_INPUT)
            yield _timed([_eager(each, x) for each in networks], settings)
            feed = x.numpy()
            yield _timed([_runtime(session, feed) for session, _ in sessions], settings)


def _counted(found: Plan) -> Iterator[str]:
    before, after = found.before.total, found.after.total
    for name in ("macs", "memory_access_fused", "memory_access"):
        a, b = getattr(before, name), getattr(after, name)
        yield f"{a / 1e6:.2f} → {b / 1e6:.2f} ({b / a - 1:+.1%})"
    yield _changed(before.launches, after.launches)


def _changed(before: int, after: int) -> str:
    return f"{before} → {after}" if before != after else str(before)


def _session(network: nn.Module, path: Path) -> tuple[onnxruntime.InferenceSession, int]:
    """A network in ONNX Runtime, and how many nodes it has left after all optimisations."""
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")  # the exporter warns of its own internals
        program = torch.onnx.export(network, (torch.rand(_INPUT),), dynamo=True, verbose=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    options.optimized_model_filepath = str(path)
    data = program.model_proto.SerializeToString()
    session = onnxruntime.InferenceSession(data, options, ["CPUExecutionProvider"])
    return session, len(onnx.load(path).graph.node)


def _eager(network: nn.Module, x: torch.Tensor) -> Callable[[], object]:
    def run() -> object:
        with torch.inference_mode():
            return network(x)

    return run


def _runtime(session: onnxruntime.InferenceSession, x: Any) -> Callable[[], object]:
    (given,) = session.get_inputs()
    return lambda: session.run(None, {given.name: x})


def _timed(runs: list[Callable[[], object]], settings: Settings) -> str:
    """The ratio after to before, with its interval."""
    before, after = interleaved(runs, time.perf_counter_ns, settings)
    ratio = spread([b / a for a, b in zip(before, after, strict=True)])
    took = spread(before)
    return f"{took.median * 1e3:.1f} ms, ×{ratio.median:.2f} ({ratio.low:.2f}–{ratio.high:.2f})"


if __name__ == "__main__":
    main()
