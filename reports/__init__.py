"""The built-in reports, one per file. They are found through entry points, never imported."""
