"""Explains to a model's author why the model raised, or tells that the engine has a bug."""
