"""Time per op: the timer, the devices, the prediction, the paper's experiments."""
