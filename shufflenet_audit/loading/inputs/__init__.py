"""Example inputs: written by the user, proposed by a file, or inferred from the model."""
