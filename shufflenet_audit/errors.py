"""What a user can mend: each error says the cause and the cure in one line."""

from __future__ import annotations


class AuditError(Exception):
    """The audit could not be judged, for a reason that the user can mend."""


class LoadError(AuditError):
    """The model could not be found, read or built."""


class InputError(AuditError):
    """The example inputs do not fit: badly spelled, or refused by the model."""


class TraceError(AuditError):
    """The model raised while it ran, or needs what a trace cannot give."""


class FormatError(AuditError):
    """A saved audit, an option or a configuration is not in the form it must have."""


class ConfigError(FormatError):
    """A configuration has mistakes: all of them, each in a line of its own."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


class NotFoundError(AuditError):
    """No rule, report, network or backend goes by that name."""


class UnavailableError(AuditError):
    """A backend or a device that this machine does not have, or lacks a package for."""
