"""The vocabulary: a network as a graph of costed ops, its parts, its totals, its times."""
