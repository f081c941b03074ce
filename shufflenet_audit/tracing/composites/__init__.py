"""Ops that PyTorch decomposes and the trace records as one, and the other way round."""
