"""A PyTorch module becomes the calls that it makes, by running it once on meta tensors."""
