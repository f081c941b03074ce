"""Time per op, measured on this machine or read from a profile."""
