"""The OpenVINO backend: the exported model on its CPU plugin, timed by its own counters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from shufflenet_audit.plugin import Session, Task, backend, kernels


@backend("openvino", requires=("onnx", "onnxscript", "openvino"))
def openvino(task: Task) -> Session:
    """Exported to ONNX, and compiled by OpenVINO for its CPU plugin."""
    import openvino as runtime  # noqa: PLC0415  (optional: the engine looks whether it is there)

    from ._onnx_export import exported  # noqa: PLC0415  (it needs onnx, which is optional too)

    export = exported(task)
    core = runtime.Core()
    model = core.read_model(export.model)
    plain = core.compile_model(model, "CPU", _options(task)).create_infer_request()
    counting = {**_options(task), "PERF_COUNT": "YES"}
    compiled = core.compile_model(model, "CPU", counting)
    counted, members = compiled.create_infer_request(), _members(compiled, export.origins)
    inputs = [leaf.numpy() for leaf in task.leaves]
    runs: list[tuple[Any, ...]] = []

    def instrumented() -> None:
        counted.infer(inputs)
        runs.append(tuple(counted.profiling_info))

    return Session(
        whole=lambda: plain.infer(inputs),
        instrumented=instrumented,
        kernels=lambda: tuple(kernels.kernels(task.graph, _ran(members, runs))),
        versions=(("openvino", runtime.__version__),),
    )


def _options(task: Task) -> dict[str, Any]:
    return {
        "INFERENCE_NUM_THREADS": task.settings.threads,
        "NUM_STREAMS": 1,
        "INFERENCE_PRECISION_HINT": "f32",
        "CPU_DENORMALS_OPTIMIZATION": "YES",
    }


def _members(compiled: Any, origins: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The ops of each node of a compiled model, by its name: those fused into it included."""
    found = {}
    for node in compiled.get_runtime_model().get_ordered_ops():
        names = str(node.get_rt_info()["originalLayersNames"].value).split(",")
        ops = (kernels.origin(origins, name) for name in names)
        found[node.get_friendly_name()] = tuple(dict.fromkeys(filter(None, ops)))
    return found


def _ran(
    members: Mapping[str, tuple[str, ...]], runs: Sequence[Iterable[Any]]
) -> Iterator[kernels.Ran]:
    """The nodes that were executed, in any of the runs; one that was fused into another is not."""
    times: dict[str, list[float]] = {}
    kinds: dict[str, str] = {}
    for index, run in enumerate(runs):
        for node in run:
            if str(node.status).endswith(".EXECUTED"):
                seconds = times.setdefault(node.node_name, [0.0] * len(runs))
                seconds[index] += node.real_time.total_seconds()
                kinds[node.node_name] = node.node_type
    for name, spent in times.items():
        yield kernels.Ran(members.get(name, ()), kinds[name], tuple(spent))
