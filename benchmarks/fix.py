"""
What exact rewrites save, end to end: networks of torchvision and timm, before and after.

python benchmarks/fix.py [--networks N] [--seconds S]

Run on a quiet machine. Both networks run on one thread, in turns, in eager PyTorch and in ONNX
Runtime. A network is faster or slower if the interval of the ratio of its times says so.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import torch

from shufflenet_audit import AuditError, fix
from shufflenet_audit.fixing import Fixed

Run = Callable[[], object]

TIMM = (
    "repvgg_a0", "mobileone_s0", "fastvit_t8", "ghostnetv3_100", "efficientvit_m0", "levit_128s",
    "mobilenetv3_small_100", "mobilenetv3_large_100", "mobilenetv4_conv_small", "efficientnet_b0",
    "tf_efficientnet_lite0", "mixnet_s", "ghostnet_100", "ghostnetv2_100", "resnet18", "resnet50",
    "resnetv2_50", "seresnet18", "res2net50_26w_4s", "regnetx_002", "regnety_002", "dla34",
    "densenet121", "dpn68", "inception_v4", "convnext_atto", "edgenext_xx_small",
    "efficientformer_l1", "poolformer_s12", "starnet_s1", "nf_resnet50", "repghostnet_050",
    "vit_tiny_patch16_224", "swin_tiny_patch4_window7_224", "coatnet_0_rw_224", "mvitv2_tiny",
)  # fmt: skip
TORCHVISION = (
    "googlenet", "mobilenet_v2", "resnext50_32x4d", "shufflenet_v2_x0_5", "shufflenet_v2_x1_0",
    "squeezenet1_1", "swin_t", "vgg11_bn",
)  # fmt: skip
_WARMUP = 3
_FEWEST = 7
_RESAMPLES = 2_000
_CONFIDENCE = (2.5, 97.5)


@dataclass(frozen=True)
class Ratio:
    """Time before divided by time after: the median of pairs taken in turns, and its interval."""

    name: str
    backend: str
    value: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """Whether the fixed network is faster, slower, or neither for sure."""
        if self.low > 1:
            return "faster"
        return "slower" if self.high < 1 else "same"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, help="how many of them, evenly spread")
    parser.add_argument("--seconds", type=float, default=10.0, help="for each pair at most")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    warnings.simplefilter("ignore")
    names = [*(("timm", name) for name in TIMM), *(("torchvision", name) for name in TORCHVISION)]
    step = max(len(names) // (options.networks or len(names)), 1)
    print("| network | multiply–adds, M | fused, MB | kernels | eager | ONNX Runtime |")
    print("|---|---:|---:|---:|---:|---:|")
    ratios = [
        ratio for library, name in names[::step] for ratio in row(library, name, options.seconds)
    ]
    print()
    summary(ratios)


def row(library: str, name: str, seconds: float) -> list[Ratio]:
    """Print what one network costs before and after."""
    model, x = network(library, name)
    try:
        fixed = fix(model, x)
    except AuditError as error:
        print(f"| {name} | {error} | | | | |")
        return []
    ratios = [
        Ratio(name, backend, *ratio(before, after, seconds))
        for backend, before, after in runs(model, x, fixed)
    ]
    old, new = fixed.before.total, fixed.after.total
    cells = [f"{each.value:.2f} [{each.low:.2f}, {each.high:.2f}]" for each in ratios]
    print(
        f"| {name} | {old.macs / 1e6:.1f} → {new.macs / 1e6:.1f}"
        f" | {old.bytes_fused / 1e6:.1f} → {new.bytes_fused / 1e6:.1f}"
        f" | {old.launches} → {new.launches} | {' | '.join(cells)} |",
        flush=True,
    )
    return ratios


def network(library: str, name: str) -> tuple[torch.nn.Module, torch.Tensor]:
    torch.manual_seed(0)
    if library == "timm":
        import timm  # noqa: PLC0415  (either library takes seconds)

        model = timm.create_model(name).eval()
        return model, torch.randn(1, *model.default_cfg["input_size"])
    from torchvision import models  # noqa: PLC0415  (as above)

    kwargs = {"init_weights": False} if name == "googlenet" else {}
    return models.get_model(name, weights=None, **kwargs).eval(), torch.randn(1, 3, 224, 224)


def runs(model: torch.nn.Module, x: torch.Tensor, fixed: Fixed) -> Iterator[tuple[str, Run, Run]]:
    with torch.inference_mode():
        yield "eager", lambda: model(x), lambda: fixed.module(x)
    with tempfile.TemporaryDirectory() as folder:
        sessions = [session(each, x, Path(folder) / f"{at}.onnx")
                    for at, each in enumerate((model, fixed.module))]  # fmt: skip
        yield "ONNX Runtime", *sessions


def session(model: torch.nn.Module, x: torch.Tensor, path: Path) -> Run:
    import onnxruntime  # noqa: PLC0415  (as above)

    torch.onnx.export(model, (x,), path, dynamo=True, verbose=False, external_data=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    made = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    given = {made.get_inputs()[0].name: x.numpy()}
    return lambda: made.run(None, given)


def ratio(before: Run, after: Run, seconds: float) -> tuple[float, float, float]:
    """The median of before ÷ after over pairs, first one first and then the other."""
    for run in (before, after) * _WARMUP:
        run()
    pairs: list[float] = []
    end = time.perf_counter() + seconds
    while len(pairs) < _FEWEST or time.perf_counter() < end:
        if len(pairs) % 2:
            new, old = timed(after), timed(before)
        else:
            old, new = timed(before), timed(after)
        pairs.append(old / new)
    return (median(pairs), *interval(pairs))


def timed(run: Run) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def interval(pairs: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of the median, by the bootstrap."""
    generator = np.random.default_rng(0)
    samples = generator.choice(np.array(pairs), (_RESAMPLES, len(pairs)))
    low, high = np.percentile(np.median(samples, axis=1), _CONFIDENCE)
    return float(low), float(high)


def summary(ratios: Sequence[Ratio]) -> None:
    """Print how many networks are faster, slower, the same."""
    print("| backend | networks | faster | same | slower | median speed-up | slower than 2 % |")
    print("|---|---:|---:|---:|---:|---:|---|")
    for backend in dict.fromkeys(each.backend for each in ratios):
        mine = [each for each in ratios if each.backend == backend]
        counts = Counter(each.verdict for each in mine)
        worst = ", ".join(each.name for each in mine if each.high < 0.98) or "none"
        shares = " | ".join(
            f"{counts[name] / len(mine):.0%}" for name in ("faster", "same", "slower")
        )
        speed = median(each.value for each in mine)
        print(f"| {backend} | {len(mine)} | {shares} | {speed:.2f}× | {worst} |")


if __name__ == "__main__":
    main()
