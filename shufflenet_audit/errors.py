"""Errors that a user can fix: each says cause and cure in one line."""

from __future__ import annotations


class AuditError(Exception):
    """The audit could not be made, for a reason that the user can fix."""


class LoadError(AuditError):
    """The model could not be found, read or built."""


class InputError(AuditError):
    """The example inputs are misspelled, or the model does not accept them."""


class TraceError(AuditError):
    """The model raised an exception while it ran, or needs values that a trace does not have."""


class FormatError(AuditError):
    """A saved audit, an option or a configuration does not have the required form."""


class ConfigError(FormatError):
    """A configuration has mistakes; `mistakes` lists all of them, one per line."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


class NotFoundError(AuditError):
    """No rule, report, network or backend has this name."""


class UnavailableError(AuditError):
    """The device, or a package that the backend needs, is not on this machine."""
