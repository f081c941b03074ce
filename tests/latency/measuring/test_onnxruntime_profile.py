"""Profiles of ONNX Runtime, read: what each node took in each run, and what is no profile."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shufflenet_audit import AuditError
from shufflenet_audit.latency.measuring.onnxruntime_profile import (
    Node,
    ran,
    read,
)


def run(start: int, took: int) -> dict[str, Any]:
    return {"cat": "Session", "name": "model_run", "ts": start, "dur": took}


def node(name: str, start: int, took: int, **args: Any) -> dict[str, Any]:
    said = {"op_name": "Conv", "output_type_shape": [{"float": [1, 4, 8, 8]}], **args}
    return {"cat": "Node", "name": f"{name}_kernel_time", "ts": start, "dur": took, "args": said}


TWO_RUNS = [
    {"cat": "Session", "name": "session_initialization", "ts": 0, "dur": 50, "args": {}},
    node("conv", 101, 20),
    {"cat": "Node", "name": "conv_fence_before", "ts": 100, "dur": 9, "args": {}},
    node("late", 130, 5, op_name="Split"),
    run(100, 50),
    node("conv", 201, 30),
    node("conv", 240, 10),
    run(200, 70),
]


def test_the_nodes_have_their_seconds_in_each_run() -> None:
    found = read(json.dumps(TWO_RUNS))
    assert found.runs == pytest.approx((50e-6, 70e-6))
    assert [(each.name, each.operator, each.shape) for each in found.nodes] == [
        ("conv", "Conv", (1, 4, 8, 8)),
        ("late", "Split", (1, 4, 8, 8)),
    ]
    assert found.nodes[0].seconds == pytest.approx((20e-6, 40e-6))
    assert found.nodes[1].seconds == pytest.approx((5e-6, 0))


def test_threads_are_counted_where_the_runtime_tells_of_them() -> None:
    stats: dict[str, Any] = {"main_thread": {}, "sub_threads": {"1": {}, "2": {}}}
    event = node("conv", 101, 20, thread_scheduling_stats=stats)
    assert read(json.dumps([event, run(100, 50)])).threads == 3
    assert read(json.dumps(TWO_RUNS)).threads == 1


def test_nodes_are_named_after_the_op_that_they_came_from() -> None:
    nodes = [Node("a_nchwc", "Conv", (), (1.0,)), Node("b", "Reshape", (), (2.0,))]
    first, second = ran(nodes, {"a": "convolution"})
    assert (first.ops, first.operator, first.moves) == (("convolution",), "Conv", True)
    assert (second.ops, second.operator, second.moves) == ((), "Reshape", False)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not a profile of ONNX Runtime, or cut off"),
        (json.dumps(TWO_RUNS)[:-30], "not a profile of ONNX Runtime, or cut off"),
        ("[" * 100_000, "not a profile of ONNX Runtime, or cut off"),
        ("{}", "it holds no runs"),
        ("null", "it holds no runs"),
        (json.dumps(TWO_RUNS[:-1]).replace("model_run", "run"), "it holds no runs"),
        (json.dumps([run(0, 1)]), "it holds no nodes"),
        (json.dumps({"traceEvents": TWO_RUNS}), "it holds no runs"),
        ("[1, 2]", "damaged"),
        (json.dumps([run(0, 1), {"cat": "Node", "name": "a_kernel_time"}]), "damaged"),
        (json.dumps([run(0, 1), {**node("a", 0, 1), "dur": "long"}]), "damaged"),
    ],
)
def test_what_is_no_profile_is_refused_in_one_line(text: str, says: str) -> None:
    with pytest.raises(AuditError, match=says) as error:
        read(text)
    assert "\n" not in str(error.value)


def test_a_profile_without_shapes_is_read() -> None:
    event = node("conv", 101, 20, output_type_shape=[])
    (found,) = read(json.dumps([event, run(100, 50)])).nodes
    assert (found.name, found.shape) == ("conv", ())
