"""The built-in rules, one per file. They are found through entry points, never imported."""
