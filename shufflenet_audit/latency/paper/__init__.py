"""The experiments of the paper, repeated on this machine."""
