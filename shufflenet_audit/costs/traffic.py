"""Kept until nobody imports it from here: see `shufflenet_audit.call`."""

from shufflenet_audit.call import NONE, traffic

__all__ = ["NONE", "traffic"]
