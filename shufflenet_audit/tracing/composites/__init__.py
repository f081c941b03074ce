"""Ops that PyTorch takes apart, and that are recorded as one."""
