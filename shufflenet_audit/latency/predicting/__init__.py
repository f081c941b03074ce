"""Time per op, predicted for a device from its rates."""
