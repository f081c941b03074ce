"""Time per op: measured on this machine, or predicted for a device."""
