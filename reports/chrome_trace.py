"""The trace report: the timings for chrome://tracing and Perfetto."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from shufflenet_audit.plugin import Audit, CostGraph, Latency, Timing, UnavailableError, report

_MICROSECONDS = 1e6


@report("chrome-trace", suffix=".trace.json")
def chrome_trace(audit: Audit) -> str:
    """The kernels of each measurement one after the other, for chrome://tracing and Perfetto."""
    if not audit.latencies:
        message = "the audit holds no timings to trace: run it with --latency"
        raise UnavailableError(message)
    events = [
        event
        for process, latency in enumerate(audit.latencies)
        for event in _events(audit, process, latency)
    ]
    return json.dumps({"traceEvents": events, "displayTimeUnit": "ms"}, indent=1) + "\n"


def _events(audit: Audit, process: int, latency: Latency) -> Iterator[dict[str, Any]]:
    """
    One process for each measurement.

    The kernels were timed one by one. Drawing each where the one before it ends is a convention,
    not a measurement.
    """
    how = "predicted" if latency.predicted else "measured"
    name = f"{audit.model.name}: {latency.backend} on {latency.device}, {how}"
    yield {"name": "process_name", "ph": "M", "pid": process, "args": {"name": name}}
    start = 0.0
    for timing in latency.timings:
        yield {"pid": process, "tid": 0, "ts": start, **_kernel(audit.graph, timing)}
        start += timing.seconds.median * _MICROSECONDS


def _kernel(graph: CostGraph, timing: Timing) -> dict[str, Any]:
    first = graph[timing.ops[0]] if timing.ops else None
    return {
        "name": timing.label,
        "cat": str(timing.kind.category),
        "ph": "X",
        "dur": timing.seconds.median * _MICROSECONDS,
        "args": {
            "ops": list(timing.ops),
            "kind": str(timing.kind),
            "module": first.module if first else "",
            "source": str(first.source) if first and first.source else "",
            "low": timing.seconds.low * _MICROSECONDS,
            "high": timing.seconds.high * _MICROSECONDS,
        },
    }
