"""A profile that ONNX Runtime wrote: how long each node took in each run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from shufflenet_audit.errors import FormatError
from shufflenet_audit.latency.measuring.kernels import Ran, origin

_MICRO = 1e-6
_KERNEL = "_kernel_time"
_MOVES_NOTHING = frozenset({"Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity"})
_RECORD = "record one with enable_profiling"


@dataclass(frozen=True, slots=True)
class Node:
    """A node: its name and operator, the shape of its first result, and its seconds in each run."""

    name: str
    operator: str
    shape: tuple[int, ...]
    seconds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """Several runs of a model: how long each took as a whole, and its nodes."""

    runs: tuple[float, ...]
    nodes: tuple[Node, ...]
    threads: int = 1


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


def ran(nodes: Iterable[Node], origins: Mapping[str, str]) -> Iterator[Ran]:
    """What ran, with the op that each node came from."""
    for node in nodes:
        op = origin(origins, node.name)
        moves = node.operator not in _MOVES_NOTHING
        yield Ran((op,) if op else (), node.operator, node.seconds, moves=moves)


def _profile(events: Sequence[Mapping[str, Any]]) -> Profile:
    runs = sorted(_span(each) for each in events if each.get("name") == "model_run")
    kernels = [each for each in events if _is_kernel(each)]
    if not runs or not kernels:
        what = "runs" if not runs else "nodes"
        message = f"not a profile of ONNX Runtime: it holds no {what}; {_RECORD}"
        raise FormatError(message)
    threads = max(map(_threads, kernels))
    return Profile(tuple(_seconds(run) for run in runs), tuple(_nodes(kernels, runs)), threads)


def _nodes(
    kernels: Sequence[Mapping[str, Any]], runs: Sequence[tuple[float, float]]
) -> Iterator[Node]:
    times: dict[str, list[float]] = {}
    first: dict[str, Mapping[str, Any]] = {}
    starts = iter(chain((start for start, _ in runs[1:]), [float("inf")]))
    run, until = 0, next(starts)
    for each in sorted(kernels, key=lambda each: float(each["ts"])):
        while each["ts"] >= until:
            run, until = run + 1, next(starts)
        name = each["name"].removesuffix(_KERNEL)
        first.setdefault(name, each["args"])
        times.setdefault(name, [0.0] * len(runs))[run] += float(each["dur"]) * _MICRO
    for name, seconds in times.items():
        yield Node(name, str(first[name]["op_name"]), _shape(first[name]), tuple(seconds))


def _is_kernel(event: Mapping[str, Any]) -> bool:
    return event.get("cat") == "Node" and str(event.get("name")).endswith(_KERNEL)


def _span(event: Mapping[str, Any]) -> tuple[float, float]:
    start = float(event["ts"])
    return start, start + float(event["dur"])


def _seconds(span: tuple[float, float]) -> float:
    return (span[1] - span[0]) * _MICRO


def _shape(args: Mapping[str, Any]) -> tuple[int, ...]:
    made = args.get("output_type_shape") or [{}]
    return tuple(map(int, next(iter(made[0].values()), ())))


def _threads(event: Mapping[str, Any]) -> int:
    """How many threads were there; where the runtime says nothing it had one."""
    said = event["args"].get("thread_scheduling_stats")
    return 1 + len(said.get("sub_threads", ())) if isinstance(said, dict) else 1
