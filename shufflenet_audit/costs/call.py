"""Kept until nobody imports it from here: see `shufflenet_audit.call`."""

from shufflenet_audit.call import Call, Place, Spec

__all__ = ["Call", "Place", "Spec"]
