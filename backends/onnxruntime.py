"""The ONNX Runtime backend: the exported model, optimised and fused, timed by its own profiler."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from shufflenet_audit.plugin import (
    Exported,
    Kernel,
    Session,
    Task,
    backend,
    kernels,
    onnxruntime_profile,
)

_ERRORS_ONLY = 3
_PROVIDERS = ("CPUExecutionProvider",)


def _file(task: Task) -> Exported:
    """The ONNX file that it runs."""
    from ._onnx_export import exported  # noqa: PLC0415  (it needs onnx, which is optional)

    return exported(task)


@backend("onnxruntime", export=_file, requires=("onnx", "onnxscript", "onnxruntime"))
def onnxruntime(task: Task) -> Session:
    """Exported to ONNX, and run with all of the runtime's optimisations."""
    import onnxruntime as runtime  # noqa: PLC0415  (optional: the engine looks whether it is there)

    export = _file(task)
    folder = TemporaryDirectory(prefix="shufflenet-audit-")
    plain = runtime.InferenceSession(export.model, _options(task), _PROVIDERS)
    profiled = runtime.InferenceSession(export.model, _options(task, folder.name), _PROVIDERS)
    names = (given.name for given in plain.get_inputs())
    feed = {name: leaf.numpy() for name, leaf in zip(names, task.leaves, strict=True)}

    def timed() -> tuple[Kernel, ...]:
        with folder:
            seen = onnxruntime_profile.read(
                Path(profiled.end_profiling()).read_text(encoding="utf-8")
            )
        return tuple(
            kernels.kernels(task.graph, onnxruntime_profile.ran(seen.nodes, export.origins))
        )

    return Session(
        whole=lambda: plain.run(None, feed),
        instrumented=lambda: profiled.run(None, feed),
        kernels=timed,
        versions=(("onnxruntime", runtime.__version__),),
    )


def _options(task: Task, folder: str = "") -> Any:
    """As many threads as asked for; where a folder is given, a profile is written to it."""
    import onnxruntime as runtime  # noqa: PLC0415  (see above)

    options = runtime.SessionOptions()
    options.intra_op_num_threads = task.settings.threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    options.enable_profiling = bool(folder)
    options.profile_file_prefix = str(Path(folder) / "profile")
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    return options
