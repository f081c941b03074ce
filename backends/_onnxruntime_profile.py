"""The profiles that ONNX Runtime writes: how long each node took in each run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from shufflenet_audit.plugin import FormatError, Node, Profile

_MICRO = 1e-6
_KERNEL = "_kernel_time"
_MOVES_NOTHING = frozenset({"Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity"})
_LAYOUTS = frozenset({"ReorderInput", "ReorderOutput", "Transpose"})
"""Operators that the runtime adds itself."""

_BLOCKS = (1, 4, 8, 16)
"""The runtime pads channels to multiples of these."""

_NOTE = "recorded under the profiler of ONNX Runtime, which takes time itself"
_RECORD = "record one with enable_profiling"


def read(text: str) -> Profile:
    """The profile in the text of a file. Raises FormatError."""
    try:
        events = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = f"not a profile of ONNX Runtime, or cut off: {error}; {_RECORD}"
        raise FormatError(message) from error
    try:
        return _profile(events if isinstance(events, list) else [])
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        message = f"not a profile of ONNX Runtime, or damaged: {type(error).__name__}: {error}"
        raise FormatError(message) from error


def _profile(events: Sequence[Mapping[str, Any]]) -> Profile:
    runs = sorted(_span(event) for event in events if event.get("name") == "model_run")
    kernels = [event for event in events if _is_kernel(event)]
    if not runs or not kernels:
        what = "runs" if not runs else "nodes"
        message = f"not a profile of ONNX Runtime: it holds no {what}; {_RECORD}"
        raise FormatError(message)
    threads = max(map(_threads, kernels))
    nodes = tuple(_nodes(kernels, runs))
    return Profile(tuple(_seconds(run) for run in runs), nodes, threads, _BLOCKS, (_NOTE,))


def _nodes(
    kernels: Sequence[Mapping[str, Any]], runs: Sequence[tuple[float, float]]
) -> Iterator[Node]:
    times: dict[str, list[float]] = {}
    first: dict[str, Mapping[str, Any]] = {}
    starts = iter(chain((start for start, _ in runs[1:]), [float("inf")]))
    run, until = 0, next(starts)
    for event in sorted(kernels, key=lambda event: float(event["ts"])):
        while event["ts"] >= until:
            run, until = run + 1, next(starts)
        name = event["name"].removesuffix(_KERNEL)
        first.setdefault(name, event["args"])
        times.setdefault(name, [0.0] * len(runs))[run] += float(event["dur"]) * _MICRO
    for name, seconds in times.items():
        yield _node(name, first[name], tuple(seconds))


def _node(name: str, args: Mapping[str, Any], seconds: tuple[float, ...]) -> Node:
    operator = str(args["op_name"])
    return Node(
        name,
        operator,
        _shape(args),
        seconds,
        convolution=operator.endswith("Conv"),
        added=operator in _LAYOUTS,
        moves=operator not in _MOVES_NOTHING,
    )


def _is_kernel(event: Mapping[str, Any]) -> bool:
    return event.get("cat") == "Node" and str(event.get("name")).endswith(_KERNEL)


def _span(event: Mapping[str, Any]) -> tuple[float, float]:
    start = float(event["ts"])
    return start, start + float(event["dur"])


def _seconds(span: tuple[float, float]) -> float:
    return (span[1] - span[0]) * _MICRO


def _shape(args: Mapping[str, Any]) -> tuple[int, ...]:
    outputs = args.get("output_type_shape") or [{}]
    return tuple(map(int, next(iter(outputs[0].values()), ())))


def _threads(event: Mapping[str, Any]) -> int:
    """How many threads the runtime had; where it does not say, one."""
    stats = event["args"].get("thread_scheduling_stats")
    return 1 + len(stats.get("sub_threads", ())) if isinstance(stats, dict) else 1
