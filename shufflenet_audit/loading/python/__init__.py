"""Models built by Python code: a file or an import path."""
