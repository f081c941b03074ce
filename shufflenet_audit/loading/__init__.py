"""Files, names and imports become models or graphs."""
