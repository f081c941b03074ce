"""A model, run once with its weights, becomes a program that can be rewritten."""

from shufflenet_audit.fixing.capture.captured import Capture, captured

__all__ = ["Capture", "captured"]
