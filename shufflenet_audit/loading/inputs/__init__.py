"""Example inputs: typed by the user, returned by a file, or inferred from the model."""
