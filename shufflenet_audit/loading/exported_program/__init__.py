"""Models saved by `torch.export.save`."""
