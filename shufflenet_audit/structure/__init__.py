"""Frozen data as JSON and back, and its JSON Schema: all three from the type hints."""
