"""Models saved in other files: pickles, TorchScript, folders of transformers."""
