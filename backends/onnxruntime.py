"""The ONNX Runtime backend: the exported model, optimised and fused, timed by its own profiler."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from shufflenet_audit.plugin import Kernel, Session, Task, backend, grouping

_MICRO = 1e-6
_LAYOUT = "_nchwc"
_ERRORS_ONLY = 3
_PROVIDERS = ("CPUExecutionProvider",)
_MOVES_NOTHING = frozenset({"Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity"})


@backend("onnxruntime", requires=("onnx", "onnxscript", "onnxruntime"))
def onnxruntime(task: Task) -> Session:
    """Exported to ONNX, and run with all of the runtime's optimisations."""
    import onnxruntime as runtime  # noqa: PLC0415  (optional: the engine looks whether it is there)

    from ._export import exported  # noqa: PLC0415  (it needs onnx, which is optional too)

    export = exported(task)
    folder = TemporaryDirectory(prefix="shufflenet-audit-")
    plain = runtime.InferenceSession(export.model, _options(task), _PROVIDERS)
    profiled = runtime.InferenceSession(export.model, _options(task, folder.name), _PROVIDERS)
    names = (given.name for given in plain.get_inputs())
    feed = {name: leaf.numpy() for name, leaf in zip(names, task.leaves, strict=True)}

    def kernels() -> tuple[Kernel, ...]:
        with folder:
            profile = json.loads(Path(profiled.end_profiling()).read_text(encoding="utf-8"))
        return tuple(grouping.kernels(task.graph, _ran(export.origins, profile)))

    return Session(
        whole=lambda: plain.run(None, feed),
        instrumented=lambda: profiled.run(None, feed),
        kernels=kernels,
        versions=(("onnxruntime", runtime.__version__),),
    )


def _options(task: Task, profile: str = "") -> Any:
    """As many threads as asked for; where a folder is given, a profile is written to it."""
    import onnxruntime as runtime  # noqa: PLC0415  (see above)

    options = runtime.SessionOptions()
    options.intra_op_num_threads = task.settings.threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    options.enable_profiling = bool(profile)
    options.profile_file_prefix = str(Path(profile) / "profile")
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    return options


def _ran(
    origins: Mapping[str, str], profile: Iterable[Mapping[str, Any]]
) -> Iterator[grouping.Ran]:
    """The nodes of a profile; the runtime's own layout adds an ending to their names."""
    times: dict[str, list[float]] = {}
    operators: dict[str, str] = {}
    for event in profile:
        node, is_kernel, _ = event["name"].partition("_kernel_time")
        if event.get("cat") == "Node" and is_kernel:
            times.setdefault(node, []).append(event["dur"] * _MICRO)
            operators[node] = event["args"]["op_name"]
    for node, seconds in times.items():
        op, operator = origins.get(node.removesuffix(_LAYOUT)), operators[node]
        moves = operator not in _MOVES_NOTHING
        yield grouping.Ran((op,) if op else (), operator, tuple(seconds), moves=moves)
