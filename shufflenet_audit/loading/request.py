"""Which model a user wants to audit, as it was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shufflenet_audit.errors import LoadError
from shufflenet_audit.loading.inputs.input_spec import InputSpec


@dataclass(frozen=True, slots=True)
class Request:
    """A model that a user wants to audit."""

    model: str
    """The model as it was typed: a reference network, a file, `file:name` or `module:name`."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """Arguments for what builds the model, by name."""
    inputs: tuple[InputSpec, ...] = ()
    """Example inputs; if there are none, they are inferred."""
    allow_pickle: bool = False
    """Whether the user trusts a pickle, so that the code in it may run."""

    @property
    def path(self) -> Path:
        """The file or folder that may be meant, whether it exists or not."""
        return Path(self._split()[0])

    @property
    def attribute(self) -> str:
        """The name after the last colon; empty if there is none."""
        return self._split()[1]

    @property
    def is_file(self) -> bool:
        """Whether the path is an ordinary file."""
        return self.path.is_file()

    @property
    def name(self) -> str:
        """The model and the arguments, as a report shows them."""
        given = ", ".join(f"{key}={value!r}" for key, value in self.arguments.items())
        return f"{self.model} ({given})" if given else self.model

    def _split(self) -> tuple[str, str]:
        """Path and attribute. A file name may have a colon, so the whole text is tried first."""
        path, colon, attribute = self.model.rpartition(":")
        try:
            if not colon or not path or Path(self.model).exists():
                return self.model, ""
        except OSError as error:
            message = f"{self.model} cannot be read: {error.strerror}"
            raise LoadError(message) from error
        return path, attribute
