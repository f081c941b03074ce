"""Turns an ONNX file into the same graph of costed ops as a PyTorch module, without running it."""
