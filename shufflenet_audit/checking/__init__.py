"""Rules, applied to a graph: guidelines with their metrics, verdicts and findings."""
