"""Models in saved files: pickles, TorchScript archives, configurations of transformers."""
