"""The flow: load, trace, cost, check, time, hold against the project."""
