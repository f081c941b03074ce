"""A pickle: weights without a model, or a whole module. It is looked at, and loaded if trusted."""

from __future__ import annotations

import pickletools
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from shufflenet_audit.errors import LoadError
from shufflenet_audit.loading.content import head, members
from shufflenet_audit.loading.loaded import Loaded
from shufflenet_audit.loading.request import Request

# What a pickle of tensors is made of. A class of anything else is a module's, or a surprise.
_OF_TENSORS: Final = (
    "torch",
    "torch._utils",
    "torch.storage",
    "torch.serialization",
    "collections",
)
_PICKLE: Final = b"\x80"
_CURE: Final = "name the code that builds the model, as in model.py:build"


def recognises(request: Request) -> bool:
    """Whether it is a file written by torch.save, pickle or safetensors."""
    if not request.is_file:
        return False
    start = head(request.path)
    return start.startswith(_PICKLE) or _is_safetensors(start) or bool(_pickle_in(request.path))


def load(request: Request) -> Loaded:
    """The module in it, if the user trusts it; else an error that says what is in the file."""
    path = request.path
    classes = [] if _is_safetensors(head(path)) else list(_classes(path))
    others = [each for each in classes if each.rpartition(".")[0] not in _OF_TENSORS]
    if others and request.allow_pickle:
        from shufflenet_audit.loading.files import unpickled  # noqa: PLC0415  (it needs torch)

        return unpickled.load(request)
    if others:
        message = (
            f"{path} is a pickle of {others[0]}: loading it would run whatever code is in it;"
            f" {_CURE}, save the model with torch.export.save, or trust it with --allow-pickle"
        )
    else:
        message = f"{path} holds weights without a model (a state_dict): {_CURE}"
    raise LoadError(message)


def _is_safetensors(start: bytes) -> bool:
    """Whether it begins as safetensors do: with the length of a JSON object, and the object."""
    return start[8:10] == b'{"' and int.from_bytes(start[:8], "little") < 1 << 32


def _pickle_in(path: Path) -> str:
    """The pickle in an archive by torch.save; none in one of TorchScript, which has code too."""
    names = members(path)
    if any("/code/" in name for name in names):
        return ""
    return next((name for name in names if name.endswith("/data.pkl")), "")


def _classes(path: Path) -> Iterator[str]:
    """The classes and functions that a pickle names, as far as it can be read."""
    try:
        if name := _pickle_in(path):
            with zipfile.ZipFile(path) as archive, archive.open(name) as file:
                yield from _named(file)
        else:
            with path.open("rb") as file:
                for _ in range(5):  # an old file by torch.save is five pickles in a row
                    yield from _named(file)
    except (OSError, ValueError, zipfile.BadZipFile):
        return


def _named(file: IO[bytes]) -> Iterator[str]:
    """The names that one pickle imports. From protocol 4 on they are the two strings before."""
    strings: list[str] = []
    for opcode, argument, _ in pickletools.genops(file):
        if opcode.name == "GLOBAL":
            yield str(argument).replace(" ", ".")
        elif opcode.name == "STACK_GLOBAL" and len(strings) > 1:
            yield ".".join(strings[-2:])
        elif isinstance(argument, str):
            strings.append(argument)
