"""Shapes and layouts on meta tensors, where PyTorch has none or is slow."""
