"""A model of transformers, from the config.json in a folder: built without weights or downloads."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shufflenet_audit.errors import LoadError
from shufflenet_audit.loading.content import head, whole
from shufflenet_audit.loading.files.saved_model import whole as nothing_else
from shufflenet_audit.loading.loaded import Loaded
from shufflenet_audit.loading.request import Request

if TYPE_CHECKING:  # importing torch takes seconds
    from torch import nn


def recognises(request: Request) -> bool:
    """Whether it is a folder with a config.json that transformers wrote, or that file itself."""
    file = _file(request)
    return file is not None and "model_type" in _config(file)


def load(request: Request) -> Loaded:
    """The model that the configuration describes."""
    nothing_else(request, "a configuration of transformers")
    file = _file(request)
    if file is None or find_spec("transformers") is None:
        message = f"{request.path} is a model of transformers: pip install transformers to build it"
        raise LoadError(message)
    from shufflenet_audit.loading.inputs.example import inputs  # noqa: PLC0415  (they need torch)
    from shufflenet_audit.loading.python.building import built  # noqa: PLC0415  (they need torch)

    config = _config(file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model, build = built(lambda: _model(config))
    except Exception as error:
        said = " ".join(str(error).split())
        message = f"{file}: transformers cannot build it: {said}"
        raise LoadError(message) from error
    given = inputs(model, request.inputs)
    assumed = (given.assumption,) if given.assumption else ()
    return Loaded(request.name, model, given.args, given.kwargs, build, assumed)


def _file(request: Request) -> Path | None:
    """The configuration that is meant, if there is one."""
    path = request.path
    file = path / "config.json" if path.is_dir() else path
    return file if file.is_file() and head(file, 1) == b"{" else None


def _config(file: Path) -> Mapping[str, Any]:
    try:
        config = json.loads(whole(file))
    except (ValueError, RecursionError):
        return {}
    return _harmless(config) if isinstance(config, dict) else {}


def _harmless(config: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration that makes transformers fetch neither weights nor kernels."""
    kept = {key: value for key, value in config.items() if not _FETCHES.search(key)}
    return {key: _harmless(value) if isinstance(value, dict) else value
            for key, value in kept.items()}  # fmt: skip


_FETCHES = re.compile("_implementation|use_pretrained_backbone|auto_map|quantization_config")


def _model(config: Mapping[str, Any]) -> nn.Module:
    """A model of the class that the configuration names, or else of the one without a head."""
    import transformers  # noqa: PLC0415  (an optional package, slow to import)

    if config["model_type"] not in transformers.CONFIG_MAPPING:
        message = (
            f"version {transformers.__version__} knows no {config['model_type']!r}: upgrade it"
        )
        raise ValueError(message)
    known = transformers.AutoConfig.for_model(**config)
    for name in config.get("architectures") or ():
        found = getattr(transformers, str(name), None)
        if isinstance(found, type) and issubclass(found, transformers.PreTrainedModel):
            model: nn.Module = found(known)
            return model
    automatic: Any = transformers.AutoModel  # it is not annotated
    without_head: nn.Module = automatic.from_config(known, trust_remote_code=False)
    return without_head
