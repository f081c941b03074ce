"""What a user asked to have audited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shufflenet_audit.errors import LoadError
from shufflenet_audit.loading.inputs.input_spec import Example


@dataclass(frozen=True, slots=True)
class Request:
    """
    A model as it was typed, arguments for what builds it, and example inputs.

    `path` is the part of it that may be a file, `attribute` the part after the last colon.
    `allow_pickle` says that a pickle is trusted, and may run the code in it.
    """

    model: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    inputs: tuple[Example, ...] = ()
    allow_pickle: bool = False

    @property
    def path(self) -> Path:
        """The file or folder that may be meant, there or not."""
        return Path(self._split()[0])

    @property
    def attribute(self) -> str:
        """What is named after the colon; nothing if nothing is."""
        return self._split()[1]

    @property
    def is_file(self) -> bool:
        """Whether an ordinary file is meant."""
        return self.path.is_file()

    @property
    def name(self) -> str:
        """The model and the arguments, as a report shows them."""
        given = ", ".join(f"{key}={value!r}" for key, value in self.arguments.items())
        return f"{self.model} ({given})" if given else self.model

    def _split(self) -> tuple[str, str]:
        """A file may have a colon in its name, so the whole is looked for first."""
        path, colon, attribute = self.model.rpartition(":")
        try:
            if not colon or not path or Path(self.model).exists():
                return self.model, ""
        except OSError as error:
            message = f"{self.model} cannot be read: {error.strerror}"
            raise LoadError(message) from error
        return path, attribute
