"""Examples of each command, which its `--help` ends with."""

from __future__ import annotations

from typing import Final

import click

_EXAMPLES: Final = {
    "run": (
        "audit run shufflenet_v2 --arg width=0.5",
        "audit model.py:build --input 1x3x160x160 -o report.html",
        "audit torchvision.models:resnet50 --rule G1 --rule G4",
        "audit model.onnx --on gtx-1080ti --fail-on warning",
        "audit model.py --format markdown --long -o report.md",
    ),
    "compare": (
        "audit compare shufflenet_v1 shufflenet_v2 -o compared.html",
        "audit compare before.json after.json --format markdown",
        "audit compare model.py:old model.py:new --latency",
    ),
    "baseline": (
        "audit baseline",
        "audit baseline model.py --input 1x3x160x160 -o known.json",
    ),
    "init": ("audit init", "audit init --model model.py:build", "audit init ci/audit.toml --force"),
    "latency": (
        "audit latency shufflenet_v2",
        "audit latency model.py --backend eager --backend onnxruntime --threads 4",
        "audit latency model.py --dtype bfloat16 -o times.trace.json",
        "audit latency model.py --export model.onnx",
        "audit latency model.py --import profile.json",
    ),
    "devices": ("audit devices", "audit devices measure --threads 4"),
    "reproduce": ("audit reproduce table1", "audit reproduce all --seconds 2 -o paper.md"),
    "whatif": ("audit whatif shufflenet_v1", "audit whatif model.py --seconds 5 -o report.html"),
    "fix": (
        "audit fix shufflenet_v2",
        "audit fix timm:create_model --arg model_name=mobileone_s0 -o fixed.onnx",
        "audit fix model.py:build --input 1x3x160x160 -o fixed.pt2",
    ),
    "explain": ("audit explain G1", "audit explain group-convolution"),
    "list": ("audit list models", "audit list rules"),
    "report": (
        "audit report saved.json",
        "audit report saved.json --format markdown --long -o report.md",
        "audit shufflenet_v1 --format json | audit report - -o report.html",
    ),
    "completion": (
        "audit completion bash >> ~/.bashrc",
        "audit completion zsh >> ~/.zshrc",
        "audit completion fish > ~/.config/fish/completions/audit.fish",
    ),
}


def with_examples(command: click.Command) -> click.Command:
    """The command, which shows its examples."""
    lines = (f"  {line}" for line in _EXAMPLES[str(command.name)])
    command.epilog = "\n".join(("\b", "Examples:", *lines))
    return command
